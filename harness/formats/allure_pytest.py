"""What allure-pytest wrote in a job, read so that an author's steps, attachments, labels and links survive.

The outcome stays ours: a demonstration that ended well but showed nothing is not passed, whatever its own
result says. What cannot be read is left aside; the record's own result stands in its place.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from harness.formats.allure_result import Files, Json, attached_to, step, steps_of
from harness.model.evidence import Attachment, Evidence, Outcome, Step

_OURS = {"parentSuite", "suite", "subSuite", "tier", "tool"}
_RESULT, _CONTAINER = "-result.json", "-container.json"


@dataclass(slots=True)
class Written:
    """allure-pytest's results by full name, in the order they started, their fixtures, and the files they speak of.

    `told_in` says in which of our results each of theirs is told, by uuid.
    """

    results: dict[str, list[Json]] = field(default_factory=dict)
    fixtures: list[Json] = field(default_factory=list)
    beside: dict[str, bytes] = field(default_factory=dict)
    told_in: dict[str, str] = field(default_factory=dict)

    def take(self, full_name: str, uuid: str) -> list[Json]:
        """The results of one test, each handed out once, to the result of that uuid."""
        taken = self.results.pop(full_name, [])
        self.told_in |= {str(one.get("uuid")): uuid for one in taken}
        return taken

    def containers(self, there: Mapping[str, object]) -> Iterator[Json]:
        """Fixtures that have something to tell, pointing at the results in which their tests are told now."""
        for one in self.fixtures:
            children = dict.fromkeys(self.told_in.get(str(uuid), "") for uuid in _list(one.get("children")))
            known = [uuid for uuid in children if uuid]
            phases = {key: [each for each in _objects(one.get(key)) if _tells(each)] for key in ("befores", "afters")}
            if known and any(phases.values()):
                yield without_lost({**one, **phases, "children": known}, there)


def read_written(results: Iterable[Evidence]) -> Written:
    """Sort out the files of all jobs. Environment and executor files are ours to write and are left aside."""
    found: defaultdict[str, list[Json]] = defaultdict(list)
    written = Written()
    for one in results:
        shape = _object(one.body) if one.name.endswith((_RESULT, _CONTAINER)) else None
        if shape is not None and one.name.endswith(_RESULT):
            found[str(shape.get("fullName", ""))].append(shape)
        elif shape is not None:
            written.fixtures.append(shape)
        elif "-attachment" in one.name:
            written.beside[one.name] = one.body
    written.results = {name: sorted(each, key=_started) for name, each in found.items()}
    return written


def full_name_of(folder: str, test: str) -> str:
    """`uat` and `test_orders.py::TestOpen::test_it` → `uat.test_orders.TestOpen#test_it`, as allure-pytest names it."""
    file, _, inside = test.partition("[")[0].partition("::")
    module = ".".join(PurePosixPath(folder, file).with_suffix("").parts)
    *classes, name = inside.split("::")
    return f"{'.'.join((module, *classes))}#{name}"


def author_labels(results: Sequence[Json]) -> list[Json]:
    """Labels of the author's own, each once."""
    seen: dict[tuple[str, str], Json] = {}
    for result in results:
        for label in _objects(result.get("labels")):
            if label.get("name") not in _OURS:
                seen.setdefault((str(label.get("name")), str(label.get("value"))), label)
    return list(seen.values())


def author_list(results: Sequence[Json], key: str) -> list[Json]:
    """`links` or `parameters` of all results, each once."""
    return list({json.dumps(one, sort_keys=True): one for r in results for one in _objects(r.get(key))}.values())


def told_steps(
    results: Sequence[Json], steps: Sequence[Step], attachments: Sequence[Attachment], files: Files
) -> list[Json]:
    """The author's steps with our evidence laid into those of the same title; ours that found no place follow."""
    left = list(steps)
    if len(results) == 1:
        told = _laid(_objects(results[0].get("steps")), left, attachments, files)
        return [*told, *steps_of(left, attachments, files)]
    told = []
    for result in results:
        own = next((one for one in left if one.title in {result.get("name"), _called(result)}), None)
        inner = list(own.steps) if own else []
        if own:
            left.remove(own)
        whole = step(str(result.get("name", "?")), _outcome(result))
        laid = _laid(_objects(result.get("steps")), inner, attachments, files)
        whole["steps"] = [*laid, *steps_of(inner, attachments, files)]
        whole["attachments"] = author_attachments(result)
        whole["parameters"] = _objects(result.get("parameters"))
        told.append(whole)
    return [*told, *steps_of(left, attachments, files)]


def author_attachments(result: Json) -> list[Json]:
    """Attachments of the test itself."""
    return _objects(result.get("attachments"))


def without_lost(value: Any, there: Mapping[str, object]) -> Any:
    """The same result without attachments whose file was kept back: an empty frame would tell nothing."""
    if isinstance(value, list):
        return [without_lost(one, there) for one in value]
    if not isinstance(value, dict):
        return value
    cleaned = {key: without_lost(one, there) for key, one in value.items()}
    if isinstance(cleaned.get("attachments"), list):
        lost = [one for one in _objects(cleaned["attachments"]) if one.get("source") not in there]
        cleaned["attachments"] = [one for one in cleaned["attachments"] if one not in lost]
        told = [step(f"withheld: {one.get('name', '?')}", Outcome.SKIPPED) for one in lost]
        cleaned["steps"] = [*_objects(cleaned.get("steps")), *told]
    return cleaned


def _laid(author: Sequence[Json], ours: list[Step], attachments: Sequence[Attachment], files: Files) -> list[Json]:
    """The author's steps; each of `ours` that has its title is taken out of the list and gives it its evidence."""
    laid = []
    for one in author:
        same = next((each for each in ours if _same_title(each.title, str(one.get("name", "")))), None)
        inner = list(same.steps) if same else []
        steps = _laid(_objects(one.get("steps")), inner, attachments, files)
        made = {**one, "steps": [*steps, *steps_of(inner, attachments, files)]}
        if same:
            ours.remove(same)
            shown = [files.attach(kept) for kept in attached_to(same, attachments)]
            made |= {"name": same.title, "status": same.outcome.value}
            made["attachments"] = [*_objects(one.get("attachments")), *shown]
        laid.append(made)
    return laid


def _tells(fixture: Json) -> bool:
    """A fixture that went well and left nothing to see is machinery, a dozen to a test."""
    return fixture.get("status") != "passed" or bool(fixture.get("steps") or fixture.get("attachments"))


def _same_title(ours: str, author: str) -> bool:
    return ours == author or ours.startswith(f"{author} · ")


def _called(result: Json) -> str:
    return str(result.get("fullName", "")).rpartition("#")[2]


def _outcome(result: Json) -> Outcome:
    try:
        return Outcome(str(result.get("status")))
    except ValueError:
        return Outcome.BROKEN


def _started(result: Json) -> int:
    start = result.get("start")
    return start if isinstance(start, int) else 0


def _object(body: bytes) -> Json | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _objects(value: object) -> list[Json]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
