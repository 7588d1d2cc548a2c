"""Frozen values to plain JSON and back, by their own type hints.

Empty tuples, empty texts and None are left out when written where they are what comes back: the
field's default, or empty where it has none. Reading is strict: an unknown key, a missing one, a wrong
kind or a value outside an enumeration is a `ShapeError` that names the path, so that no
half-understood file counts.
A union of classes carries `"is": "<class>"`. Converters are made once per class.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin

Json = Any
Read = Callable[[Any], Any]
Write = Callable[[Any], Json]
_DEEPEST = 100
_EMPTY: tuple[object, ...] = (None, (), "")
_PLAIN = (str, int, bool, float)


class ShapeError(ValueError):
    """A document is not of the shape it claims. The path to the place grows on the way up."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(f"{path} {problem}".lstrip())
        self.problem, self.path = problem, path

    def within(self, outer: str) -> "ShapeError":
        """The same problem, seen from outside."""
        return ShapeError(self.problem, f"{outer}{self.path}")


def to_json(value: Any) -> dict[str, Json]:
    """A frozen dataclass as a JSON object."""
    kind: Any = type(value)
    written: dict[str, Json] = _writer(kind)(value)
    return written


def from_json(kind: Any, data: Json, path: str = "") -> Any:
    """A value of `kind` from what `to_json` made; ShapeError with the path where it is not one."""
    try:
        return _reader(kind)(data)
    except ShapeError as error:
        raise error.within(path or kind.__name__) from None


@cache
def _writer(kind: Any) -> Write:
    if dataclasses.is_dataclass(kind):
        return _object_writer(kind)
    if get_origin(kind) is tuple:
        inside = [_writer(arg) for arg in get_args(kind) if arg is not Ellipsis]
        if get_args(kind)[-1] is Ellipsis:
            each = inside[0]
            return lambda value: [each(one) for one in value]
        return lambda value: [write(one) for write, one in zip(inside, value, strict=True)]
    if _is_union(kind):
        return _union_writer(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return lambda value: value.value
    return lambda value: value


def _object_writer(kind: Any) -> Write:
    # Writers of fields are looked up when used: a class may hold tuples of itself.
    hints = _hints(kind)
    fields = [
        (field.name, hints[field.name], _left_out(field, hints[field.name])) for field in dataclasses.fields(kind)
    ]

    writers: dict[str, Write] = {}

    def write(value: Any) -> dict[str, Json]:
        if not writers:
            writers.update((name, _writer(hint)) for name, hint, _ in fields)
        return {
            name: writers[name](inner)
            for name, _, left_out in fields
            if (inner := getattr(value, name)) != left_out or left_out is dataclasses.MISSING
        }

    return write


@cache
def _reader(kind: Any) -> Read:
    if dataclasses.is_dataclass(kind):
        return _object_reader(kind)
    if get_origin(kind) is tuple:
        return _tuple_reader(kind)
    if _is_union(kind):
        return _union_reader(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _member_reader(kind)
    return _plain_reader(kind)


def _object_reader(kind: Any) -> Read:
    # Readers of fields are looked up when first used: a class may hold tuples of itself.
    hints = _hints(kind)
    needed = {
        f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING and _never_empty(hints[f.name])
    }
    defaults = {f.name for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    empties = {name: _empty(hint) for name, hint in hints.items() if name not in defaults and name not in needed}
    readers: dict[str, Read] = {}
    plain = {name: hint for name, hint in hints.items() if hint in _PLAIN}  # most values, taken without a call

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise ShapeError("must be an object")
        values = dict(empties)
        for name, value in data.items():
            if type(value) is plain.get(name):
                values[name] = value
                continue
            try:
                reader = readers[name]
            except KeyError:
                if name not in hints:
                    raise ShapeError(f"has an unknown key `{name}`") from None
                reader = readers[name] = _reader(hints[name])
            try:
                values[name] = reader(value)
            except ShapeError as error:
                raise error.within(f".{name}") from None
        if not needed <= values.keys():
            raise ShapeError(f"lacks `{next(name for name in hints if name in needed and name not in values)}`")
        return kind(**values)

    return _bounded(read) if any(kind in get_args(hint) for hint in hints.values()) else read


def _bounded(read: Read) -> Read:
    """A class that holds itself is read to a depth from which whoever walks it comes back, too."""
    depth: ContextVar[int] = ContextVar("depth", default=0)

    def bounded(data: Any) -> Any:
        if depth.get() >= _DEEPEST:
            raise ShapeError("is nested too deep")
        outer = depth.set(depth.get() + 1)
        try:
            return read(data)
        finally:
            depth.reset(outer)

    return bounded


def _tuple_reader(kind: Any) -> Read:
    args = get_args(kind)

    def read(data: Any) -> Any:
        if not isinstance(data, list):
            raise ShapeError("must be a list")
        if args[-1] is not Ellipsis and len(data) != len(args):
            raise ShapeError(f"must have {len(args)} elements")
        each = [_reader(args[0])] * len(data) if args[-1] is Ellipsis else [_reader(arg) for arg in args]
        found = []
        for reader, one in zip(each, data, strict=True):
            try:
                found.append(reader(one))
            except ShapeError as error:
                raise error.within(f"[{len(found)}]") from None
        return tuple(found)

    return read


def _union_writer(kind: Any) -> Write:
    classes = [arg for arg in get_args(kind) if _is_class(arg)]
    if len(classes) > 1:
        return lambda value: {"is": type(value).__name__, **to_json(value)} if value is not None else None
    inner = _writer(next(arg for arg in get_args(kind) if arg is not type(None)))
    return lambda value: None if value is None else inner(value)


def _union_reader(kind: Any) -> Read:
    choices: list[Any] = [arg for arg in get_args(kind) if arg is not type(None)]
    classes: dict[str, Any] = {arg.__name__: arg for arg in choices if _is_class(arg)}

    def read(data: Any) -> Any:
        if data is None:
            return None
        if len(classes) < 2:
            return _reader(choices[0])(data)
        name = data.get("is") if isinstance(data, dict) else None
        if not isinstance(name, str) or name not in classes:
            raise ShapeError(f"must say which of {', '.join(classes)} it is")
        return _reader(classes[name])({key: inner for key, inner in data.items() if key != "is"})

    return read


def _member_reader(kind: type[StrEnum]) -> Read:
    members = {one.value: one for one in kind}

    def read(data: Any) -> Any:
        found = members.get(data) if isinstance(data, str) else None
        if found is None:
            raise ShapeError(f"is {data!r}, not one of {', '.join(kind)}")
        return found

    return read


def _plain_reader(kind: Any) -> Read:
    def read(data: Any) -> Any:
        if type(data) is kind:
            return data
        if kind is float and type(data) is int:
            return float(data)
        if not isinstance(data, kind) or isinstance(data, bool):
            raise ShapeError(f"must be {kind.__name__}, not {type(data).__name__}")
        return data

    return read


def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _is_class(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _never_empty(hint: Any) -> bool:
    """Whether a value of that hint is always written: not text, tuple or optional."""
    return not (hint is str or get_origin(hint) is tuple or (_is_union(hint) and type(None) in get_args(hint)))


def _left_out(field: "dataclasses.Field[Any]", hint: Any) -> Any:
    """The empty value that reading would give a field that is not there; MISSING where it is always written."""
    if field.default is not dataclasses.MISSING:
        return field.default if field.default in _EMPTY else dataclasses.MISSING
    return dataclasses.MISSING if _never_empty(hint) else _empty(hint)


def _empty(hint: Any) -> Any:
    if hint is str:
        return ""
    return () if get_origin(hint) is tuple else None
