"""Figures as one JSON document: what the load engine leaves, and the runner reads.

Version 2; 1 knew no aborted loads, no checked answers and no count of the system's own. Histograms are objects of
bucket to count. A document without `closed: true` was cut off. Whatever is not exactly of this shape raises
`ValueError`: figures that can't be read never count.
"""

import json
from collections.abc import Mapping
from typing import Any

from harness.model.figures import (
    AnswersChecked,
    Figures,
    GaugeFigures,
    Generator,
    OperationFigures,
    ScriptError,
    Served,
    Slice,
)

_Part = OperationFigures | Slice | GaugeFigures | Generator | ScriptError | AnswersChecked | Served
KIND, VERSION = "harness/load-figures", 2


def write_figures(figures: Figures) -> bytes:
    """The document."""
    document = {
        "kind": KIND,
        "version": VERSION,
        "closed": figures.closed,
        "window_s": figures.window_s,
        "slice_s": figures.slice_s,
        "warm_up_s": figures.warm_up_s,
        "arrivals": figures.arrivals,
        "begun": figures.begun,
        "dropped": figures.dropped,
        "setup_failed": figures.setup_failed,
        "problem": list(figures.problem) if figures.problem else None,
        "generator": _plain(figures.generator),
        "operations": [_plain(one) for one in figures.operations],
        "slices": [_plain(one) for one in figures.slices],
        "gauges": [_plain(one) for one in figures.gauges],
        "script_errors": [_plain(one) for one in figures.script_errors],
        "aborted": list(figures.aborted) if figures.aborted else None,
        "answers": _plain(figures.answers) if figures.answers else None,
        "served": _plain(figures.served) if figures.served else None,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def read_figures(body: bytes) -> Figures:
    """The figures of a document; `ValueError` where it is not one of ours, whole and of a known version."""
    try:
        document = json.loads(body)
        if document["kind"] != KIND or document["version"] not in {1, VERSION}:
            raise ValueError(f"it is {document['kind']} version {document['version']}, not {KIND} {VERSION}")
        return _figures(document)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"it has not the shape of {KIND} {VERSION}: {error}") from error


def _figures(document: Mapping[str, Any]) -> Figures:
    problem = document["problem"]
    later = {"aborted": None, "answers": None, "served": None} if document["version"] == 1 else document
    aborted, answers = later["aborted"], later["answers"]
    return Figures(
        closed=document["closed"] is True,
        window_s=float(document["window_s"]),
        slice_s=float(document["slice_s"]),
        warm_up_s=float(document["warm_up_s"]),
        arrivals=_count_or_none(document["arrivals"]),
        begun=_count_or_none(document["begun"]),
        dropped=_count_or_none(document["dropped"]),
        operations=tuple(OperationFigures(**_revived(one)) for one in document["operations"]),
        slices=tuple(Slice(**_revived(one)) for one in document["slices"]),
        gauges=tuple(_gauge(one) for one in document["gauges"]),
        generator=Generator(**_revived(document["generator"])),
        script_errors=tuple(ScriptError(**one) for one in document["script_errors"]),
        setup_failed=int(document["setup_failed"]),
        problem=(str(problem[0]), str(problem[1])) if problem else None,
        aborted=(str(aborted[0]), float(aborted[1])) if aborted else None,
        answers=AnswersChecked(**answers) if answers else None,
        served=Served(**later["served"]) if later["served"] else None,
    )


def _gauge(entry: Mapping[str, Any]) -> GaugeFigures:
    readings = tuple((float(at_s), float(value)) for at_s, value in entry["readings"])
    return GaugeFigures(name=entry["name"], readings=readings)


def _plain(value: _Part) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _revived(entry: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has only texts as keys: the buckets of histograms are whole numbers again."""
    return {name: _buckets(value) if name in _HISTOGRAMS else value for name, value in entry.items()}


_HISTOGRAMS = frozenset({"response_us", "service_us", "late_us"})


def _buckets(entry: Mapping[str, int]) -> dict[int, int]:
    return {int(bucket): int(count) for bucket, count in entry.items()}


def _count_or_none(value: object) -> int | None:
    if value is not None and not isinstance(value, int):
        raise ValueError(f"a count is a whole number, not {value!r}")
    return value
