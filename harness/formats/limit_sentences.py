"""Limits as sentences: "p95 < 300 ms", "errors < 0.1 %", "rate > 1000 /s", "dropped = 0".

A sentence is a measure, a relation and a figure with the unit of that measure. What cannot be
read, or could never hold, raises `ValueError` with a whole sentence; the caller knows the line.
"""

import difflib
import re

from harness.formats.units import per_second, seconds, share, size_bytes
from harness.model.load import Abort, Limit

CONTRACT_ERRORS = "contract-errors"
_ABORT = re.compile(r"(?P<sentence>.*\S)\s+for\s+(?P<time>\S.*?)\s*")
_SENTENCE = re.compile(r"\s*([A-Za-z][\w.-]*)\s*(<=|>=|<|>|=)\s*(\S.*?)\s*")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)")
_TIMES = ("mean", "max")
_COUNTS = ("dropped", "requests")
GAUGE_MEASURES = ("growth", "max", "last")
_MEASURES = ("p50", "p90", "p95", "p99", "p99.9", *_TIMES, "errors", CONTRACT_ERRORS, "rate", *_COUNTS)


def read_limit(subject: str, text: str, *, watched: bool = False) -> Limit:
    """The limit that a sentence sets for `all`, an operation or (`watched`) a gauge; times become ms, shares of one."""
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a limit; write it like "p95 < 300 ms" or "errors < 0.1 %"')
    measure, relation, figure = match.groups()
    value, unit = _gauge_value(measure, figure, text) if watched else _value(measure, figure, text)
    if value == 0 and relation == "<":
        raise ValueError(f'"{text}" can never hold; write "{measure} = 0"')
    if subject != "all" and measure == "dropped":
        raise ValueError("an arrival is dropped before it is an operation: set `dropped` for `all`")
    if subject != "all" and measure == CONTRACT_ERRORS:
        raise ValueError(f"answers are checked by samples over all operations: set `{CONTRACT_ERRORS}` for `all`")
    return Limit(subject=subject, measure=measure, relation=relation, value=value, text=text.strip(), unit=unit)


def read_abort(text: str) -> Abort:
    """`errors > 50 % for 10 s`: what ends a load before its time."""
    match = _ABORT.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" does not say how long; write it like "errors > 50 % for 10 s"')
    limit = read_limit("all", match["sentence"])
    if not (is_time(limit.measure) or limit.measure in {"errors", "dropped"}) or limit.measure == "mean":
        raise ValueError(f"a load can't be ended by `{limit.measure}`: use a percentile, max, errors or dropped")
    if limit.relation not in {">", ">="}:
        raise ValueError(f'"{text}" would end a load that does well; write it like "errors > 50 % for 10 s"')
    for_s = seconds(match["time"])
    if for_s < 1:
        raise ValueError(f'"{text}" looks at less than a second: the figures are told once a second')
    return Abort(limit=limit, for_s=for_s, text=text.strip())


def is_time(measure: str) -> bool:
    """Whether a measure is a time in ms."""
    return measure in _TIMES or _PERCENTILE.fullmatch(measure) is not None


def _value(measure: str, figure: str, text: str) -> tuple[float, str]:
    if is_time(measure):
        return seconds(figure) * 1000, "ms"
    if measure in {"errors", CONTRACT_ERRORS}:
        return (0.0 if figure == "0" else share(figure)), "share"
    if measure == "rate":
        return per_second(figure), "/s"
    if measure in _COUNTS:
        return _count(measure, figure), "count"
    raise _unknown(measure, text, _MEASURES)


def _gauge_value(measure: str, figure: str, text: str) -> tuple[float, str]:
    """A gauge counts, or is a size: `growth < 30 MB`."""
    if measure not in GAUGE_MEASURES:
        raise _unknown(measure, text, GAUGE_MEASURES)
    if figure.isascii() and figure.isdigit():
        return float(figure), "count"
    return size_bytes(figure), "bytes"


def _count(measure: str, figure: str) -> float:
    if not figure.isascii() or not figure.isdigit():
        raise ValueError(f'{measure} is a count: write a whole number, not "{figure}"')
    return float(figure)


def _unknown(measure: str, text: str, known: tuple[str, ...]) -> ValueError:
    near = difflib.get_close_matches(measure, known, n=1, cutoff=0.6)
    hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(known)}"
    return ValueError(f'`{measure}` in "{text}" is nothing that is measured{hint}')
