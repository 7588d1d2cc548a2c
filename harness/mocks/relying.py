"""From what a mock wrote down to a contract of use: few interactions of each kind, and all that they need before them.

What an answer gave out (an id) and a later request used makes a link between the two. An interaction is kept with
everything it is linked to, in the order in which it happened, so that it can be asked again of a system with ids of
its own.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.formats.shape import ShapeError, from_json
from harness.mocks.value_kinds import may_be_id
from harness.model.evidence import Relied
from harness.model.uses import ContractOfUse, Link, Use

OF_EACH = 3
_DEEPEST = 20


@dataclass(slots=True)
class _Given:
    """A value that an answer gave out: by which interaction, where in its answer, and which operations took it."""

    by: int
    pointer: str
    taken_by: set[str] = field(default_factory=set)


def contract_of_use(
    dependency: str, folder: str, uses: bytes, standing: Mapping[str, Any], relied: tuple[Relied, ...] = ()
) -> ContractOfUse:
    """What was relied on. `uses` is the NDJSON that the mock wrote, `standing` the first line of its journal."""
    linked = _linked(tuple(_read(uses)))
    counted: Counter[str] = Counter()
    for one in relied:
        counted[f"{one.operation}@{one.status}"] += one.count
    return ContractOfUse(
        dependency=dependency,
        folder=folder,
        contract_sha256=str(standing.get("contract_sha256") or ""),
        stubs_sha256=str(standing.get("stubs_sha256") or ""),
        uses=_chosen(linked),
        kinds=tuple(sorted(counted.items())),
    )


def values_in(value: Any, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every plain value of a JSON value with its pointer."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from values_in(inner, f"{pointer}/{step}", depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from values_in(inner, f"{pointer}/{index}", depth + 1)
    else:
        yield pointer, value


def text_or_none(body: bytes, at_most: int) -> str | None:
    """A body as text; None where it is none, or longer than so many bytes."""
    if len(body) > at_most:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def json_or_none(text: str) -> Any:
    """The JSON value of a text; None where it is none."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _read(body: bytes) -> Iterator[Use]:
    for line in body.splitlines():
        try:
            entry = json.loads(line)
            entry["headers"] = entry.get("headers", [])
            yield from_json(Use, entry)
        except (ValueError, RecursionError, ShapeError, TypeError):
            continue  # the last line of a mock that was killed


def _linked(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """Each with links to those before it whose answers gave out what its request uses."""
    given: dict[str, list[_Given]] = {}
    words = [_ids_of_request(use) for use in uses]
    made = []
    for number, use in enumerate(uses):
        links = []
        for value in sorted(words[number]):
            source = _best(given.get(value, ()), use, words, number)
            if source is not None:
                source.taken_by.add(use.operation)
                links.append(Link(value=value, by=source.by, pointer=source.pointer))
        made.append(replace(use, links=tuple(links)))
        if use.method != "GET" and 200 <= use.status < 300:
            for pointer, value in values_in(json_or_none(use.answer_body)):
                if may_be_id(value) and value not in words[number]:
                    given.setdefault(value, []).append(_Given(by=number, pointer=pointer))
    return tuple(made)


def _best(given: "list[_Given] | tuple[()]", use: Use, words: list[set[str]], number: int) -> _Given | None:
    """Of those who gave a value out: who was asked with the same other ids, else who was not taken by this operation.

    A mock may give the same id to everybody; the real dependency does not.
    """
    if not given:
        return None
    others = words[number]

    def fits(one: _Given) -> tuple[int, bool]:
        return len(others & words[one.by]), use.operation not in one.taken_by

    return max(reversed(given), key=fits) if use.method != "DELETE" else max(given, key=fits)


def _ids_of_request(use: Use) -> set[str]:
    found = {step for step in use.path.split("/") if may_be_id(step)}
    found |= {part.partition("=")[2] for part in use.query.split("&") if may_be_id(part.partition("=")[2])}
    found |= {value for _, value in values_in(json_or_none(use.body)) if may_be_id(value)}
    return found


def _chosen(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """The first few of each kind and whatever they need, renumbered."""
    wanted: set[int] = set()
    counted: Counter[tuple[str, str]] = Counter()
    for number, use in enumerate(uses):
        key = (use.label, use.stub)
        if counted[key] < OF_EACH:
            counted[key] += 1
            _take(uses, number, wanted)
    order = {old: new for new, old in enumerate(sorted(wanted))}
    return tuple(
        replace(uses[old], links=tuple(replace(link, by=order[link.by]) for link in uses[old].links)) for old in order
    )


def _take(uses: tuple[Use, ...], number: int, wanted: set[int]) -> None:
    waiting = [number]
    while waiting:
        one = waiting.pop()
        if one not in wanted:
            wanted.add(one)
            waiting += [link.by for link in uses[one].links]
