"""JSON Schemas of our own documents, made from the very types that read and write them.

Files under `harness/formats/schemas/` are these, written down for other people's tools; a test holds them equal.
A schema is as strict as the reader: an unknown key, a missing one or another kind is refused.
"""

import dataclasses
import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from harness.formats.documents import KINDS, VERSION

Schema = dict[str, Any]
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema_for(kind: Any) -> Schema:
    """The schema of one document kind (a class that `harness.formats.documents` writes)."""
    definitions: dict[str, Schema] = {}
    body = _object(kind, definitions)
    head = {"kind": {"const": KINDS[kind]}, "version": {"const": VERSION}, "about": {"type": "object"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{KINDS[kind]} version {VERSION}",
        **body,
        "properties": head | body["properties"],
        "required": sorted({"kind", "version", *body["required"]}),
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: Any, definitions: dict[str, Schema], tag: str | None = None) -> Schema:
    hints = get_type_hints(kind)
    properties = {field.name: _of(hints[field.name], definitions) for field in dataclasses.fields(kind)}
    required = [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and _always_written(hints[field.name])
    ]
    if tag is not None:
        properties = {"is": {"const": tag}, **properties}
        required.append("is")
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(required),
        "additionalProperties": False,
    }


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if dataclasses.is_dataclass(hint):
        return _named(hint, definitions)
    if get_origin(hint) is tuple:
        args = get_args(hint)
        if args[-1] is Ellipsis:
            return {"type": "array", "items": _of(args[0], definitions)}
        inside = [_of(arg, definitions) for arg in args]
        return {"type": "array", "prefixItems": inside, "minItems": len(inside), "maxItems": len(inside)}
    if get_origin(hint) in (Union, types.UnionType):
        return _union(hint, definitions)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [member.value for member in hint]}
    return {"type": _PLAIN[hint]}


def _union(hint: Any, definitions: dict[str, Schema]) -> Schema:
    choices = [arg for arg in get_args(hint) if arg is not type(None)]
    classes = [arg for arg in choices if dataclasses.is_dataclass(arg)]
    if len(classes) > 1:
        options = [_named(one, definitions, tag=True) for one in classes]
    else:
        options = [_of(choices[0], definitions)]
    if len(choices) < len(get_args(hint)):
        options.append({"type": "null"})
    return {"anyOf": options} if len(options) > 1 else options[0]


def _named(kind: Any, definitions: dict[str, Schema], *, tag: bool = False) -> Schema:
    """A reference to a class, defined once; members of a union carry their name, so they are defined apart."""
    name = f"{kind.__name__}-named" if tag else kind.__name__
    if name not in definitions:
        definitions[name] = {}  # a class may hold tuples of itself
        definitions[name] = _object(kind, definitions, kind.__name__ if tag else None)
    return {"$ref": f"#/$defs/{name}"}


def _always_written(hint: Any) -> bool:
    optional = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
    return not (hint is str or get_origin(hint) is tuple or optional)
