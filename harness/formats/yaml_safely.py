"""YAML as contracts use it: plain values only, every key with its line.

Scalars follow the YAML 1.2 core schema, as OpenAPI asks: `no` and `2026-01-01` stay
text, only `true`, `false`, `null` and numbers change. Tags of any language are refused,
so are keys given twice, several documents in one file, and alias bombs.
"""

import re
from typing import Any

import yaml

from harness.errors import AskedWrongly, Place
from harness.formats.marked import MOST_BYTES, Builder, Marked

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL_OR_HEX = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TAGS = {"tag:yaml.org,2002:str": str, "tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float}
_MOST_DIGITS = 4000


def parse_yaml(body: bytes, file: str) -> Marked:
    """Parse one YAML document; AskedWrongly with file and line for everything that is refused."""
    if len(body) > MOST_BYTES:
        raise AskedWrongly(f"larger than {MOST_BYTES // 2**20} MiB", place=Place(file=file))
    builder = Builder(file)
    try:
        _feed(builder, body, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise AskedWrongly(f"not readable as YAML: {what}", place=place, hint="check the indentation there") from None
    except yaml.YAMLError as error:
        raise AskedWrongly(f"not readable as YAML: {_first_line(error)}", place=Place(file=file)) from None
    except UnicodeDecodeError as error:
        raise AskedWrongly(f"not UTF-8 text: byte {error.start}", place=Place(file=file)) from None
    return builder.done()


def _feed(builder: Builder, body: bytes, file: str) -> None:
    documents = 0
    for event in yaml.parse(body, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.ScalarEvent() if builder.expects_key:
                builder.key(event.value, line)
            case yaml.ScalarEvent():
                builder.scalar(_scalar(event, file), line, event.anchor)
            case yaml.AliasEvent() if builder.expects_key:
                raise AskedWrongly("a key cannot be an alias", place=Place(file=file, line=line))
            case yaml.AliasEvent():
                builder.alias(event.anchor or "", line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent() if builder.expects_key:
                raise AskedWrongly("a key must be text", place=Place(file=file, line=line))
            case yaml.MappingStartEvent():
                _refuse_tag(event, file, "tag:yaml.org,2002:map")
                builder.open_map(line, event.anchor)
            case yaml.SequenceStartEvent():
                _refuse_tag(event, file, "tag:yaml.org,2002:seq")
                builder.open_list(line, event.anchor)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                builder.close(line)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise AskedWrongly(
                        "a second document begins here; one file holds one", place=Place(file=file, line=line)
                    )


def _scalar(event: Any, file: str) -> object:
    if event.tag and event.tag != "!":
        return _tagged(event, file)
    if event.style or event.tag == "!" or not event.implicit[0]:
        return event.value
    return plain(event.value)


def plain(text: str) -> object:
    """The value of an unquoted scalar by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MOST_DIGITS or text[0] not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return int(text)
    if _OCTAL_OR_HEX.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else text


def _tagged(event: Any, file: str) -> object:
    made = _TAGS.get(event.tag)
    try:
        if made:
            return made(event.value)
        if event.tag in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"}:
            return _WORDS[event.value]
    except (ValueError, KeyError):
        pass
    raise AskedWrongly(
        f"tag `{event.tag}` is not for contracts",
        place=Place(file=file, line=event.start_mark.line + 1),
        hint="write the value plainly",
    )


def _refuse_tag(event: Any, file: str, allowed: str) -> None:
    if event.tag and event.tag not in {"!", allowed}:
        _tagged(event, file)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
