"""A value as XML, the way OpenAPI's `xml` words ask for: names, attributes, wrapped lists.

Names that XML cannot carry are mended rather than sent broken; characters that it forbids are left out.
"""

import re
from collections.abc import Mapping
from typing import Any

from harness.mocks.schemas import Book

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(book: Book, schema: Any, value: Any) -> str:
    """One document for a value of a schema of the book."""
    told = _told(book, schema)
    return '<?xml version="1.0" encoding="UTF-8"?>' + _element(book, _name(told, "root"), told, value)


def is_xml(media_type: str) -> bool:
    """Whether a media type's bodies are XML."""
    return media_type in {"application/xml", "text/xml"} or media_type.endswith("+xml")


def _element(book: Book, name: str, schema: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, Mapping):
        return _of_mapping(book, name, schema, value)
    if isinstance(value, list):
        item = _told(book, schema.get("items"))
        return f"<{name}>{''.join(_element(book, _name(item, 'item'), item, one) for one in value)}</{name}>"
    return f"<{name}>{_escaped(_text(value))}</{name}>"


def _of_mapping(book: Book, name: str, schema: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    attributes, inside = "", ""
    properties = schema.get("properties")
    for key, one in value.items():
        told = _told(book, properties.get(key) if isinstance(properties, Mapping) else None)
        words = told.get("xml")
        if isinstance(words, Mapping) and words.get("attribute") is True:
            attributes += f" {_name(told, key)}={_quoted(_text(one))}"
        elif isinstance(one, list) and not (isinstance(words, Mapping) and words.get("wrapped") is True):
            item = _told(book, told.get("items"))
            inside += "".join(_element(book, _name(item, key), item, each) for each in one)
        else:
            inside += _element(book, _name(told, key), told, one)
    return f"<{name}{attributes}>{inside}</{name}>"


def _told(book: Book, schema: Any, depth: int = 0) -> Mapping[str, Any]:
    if isinstance(schema, Mapping) and "$ref" in schema and depth < 16:
        return _told(book, book.entries.get(str(schema["$ref"]).rpartition("/")[2]), depth + 1)
    return schema if isinstance(schema, Mapping) else {}


def _name(schema: Mapping[str, Any], otherwise: str) -> str:
    words = schema.get("xml")
    named = words.get("name") if isinstance(words, Mapping) else None
    name = _NO_NAME.sub("_", str(named or otherwise))
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FORBIDDEN.sub("", "" if value is None else str(value))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    kept = _escaped(text).replace('"', "&quot;")
    return '"' + kept.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;") + '"'
