"""How long, how many, how large."""

from collections.abc import Iterator

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, Node

_LOWEST = (
    ("minLength", "length"),
    ("minItems", "count of items"),
    ("minProperties", "count of properties"),
)
_HIGHEST = (
    ("maxLength", "length"),
    ("maxItems", "count of items"),
    ("maxProperties", "count of properties"),
)
_Edge = tuple[float, bool]


def bound_changes(at: Look, old: Node, new: Node) -> Iterator[Change]:
    """What changed in the bounds of a value."""
    for key, what in _LOWEST:
        yield from _moved(at, what, _plain(old, key), _plain(new, key), lowest=True)
    for key, what in _HIGHEST:
        yield from _moved(at, what, _plain(old, key), _plain(new, key), lowest=False)
    yield from _moved(at, "value", _edge(old, lowest=True), _edge(new, lowest=True), lowest=True)
    yield from _moved(at, "value", _edge(old, lowest=False), _edge(new, lowest=False), lowest=False)
    yield from _steps(at, _number(old.get("multipleOf")), _number(new.get("multipleOf")))
    if new.get("uniqueItems") is True and old.get("uniqueItems") is not True:
        yield at.narrowed("unique-items-asked", "its items must all be different", way="keep accepting equal items")
    if old.get("uniqueItems") is True and new.get("uniqueItems") is not True:
        yield at.widened("unique-items-lifted", "its items may be equal", reading=Weight.RISKY)


def _moved(at: Look, what: str, old: _Edge | None, new: _Edge | None, *, lowest: bool) -> Iterator[Change]:
    if old == new:
        return
    end = "least" if lowest else "most"
    said = f"its {what} is {_told(new, end)}, it was {_told(old, end)}"
    rule = f"{'min' if lowest else 'max'}-{what.replace(' ', '-')}"
    if old is None or (new is not None and _tighter(new, old, lowest=lowest)):
        yield at.narrowed(f"{rule}-tightened", said, way="keep accepting what was right")
    else:
        yield at.widened(f"{rule}-loosened", said, reading=Weight.RISKY, way="see that consumers have room for it")


def _tighter(new: _Edge, old: _Edge, *, lowest: bool) -> bool:
    if new[0] == old[0]:
        return new[1] and not old[1]
    return new[0] > old[0] if lowest else new[0] < old[0]


def _edge(schema: Node, *, lowest: bool) -> _Edge | None:
    """The bound of a number and whether it is itself excluded, in the words of OpenAPI 3.0 and of JSON Schema."""
    key, strict = ("minimum", "exclusiveMinimum") if lowest else ("maximum", "exclusiveMaximum")
    closed, open_ = _number(schema.get(key)), schema.get(strict)
    if isinstance(open_, bool) or open_ is None:
        return None if closed is None else (closed, open_ is True)
    apart = _number(open_)
    edges = [edge for edge in ((closed, False), (apart, True)) if edge[0] is not None]
    known = [(value, excluded) for value, excluded in edges if value is not None]
    if not known:
        return None
    return max(known) if lowest else min(known, key=lambda edge: (edge[0], not edge[1]))


def _plain(schema: Node, key: str) -> _Edge | None:
    value = _number(schema.get(key))
    if value is None or (key.startswith("min") and value == 0):
        return None
    return value, False


def _steps(at: Look, old: float | None, new: float | None) -> Iterator[Change]:
    if old == new:
        return
    said = f"it is a multiple of {new:g}" if new else f"it need not be a multiple of {old:g}"
    if new is None or (old is not None and old % new == 0):
        yield at.widened("multiple-loosened", said, reading=Weight.RISKY)
    else:
        yield at.narrowed("multiple-tightened", said, way="keep accepting what was right")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _told(edge: _Edge | None, end: str) -> str:
    if edge is None:
        return "without a bound"
    return f"at {end} {edge[0]:g}" + (" (itself excluded)" if edge[1] else "")
