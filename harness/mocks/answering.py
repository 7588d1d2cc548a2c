"""What a contract itself answers: its examples first, else values made from its schemas, rendered once.

An example that breaks its own schema is never sent; it is told as a gap and a value is made instead.
"""

import json
from collections.abc import Mapping
from typing import Any

from harness.mocks.contracts import Compiled, CompiledOperation, Documented, HeaderRule, Media
from harness.mocks.drifting import answer_violations
from harness.mocks.generating import CannotMake, generate
from harness.mocks.messages import Reply, Source, Violation
from harness.mocks.schemas import Book, violations_of
from harness.mocks.wire import may_be_sent, render
from harness.mocks.xml_text import as_xml, is_xml

PROBLEM = "application/problem+json"
_IN_RANGE = (
    ("*/*", "application/json"),
    ("application/*", "application/json"),
    ("text/*", "text/plain; charset=utf-8"),
    ("image/*", "image/png"),
    ("audio/*", "audio/mpeg"),
    ("video/*", "video/mp4"),
)
_MESSAGES = ("detail", "message", "error_description", "description", "error", "title")


def dumped(value: Any) -> bytes:
    """JSON as it goes out: compact, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def problem(status: int, title: str, violations: tuple[Violation, ...] = (), **more: object) -> dict[str, Any]:
    """A problem document (RFC 9457) that names what is wrong."""
    told: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if violations:
        told["detail"] = "; ".join(str(one) for one in violations[:3])
        told["violations"] = [
            {"where": one.where, "pointer": one.pointer, "message": one.message, "rule": one.rule} for one in violations
        ]
    return told | more


def reply_from(status: int, headers: tuple[tuple[str, str], ...], body: bytes, *, source: Source, **more: Any) -> Reply:
    """A reply with its wire form."""
    return Reply(status=status, headers=headers, body=body, wire=render(status, headers, body), source=source, **more)


def success_status(operation: CompiledOperation) -> str | None:
    """The documented status that an untouched operation answers with: the first 2xx, else `default`, 3xx, any."""
    keys = sorted(operation.responses)
    for wanted in ("2", "d", "3"):
        found = next((key for key in keys if key.startswith(wanted)), None)
        if found is not None:
            return found
    return keys[0] if keys else None


def concrete(key: str) -> int:
    """The status that a documented key stands for: `4XX` → 400, `default` → 200."""
    if key.isdigit():
        return int(key)
    return int(key[0]) * 100 if key[:1].isdigit() else 200


class Answers:
    """The answers of one contract. Each is made once and kept; the same seed makes the same answers."""

    def __init__(self, compiled: Compiled, seed: int) -> None:
        self.gaps: list[str] = []
        self._book = compiled.book
        self._seed = seed
        self._kept: dict[tuple[str, int, str, str | None], Reply | None] = {}

    def answer(
        self, operation: CompiledOperation, status: int, *, accept: str = "", example: str | None = None, salt: str = ""
    ) -> Reply | None:
        """The documented answer of a status, in a media type that `accept` takes; None where none can be made.

        `example` asks for a named example; `salt` for another made value instead of examples.
        """
        documented = operation.documented(status)
        if documented is None:
            return None
        media = chosen(documented.media, accept)
        if salt:
            return self._made(operation, status, documented, media, None, salt)
        key = (operation.id, status, media.media_type if media else "", example)
        if key not in self._kept:
            self._kept[key] = self._made(operation, status, documented, media, example, "")
        return self._kept[key]

    def value(self, operation: CompiledOperation, documented: Documented, media: Media, salt: str = "") -> Any:
        """A body value for a documented answer: an example that holds, else one made; `CannotMake` otherwise."""
        found = None if salt else self._example(operation, documented, media, None)
        return found[1] if found is not None else self._generated(operation, documented, media, salt)

    def _made(
        self,
        operation: CompiledOperation,
        status: int,
        documented: Documented,
        media: Media | None,
        example: str | None,
        salt: str,
    ) -> Reply | None:
        source, used, body = Source.EXAMPLE, None, b""
        headers: tuple[tuple[str, str], ...] = ()
        try:
            if media is not None and status not in {204, 304}:
                found = None if salt else self._example(operation, documented, media, example)
                if found is None:
                    if example is not None:
                        return None
                    source, value = Source.GENERATED, self._generated(operation, documented, media, salt)
                else:
                    used, value = found
                body = self._encoded(media, value)
                headers = (("content-type", _typed(media)),)
            elif media is None:
                source = Source.GENERATED
            headers += self._headers(operation, documented, salt)
        except CannotMake as error:
            self._told(f"{operation.id}: no answer for {documented.key} could be made: {error}")
            return None
        drift = answer_violations(operation, status, headers, body)
        return reply_from(status, headers, body, source=source, operation=operation.id, example=used, drift=drift)

    def _example(
        self, operation: CompiledOperation, documented: Documented, media: Media, wanted: str | None
    ) -> tuple[str, Any] | None:
        for name, value in media.examples:
            if wanted is not None and name != wanted:
                continue
            found = () if media.validator is None else violations_of(media.validator, value, "example", 1)
            if not found:
                return name, value
            self._told(f"{operation.id}: the example `{name}` of {documented.key} breaks its schema: {found[0]}")
        return None

    def _generated(self, operation: CompiledOperation, documented: Documented, media: Media, salt: str) -> Any:
        if media.entry is None or self._book is None:
            return {} if media.is_json else ""
        return generate(self._book, media.entry, self._seed, operation.id, documented.key, salt)

    def _headers(self, operation: CompiledOperation, documented: Documented, salt: str) -> tuple[tuple[str, str], ...]:
        made = []
        for rule in documented.headers:
            text = self._header(operation, documented, rule, salt)
            if text is not None:
                made.append((rule.name.lower(), text))
        return tuple(made)

    def _header(self, operation: CompiledOperation, documented: Documented, rule: HeaderRule, salt: str) -> str | None:
        value = rule.example
        if value is None or violations_of(rule.parameter.validator, value, "header", 1):
            assert self._book is not None
            value = generate(self._book, rule.entry, self._seed, operation.id, documented.key, rule.name, salt)
        text = header_text(value)
        if may_be_sent(rule.name, text):
            return text
        if rule.required:
            raise CannotMake(f"the header {rule.name} cannot be written")
        return None

    def _encoded(self, media: Media, value: Any) -> bytes:
        written = isinstance(value, str) and value.lstrip().startswith("<")
        if is_xml(media.media_type) and not written and self._book is not None:
            return as_xml(self._book, self._book.entries.get(media.entry or ""), value).encode("utf-8", "replace")
        return _as_text(media, value)

    def _told(self, gap: str) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)


def refusing(
    base: Reply | None, documented: Documented | None, status: int, violations: tuple[Violation, ...], operation: str
) -> Reply:
    """The answer to an illegal request: in the contract's own shape where it has one, naming what was wrong.

    `base` is the documented answer. A problem document is sent where its schema takes it; else the documented body,
    with its message replaced where the schema lets us; `harness-violation` names the first violation in any case.
    """
    told = problem(status, "the request breaks the contract", violations)
    named = (("harness-violation", _ascii(str(violations[0]))),)
    more: dict[str, Any] = {"source": Source.REFUSAL, "operation": operation, "violations": violations}
    if documented is None or base is None:
        return reply_from(status, (("content-type", PROBLEM), *named), dumped(told), **more)
    media = chosen(documented.media, base_type := dict(base.headers).get("content-type", ""))
    if media is None or media.validator is None or not media.is_json:
        return reply_from(status, (*base.headers, *named), base.body, **more)
    headers = (*(one for one in base.headers if one[0] != "content-type"), ("content-type", base_type), *named)
    for proposal in _proposals(media.media_type, told, base):
        if not violations_of(media.validator, proposal, "body", 1):
            return reply_from(status, headers, dumped(proposal), **more)
    return reply_from(status, headers, base.body, **more)


def _proposals(media_type: str, told: Mapping[str, Any], base: Reply) -> list[Any]:
    """Bodies that name the violation, the best first: a problem document, else the documented one with its message."""
    plain = {key: told[key] for key in ("type", "title", "status", "detail") if key in told}
    proposals: list[Any] = [told, plain] if media_type == PROBLEM else []
    try:
        written = json.loads(base.body)
    except ValueError:
        return proposals
    detail = str(told.get("detail", ""))
    for key in _MESSAGES if isinstance(written, dict) else ():
        if isinstance(written.get(key), str):
            changed = written | {key: detail}
            return [*proposals, *([changed | {"status": told["status"]}] if "status" in written else []), changed]
    return proposals


def chosen(media: tuple[Media, ...], accept: str) -> Media | None:
    """The body that `accept` prefers; JSON before others; where nothing is acceptable, the first (RFC 9110 12.5.1)."""
    if not media:
        return None
    ordered = sorted(media, key=lambda one: not one.is_json)
    if not accept or accept == "*/*":
        return ordered[0]
    wanted = sorted((_range(part) for part in accept.split(",")), key=lambda one: -one[1])
    for written, quality in wanted:
        for one in ordered if quality > 0 else ():
            if written in {"*/*", one.media_type} or (
                written.endswith("/*") and one.media_type.startswith(written[:-1])
            ):
                return one
    return ordered[0]


def _range(part: str) -> tuple[str, float]:
    written, *parameters = (one.strip() for one in part.split(";"))
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return written.lower(), float(quality)
    except ValueError:
        return written.lower(), 0.0


def _as_text(media: Media, value: Any) -> bytes:
    if media.is_json:
        return dumped(value)
    if isinstance(value, str) and media.media_type not in {"*/*", "application/*"}:
        return value.encode("utf-8", "replace")
    if media.media_type.startswith("text/") and isinstance(value, int | float | bool):
        return header_text(value).encode()
    if media.entry is None and not value:
        return b""
    if media.media_type.partition("/")[0] in {"*", "application"}:
        return dumped(value)
    raise CannotMake(f"bodies of {media.media_type} cannot be written")


def _typed(media: Media) -> str:
    """The content type that goes out: itself, or one that a documented range takes."""
    for written, sent in _IN_RANGE:
        if media.media_type == written:
            return sent
    return f"{media.media_type}; charset=utf-8" if media.media_type.startswith("text/") else media.media_type


def header_text(value: Any) -> str:
    """A value in a header, style `simple`."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case list():
            return ",".join(header_text(one) for one in value)
        case dict():
            return ",".join(f"{key},{header_text(one)}" for key, one in value.items())
    return str(value)


def _ascii(text: str) -> str:
    kept = "".join(c if " " <= c <= "~" else "?" for c in text)
    return kept[:400]


def book_of(compiled: Compiled) -> Book:
    """The book of answers of a contract that has one."""
    assert compiled.book is not None
    return compiled.book
