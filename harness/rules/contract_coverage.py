"""What a run proved of a contract, promise by promise, and why the rest was not reached.

A promise is an operation's status, parameter, media type, example, keyword, or media type of an answer. Proved
means exercised and kept; what was only refused, accepted though forbidden, or never tried is named with the reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.model.contract import Operation

HOLLOW = "of any kind"  # the name of the answer that an operation promises nothing about


class Kind(StrEnum):
    """What is promised."""

    STATUS = "status"
    PARAMETER = "parameter"
    MEDIA = "media type"
    EXAMPLE = "example"
    KEYWORD = "keyword"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One promise of one operation; `why` it is not proved, empty where it is."""

    operation: str
    kind: Kind
    name: str
    why: str = ""

    @property
    def proved(self) -> bool:
        """Whether it was exercised and kept."""
        return not self.why


def coverage(
    operations: Iterable[Operation],
    cells: Iterable[tuple[str, str, str]],
    states: Mapping[tuple[str, str, str], str],
    seen: Mapping[str, Mapping[str, int]],
    clean: Mapping[str, Mapping[str, int]],
) -> tuple[Promised, ...]:
    """Every promise. Cells are (label, kind, name); `seen` and `clean` count answers by label and status."""
    by_label: dict[str, list[tuple[str, str, str]]] = {}
    for cell in cells:
        by_label.setdefault(cell[0], []).append(cell)
    made: list[Promised] = []
    for operation in operations:
        counts, good = seen.get(operation.label, {}), clean.get(operation.label, {})
        made += [
            Promised(operation=operation.id, kind=Kind.STATUS, name=status, why=_status(status, counts, good))
            for status in operation.statuses
        ]
        for cell in by_label.get(operation.label, ()):
            kind = Kind(cell[1])
            why = _answer(cell[2], counts) if kind is Kind.ANSWER and cell not in states else ""
            if kind is not Kind.ANSWER:
                why = _because(kind, states.get(cell), counts)
            made.append(Promised(operation=operation.id, kind=kind, name=cell[2], why=why))
    return tuple(made)


def shares(promised: Iterable[Promised]) -> dict[Kind, tuple[int, int]]:
    """(proved, promised) by kind, in the order of kinds; kinds without a promise are left out."""
    counts: dict[Kind, tuple[int, int]] = {}
    for one in promised:
        proved, all_ = counts.get(one.kind, (0, 0))
        counts[one.kind] = (proved + one.proved, all_ + 1)
    return {kind: counts[kind] for kind in Kind if kind in counts}


def undocumented(
    operations: Iterable[Operation], seen: Mapping[str, Mapping[str, int]]
) -> tuple[tuple[str, str, int], ...]:
    """(operation, status, count) of every answer that no operation documents."""
    return tuple(
        (operation.id, status, count)
        for operation in operations
        for status, count in sorted(seen.get(operation.label, {}).items())
        if not any(covers(documented, status) for documented in operation.statuses)
    )


def hollow(promised: Iterable[Promised]) -> tuple[str, ...]:
    """The operations of which no answer could break anything."""
    return tuple(one.operation for one in promised if one.kind is Kind.ANSWER and one.name == HOLLOW)


def below(promised: Iterable[Promised], floors: Iterable[tuple[str, float]]) -> tuple[tuple[str, float, float], ...]:
    """(kind, share, floor) of each floor that is not reached; what promises nothing reaches every floor."""
    counts = shares(promised)
    found = []
    for name, floor in floors:
        proved, all_ = counts.get(Kind(name), (0, 0))
        if all_ and proved / all_ < floor:
            found.append((name, proved / all_, floor))
    return tuple(found)


def covers(documented: str, status: str) -> bool:
    """`404` covers 404, `4XX` every 4xx, `default` everything."""
    if documented == "default":
        return True
    return documented == status or (documented[1:].upper() == "XX" and documented[:1] == status[:1])


def _status(status: str, counts: Mapping[str, int], clean: Mapping[str, int]) -> str:
    hit = [code for code in counts if covers(status, code)]
    if any(clean.get(code) for code in hit):
        return ""
    return "answered, but never as its schema says" if hit else _never(counts)


def _answer(name: str, counts: Mapping[str, int]) -> str:
    if name == HOLLOW:
        return "the contract says nothing about what it answers: any answer keeps it"
    status = name.partition(" ")[0]
    return (
        "the status came, but never in this media type and as its schema says" if counts.get(status) else _never(counts)
    )


def _because(kind: Kind, state: str | None, counts: Mapping[str, int]) -> str:
    match state:
        case "proved":
            return ""
        case "accepted":
            return "broken by itself, and not refused"
        case "refused" if kind is Kind.KEYWORD:
            return "broken by itself, and refused with a status that has other reasons (401, 403, 404, 405, 429)"
        case "refused":
            return "sent in a legal request, which was never accepted"
        case _:
            if not counts:
                return "the operation was never reached"
            return "no request broke this and nothing else" if kind is Kind.KEYWORD else "never sent in a legal request"


def _never(counts: Mapping[str, int]) -> str:
    if not counts:
        return "the operation was never reached"
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:4]
    return "never answered; instead " + ", ".join(f"{status} x {count}" for status, count in most)
