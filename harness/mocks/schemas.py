"""The schemas of a contract as JSON Schema 2020-12, one book for each direction, validators compiled once.

OpenAPI 3.0's dialect is translated (`nullable`, boolean `exclusiveMinimum`, `$ref` without siblings), integer
formats become bounds, and what must not travel in a direction (`readOnly` out, `writeOnly` back) is not required
there; a `writeOnly` property in an answer is a violation. Every schema that a reference names is an entry of
the book, so recursion is a reference inside it.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from harness.mocks.messages import Violation

_ONE = (
    "additionalProperties", "items", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_DROPPED = frozenset({"$id", "$schema", "$anchor", "$dynamicAnchor", "$defs", "definitions", "nullable", "$comment"})
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_FEW = 24
_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Direction(StrEnum):
    """Which way a value travels: to the dependency, or back."""

    REQUEST = "request"
    RESPONSE = "response"


class Broken(Exception):
    """A part of the contract that cannot be used; the message says which and why."""


def at_pointer(document: Mapping[str, Any], ref: str) -> Any:
    """What a local reference (`#/…`) names; `Broken` where it names nothing."""
    if not ref.startswith("#/"):
        raise Broken(f"the reference {ref} leaves the document")
    node: Any = document
    for part in ref[2:].split("/"):
        key = _unescaped(part)
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise Broken(f"the reference {ref} names nothing") from None
    return node


def resolved(document: Mapping[str, Any], node: Any) -> Any:
    """The node itself, or what its `$ref` finally names."""
    for _ in range(64):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            return node
        node = at_pointer(document, node["$ref"])
    raise Broken("a reference leads back to itself")


class Book:
    """All schemas that travel in one direction, each translated when first named; add, then ask for validators.

    `heights` remembers how deep a value of an entry must be, for those who make values.
    """

    def __init__(self, document: Mapping[str, Any], *, direction: Direction, old: bool) -> None:
        self.entries: dict[str, Any] = {}
        self.gaps: list[str] = []
        self.heights: dict[str, int] = {}
        self._document = document
        self._direction = direction
        self._old = old
        self._by_ref: dict[str, str] = {}
        self._broken: dict[str, str] = {}
        self._uses: dict[str, frozenset[str]] = {}
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._registry: jsonschema_rs.Registry | None = None
        self._registered = 0

    def add(self, schema: Any) -> str:
        """Enter a schema of the document; gives the name of its entry."""
        if isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str) and (self._old or len(schema) == 1):
            return self._entry(schema["$ref"])
        name = f"s{len(self.entries)}"
        self.entries[name] = True
        self.entries[name] = self._translated(schema, frozenset())
        return name

    def enter(self, schema: Any) -> str:
        """Enter a schema that is already the book's own (a property of an entry)."""
        name = f"s{len(self.entries)}"
        self.entries[name] = schema
        return name

    def validator(self, name: str) -> jsonschema_rs.Validator:
        """The compiled validator of an entry; `Broken` where the schema itself is wrong."""
        if name not in self._validators:
            try:
                self._validators[name] = self._compiled(name)
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                raise Broken(f"a schema cannot be used: {str(error).splitlines()[0]}") from None
        return self._validators[name]

    def _compiled(self, name: str) -> jsonschema_rs.Validator:
        """Alone with what it names while that is little; else beside all that was entered so far, which is shared."""
        needed = self._reached(name)
        for one in needed & self._broken.keys():
            raise Broken(self._broken[one])
        if len(needed) <= _FEW:
            alone = {"$ref": f"#/$defs/{name}", "$defs": {one: self.entries[one] for one in needed}}
            return jsonschema_rs.Draft202012Validator(alone, validate_formats=True)
        if self._registry is None or self._registered != len(self.entries):
            self._registry = jsonschema_rs.Registry([(self._urn, {"$defs": self.entries})])
            self._registered = len(self.entries)
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{self._urn}#/$defs/{name}"}, registry=self._registry, validate_formats=True
        )

    def _reached(self, name: str) -> frozenset[str]:
        """The entry and every other that it names, directly or not."""
        found = {name}
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one not in self._uses:
                self._uses[one] = frozenset(_named_in(self.entries[one])) & self.entries.keys()
            waiting += self._uses[one] - found
            found |= self._uses[one]
        return frozenset(found)

    @property
    def _urn(self) -> str:
        return f"urn:harness:mock:{self._direction.value}"

    def _entry(self, ref: str) -> str:
        if ref not in self._by_ref:
            name = self._by_ref[ref] = f"s{len(self.entries)}"
            self.entries[name] = True
            try:
                self.entries[name] = self._translated(at_pointer(self._document, ref), frozenset())
            except Broken as error:
                self._broken[name] = str(error)
        name = self._by_ref[ref]
        if name in self._broken:
            raise Broken(self._broken[name])
        return name

    def _translated(self, schema: Any, hidden: frozenset[str]) -> Any:
        if not isinstance(schema, Mapping):
            return schema if isinstance(schema, bool) else True
        ref = schema.get("$ref")
        if isinstance(ref, str) and (self._old or len(schema) == 1):
            return {"$ref": f"#/$defs/{self._entry(ref)}"}
        hidden = hidden | self._hidden(schema, 0)
        new: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                new[key] = f"#/$defs/{self._entry(value)}"
            elif key in _ONE and isinstance(value, Mapping | bool):
                new[key] = self._translated(value, frozenset())
            elif key in _MANY and isinstance(value, list):
                passed = hidden if key == "allOf" else frozenset()
                new[key] = [self._translated(one, passed) for one in value]
            elif key in _NAMED and isinstance(value, Mapping):
                new[key] = {name: self._translated(one, frozenset()) for name, one in value.items()}
            elif key not in _DROPPED:
                new[key] = value
        return self._spoken(new, schema, hidden)

    def _spoken(self, new: dict[str, Any], schema: Mapping[str, Any], hidden: frozenset[str]) -> Any:
        """Say in 2020-12 what the dialect says in its own way."""
        if hidden and isinstance(new.get("required"), list):
            new["required"] = [name for name in new["required"] if name not in hidden]
        if hidden and self._direction is Direction.RESPONSE and isinstance(new.get("properties"), dict):
            new["properties"] |= {name: False for name in new["properties"] if name in hidden}
        _bound(new)
        if not self._old:
            return new
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
                new[exclusive] = new.pop(bound)
        if new.get("format") == "byte" and "pattern" not in new:
            new["pattern"] = _BASE64
        return _nullable(new) if schema.get("nullable") is True else new

    def _hidden(self, schema: Mapping[str, Any], depth: int) -> frozenset[str]:
        """Names of properties that do not travel in this direction, here or in what `allOf` adds."""
        marker = "readOnly" if self._direction is Direction.REQUEST else "writeOnly"
        found = set()
        properties = schema.get("properties")
        for name, value in properties.items() if isinstance(properties, Mapping) else ():
            if isinstance(value, Mapping) and resolved(self._document, value).get(marker) is True:
                found.add(name)
        parts = schema.get("allOf")
        if isinstance(parts, list) and depth < 8:
            for part in parts:
                target = resolved(self._document, part)
                if isinstance(target, Mapping):
                    found |= self._hidden(target, depth + 1)
        return frozenset(found)


def violations_of(validator: jsonschema_rs.Validator, value: Any, where: str, limit: int = 10) -> tuple[Violation, ...]:
    """What a value breaks, worst first as the validator finds it; empty for a valid one."""
    try:
        if validator.is_valid(value):
            return ()
        found = []
        for error in validator.iter_errors(value):
            pointer = "".join(f"/{part}" for part in error.instance_path)
            found.append(Violation(where=where, pointer=pointer, message=_told(error, pointer), rule=error.kind.name))
            if len(found) == limit:
                break
        return tuple(found)
    except (UnicodeEncodeError, ValueError, RecursionError):
        return (Violation(where=where, message="holds text or a number that JSON cannot carry", rule="type"),)


_PRIVATE = re.compile(
    r"passw(or)?d|secret|token|authorization|(api|auth|access|private)-?key|credential|session|signature|cookie"
    r"|(?<![a-z0-9])(pin|cvv|cvc|sid|jwt|otp|auth|sig)(?![a-z0-9])"
)


def is_private(name: str) -> bool:
    """Whether a name speaks of a secret, whose value is never repeated."""
    return bool(_PRIVATE.search(name.lower().replace("_", "-")))


def _told(error: jsonschema_rs.ValidationError, pointer: str) -> str:
    if is_private(pointer):
        return f"does not satisfy `{error.kind.name}` (the value is not shown)"
    message = error.message
    return message if len(message) <= 300 else message[:140] + " … " + message[-140:]


def _named_in(schema: Any) -> Iterator[str]:
    """The entries that a schema of a book names."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rpartition("/")[2]
            elif isinstance(value, dict | list):
                yield from _named_in(value)
    elif isinstance(schema, list):
        for one in schema:
            if isinstance(one, dict | list):
                yield from _named_in(one)


def _bound(schema: dict[str, Any]) -> None:
    bounds = _BOUNDS.get(str(schema.get("format")))
    kinds = schema.get("type")
    if bounds is None or "integer" not in (kinds if isinstance(kinds, list) else [kinds]):
        return
    if "minimum" not in schema and not isinstance(schema.get("exclusiveMinimum"), int | float):
        schema["minimum"] = bounds[0]
    if "maximum" not in schema and not isinstance(schema.get("exclusiveMaximum"), int | float):
        schema["maximum"] = bounds[1]


def _nullable(schema: dict[str, Any]) -> Any:
    if isinstance(schema.get("type"), str) and not any(key in schema for key in ("allOf", "anyOf", "oneOf", "not")):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _unescaped(part: str) -> str:
    return unquote(part).replace("~1", "/").replace("~0", "~")
