"""Whether a real answer is what a mock's answer let the system believe, in words.

Held against each other are status, media type, documented and given headers, the members of a body and the kinds of
their values; a body that is no JSON, as a text. Values that differ from system to system (ids, times, ETags, texts) are
compared by kind; a value that the contract gives a choice of (`enum`, `const`, a boolean), in full: which of them it
is, is what a system acts upon.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.mocks.contracts import Compiled, CompiledOperation, is_json
from harness.mocks.drifting import answer_violations
from harness.mocks.messages import Unreadable, read_json
from harness.mocks.schemas import Broken, resolved
from harness.mocks.value_kinds import ValueKind, value_kind
from harness.model.uses import Use

_OF_THE_WAY = frozenset(
    ("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary", "via", "content-type")
)  # fmt: skip
_DEEPEST = 12
_ENTRIES = 3
_MOST = 20


def differences(
    use: Use,
    status: int,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    compiled: Compiled,
    document: Mapping[str, Any],
) -> tuple[str, ...]:
    """Everything in which the real answer is not what the mock's was; empty where it is."""
    if status != use.status:
        return (f"status {status}, the mock answered {use.status}",)
    operation = compiled.operations.get(use.operation)
    if operation is None:
        return ("the contract has no such operation any more",)
    broken = tuple(f"it breaks the contract: {one}" for one in answer_violations(operation, status, headers, body))
    told = (*broken, *_of_headers(use, headers), *_of_body(use, headers, body, operation, document))
    return tuple(dict.fromkeys(told))[:_MOST]


def _of_headers(use: Use, headers: tuple[tuple[str, str], ...]) -> Iterator[str]:
    real = {name.lower(): value for name, value in headers}
    media, wanted = (_media(dict(some).get("content-type", "")) for some in (tuple(real.items()), use.answer_headers))
    if media != wanted:
        yield f"media type `{media or 'none'}`, the mock gave `{wanted or 'none'}`"
    for name, value in use.answer_headers:
        if name in _OF_THE_WAY:
            continue
        if name not in real:
            yield f"no header `{name}`, the mock gave one"
        elif (said := _of_texts(value, real[name])) is not None:
            yield f"header `{name}` is {said}"


def _media(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _of_body(
    use: Use,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    operation: CompiledOperation,
    document: Mapping[str, Any],
) -> Iterator[str]:
    if bool(body) != bool(use.answer_body):
        yield "no body, the mock gave one" if use.answer_body else "a body, the mock gave none"
        return
    given = next((value for name, value in headers if name.lower() == "content-type"), "")
    media = _media(given)
    schema = _schema(document, operation, use.status, media)
    mocked, real = _read(use.answer_body.encode()), _read(body)
    if not isinstance(mocked, Unreadable) and not isinstance(real, Unreadable):
        yield from _of_values(mocked, real, "", schema, document, 0)
    elif not is_json(media):
        yield from _of_plain(use.answer_body.strip(), _text(body, given), schema, document)
    elif isinstance(real, Unreadable):
        yield f"the body cannot be read as JSON: {real}"
    else:
        yield f"the mock's body cannot be read as JSON: {mocked}"


def _read(body: bytes) -> Any:
    try:
        return read_json(body)
    except Unreadable as error:
        return error


def _text(body: bytes, content_type: str) -> str:
    """A body as the text that it says it is; what is no such text is read with marks in it."""
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        return body.decode(charset or "utf-8", "replace").strip()
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace").strip()


def _of_plain(mocked: str, real: str, schema: Any, document: Mapping[str, Any]) -> Iterator[str]:
    """Bodies that are no JSON, compared as the texts in them are."""
    if mocked != real and any("enum" in one or "const" in one for one in _alternatives(schema, document)):
        yield f"the body is {real!r}, the mock gave {mocked!r}"
    elif (said := _of_texts(mocked, real)) is not None:
        yield f"the body is {said}"


def _of_values(mocked: Any, real: Any, at: str, schema: Any, document: Mapping[str, Any], depth: int) -> Iterator[str]:
    where = f"`{at or '/'}`"
    if depth > _DEEPEST:
        return
    if _kind(mocked) != _kind(real):
        if mocked is not None:
            yield f"{where} is {_kind(real)}, the mock gave {_kind(mocked)}"
        return
    if isinstance(mocked, dict):
        for name, inner in mocked.items():
            if name not in real:
                yield f"{where} has no member `{name}`, the mock gave one"
            else:
                said = _member(schema, name, document)
                yield from _of_values(inner, real[name], f"{at}/{name}", said, document, depth + 1)
    elif isinstance(mocked, list):
        if mocked and not real:
            yield f"{where} is empty, the mock gave {len(mocked)} entries"
        for index, inner in enumerate(real[:_ENTRIES] if mocked else ()):
            like = mocked[min(index, len(mocked) - 1)]
            yield from _of_values(like, inner, f"{at}/{index}", _entry(schema, document), document, depth + 1)
    elif mocked != real and _is_a_choice(mocked, schema, document):
        yield f"{where} is {real!r}, the mock gave {mocked!r}"
    elif isinstance(mocked, str) and (said := _of_texts(mocked, real)) is not None:
        yield f"{where} is {said}"


def _of_texts(mocked: str, real: str) -> str | None:
    one, two = value_kind(mocked), value_kind(real)
    if one is two or (one is ValueKind.TEXT and two is not ValueKind.EMPTY):
        return None
    return f"{two.value}, the mock gave {one.value}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


# --- what the contract says at a place of the body ---


def _schema(document: Mapping[str, Any], operation: CompiledOperation, status: int, media: str) -> Any:
    try:
        item = resolved(document, document["paths"][operation.path])
        answers = item[operation.method.lower()]["responses"]
        key = next(one for one in (str(status), f"{status // 100}XX", "default") if one in answers)
        answer = resolved(document, answers[key])
        return answer["content"][media]["schema"] if "content" in answer else answer.get("schema")
    except (KeyError, TypeError, StopIteration):
        return None


def _alternatives(schema: Any, document: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """A schema and whatever it is put together of."""
    try:
        node = resolved(document, schema)
    except Broken:  # a reference that names nothing is a gap of the contract, told elsewhere
        return
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return
    yield node
    for key in ("allOf", "anyOf", "oneOf"):
        for one in node.get(key, ()):
            yield from _alternatives(one, document, depth + 1)


def _member(schema: Any, name: str, document: Mapping[str, Any]) -> Any:
    found = [one["properties"][name] for one in _alternatives(schema, document) if name in one.get("properties", {})]
    return {"allOf": found} if found else None


def _entry(schema: Any, document: Mapping[str, Any]) -> Any:
    found = [one["items"] for one in _alternatives(schema, document) if isinstance(one.get("items"), Mapping)]
    return {"allOf": found} if found else None


def _is_a_choice(value: Any, schema: Any, document: Mapping[str, Any]) -> bool:
    if isinstance(value, bool):
        return True
    return any("enum" in one or "const" in one for one in _alternatives(schema, document))
