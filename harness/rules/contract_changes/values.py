"""Which values a schema allows: type, null, enumeration, format, pattern, default."""

import json
from collections.abc import Iterator

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, Node, Side, quoted

_ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_UNKNOWN = "consumers need a way for values that they don't know"


def value_changes(at: Look, old: Node, new: Node) -> Iterator[Change]:
    """What changed in the kinds of values."""
    yield from _types(at, old, new)
    yield from _enumeration(at, old, new)
    yield from _format(at, old.get("format"), new.get("format"))
    yield from _pattern(at, old.get("pattern"), new.get("pattern"))
    if old.get("default") != new.get("default") and at.side is Side.REQUEST:
        said = f"its default is {_shown(new, 'default')}, it was {_shown(old, 'default')}"
        yield at.told("default-changed", Weight.RISKY, said, "who leaves it out gets something else: keep the default")


def types_of(schema: Node) -> frozenset[str]:
    """The types that a schema allows; `integer` is told apart from `number`, which holds it."""
    written = schema.get("type")
    types = {written} if isinstance(written, str) else set(written) if isinstance(written, list) else set()
    if not types:
        return _ALL
    if schema.get("nullable") is True:
        types.add("null")
    if "number" in types:
        types.add("integer")
    return frozenset(map(str, types))


def _types(at: Look, old: Node, new: Node) -> Iterator[Change]:
    before, after = types_of(old), types_of(new)
    gone, come = before - after, after - before
    if come and gone and not before & after - {"null"}:
        said = f"its type is {_told(after)}, it was {_told(before)}"
        yield at.told(f"{at.side}-type-changed", Weight.BREAKING, said, "give the new kind of value a new name")
        return
    if "null" in gone:
        yield at.narrowed("null-forbidden", "it must not be null any more", way="keep accepting null")
    if "null" in come:
        yield at.widened("null-allowed", "it may be null", way="leave it out, or send an empty value")
    if gone - {"null"}:
        said = f"its type is {_told(after)}, it was {_told(before)}"
        yield at.narrowed("type-narrowed", said, way="keep accepting what was right")
    if come - {"null"}:
        yield at.widened("type-widened", f"its type is {_told(after)}, it was {_told(before)}", way="keep the type")


def _enumeration(at: Look, old: Node, new: Node) -> Iterator[Change]:
    before, after = _values(old), _values(new)
    if before is None:
        if after is None:
            return
        yield at.narrowed("enum-introduced", f"only {quoted(after)} is left", way="keep accepting other values")
        return
    if after is None:
        yield at.widened("enum-lifted", "any value may come", reading=Weight.RISKY, way=_UNKNOWN)
        return
    if before - after:
        said = f"{quoted(before - after)} is not among its values any more"
        yield at.narrowed("enum-value-removed", said, way="keep accepting it")
    if after - before:
        said = f"{quoted(after - before)} is new among its values"
        yield at.widened("enum-value-added", said, reading=Weight.RISKY, way=_UNKNOWN)


def _format(at: Look, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if old is None:
        yield at.narrowed("format-introduced", f"it must be of the format `{new}`", way="keep accepting other texts")
    elif new is None:
        yield at.widened(
            "format-lifted", f"it need not be of the format `{old}`", reading=Weight.RISKY, way="keep the format"
        )
    else:
        said = f"its format is `{new}`, it was `{old}`"
        yield at.told(f"{at.side}-format-changed", Weight.BREAKING, said, "give the new kind of value a new name")


def _pattern(at: Look, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if old is None:
        yield at.narrowed("pattern-introduced", f"it must match `{new}`", way="keep accepting other texts")
    elif new is None:
        yield at.widened("pattern-lifted", f"it need not match `{old}`", reading=Weight.RISKY, way="keep the pattern")
    else:
        said = f"its pattern is `{new}`, it was `{old}`: nobody can tell which of them allows more"
        yield at.told(f"{at.side}-pattern-changed", Weight.RISKY, said, "try the texts that consumers send or know")


def _values(schema: Node) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({_text(schema["const"])})
    written = schema.get("enum")
    return frozenset(map(_text, written)) if isinstance(written, list) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _shown(schema: Node, key: str) -> str:
    return f"`{_text(schema[key])}`" if key in schema else "not set"


def _told(types: frozenset[str]) -> str:
    shown = types - {"integer"} if "number" in types else types
    return "anything" if types == _ALL else " or ".join(sorted(shown))
