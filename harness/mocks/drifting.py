"""Whether an answer keeps the contract: its status, its headers, its media type and its body.

Asked for every answer before it leaves, whatever it came from.
"""

from contextlib import suppress

import jsonschema_rs

from harness.mocks.contracts import CompiledOperation, Documented, HeaderRule, Media, is_json
from harness.mocks.messages import Request, Unreadable, Violation, read_json
from harness.mocks.parameters import check
from harness.mocks.schemas import violations_of
from harness.mocks.xml_text import is_xml

_BODILESS = frozenset({204, 304})
_RANGES = frozenset({"*/*", "application/*"})


def answer_violations(
    operation: CompiledOperation, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> tuple[Violation, ...]:
    """All that an answer breaks; empty for an honest one."""
    documented = operation.documented(status)
    if documented is None:
        known = ", ".join(operation.responses) or "none"
        return (Violation(where="status", message=f"{status} is not documented; documented: {known}", rule="status"),)
    answer = Request("GET", "/", "", tuple((name.lower(), value) for name, value in headers), body)
    found: tuple[Violation, ...] = ()
    for rule in documented.headers:
        found += _header(rule, answer)
    return found + _body(documented, status, answer)


def _header(rule: HeaderRule, answer: Request) -> tuple[Violation, ...]:
    if answer.header(rule.parameter.name) is None:
        if not rule.required:
            return ()
        return (Violation(where=f"header {rule.name}", message="is required and is not there", rule="required"),)
    return check(rule.parameter, answer, {})


def _body(documented: Documented, status: int, answer: Request) -> tuple[Violation, ...]:
    if status in _BODILESS:
        return (Violation(where="body", message=f"a {status} has no body", rule="body"),) if answer.body else ()
    if not documented.media:
        return ()
    if not answer.body and not answer.media_type:
        if any(media.is_json for media in documented.media):
            return (Violation(where="body", message="is documented and is not there", rule="required"),)
        return ()
    media = fitting(documented, answer.media_type)
    if media is None:
        known = ", ".join(one.media_type for one in documented.media)
        told = f"`{answer.media_type}` is not documented" if answer.media_type else "no Content-Type"
        return (Violation(where="media type", message=f"{told}; documented: {known}", rule="media-type"),)
    as_json = media.is_json or (media.media_type in _RANGES and is_json(answer.media_type))
    if is_xml(answer.media_type):
        return _xml(answer.body)
    plain = answer.media_type.startswith("text/")
    if media.validator is None or not (as_json or plain):
        return ()
    if not as_json:
        return _text(media.validator, answer.body.decode("utf-8", "surrogateescape"))
    try:
        value = read_json(answer.body)
    except Unreadable as error:
        return (Violation(where="body", message=str(error), rule="json"),)
    return violations_of(media.validator, value, "body")


def _xml(body: bytes) -> tuple[Violation, ...]:
    """XML is at least well-formed; what a schema says of it is not checked."""
    # here, so that a mock without XML starts without a reader of it
    from harness.mocks.xml_equality import BeyondUs, NotXml, read_xml

    try:
        read_xml(body.decode("utf-8", "replace"))
    except BeyondUs:
        return ()
    except NotXml as error:
        return (Violation(where="body", message=str(error), rule="xml"),)
    return ()


def _text(validator: jsonschema_rs.Validator, text: str) -> tuple[Violation, ...]:
    """A plain text keeps its schema as a text, or as the number or word that it spells."""
    found = violations_of(validator, text, "body")
    if found:
        with suppress(Unreadable):
            value = read_json(text.encode("utf-8", "replace"))
            if not isinstance(value, str | list | dict) and not violations_of(validator, value, "body", 1):
                return ()
    return found


def fitting(documented: Documented, media_type: str) -> Media | None:
    """The documented body of a media type: itself, else a range (`application/*`, `*/*`)."""
    for media in documented.media:
        if media.media_type == media_type:
            return media
    for media in documented.media:
        if media_type and (media.media_type == "*/*" or _in_range(media.media_type, media_type)):
            return media
    return None


def _in_range(written: str, media_type: str) -> bool:
    return written.endswith("/*") and media_type.startswith(written[:-1])
