"""WireMock's matchers, from their written form to the closed set that we know.

One written matcher may say several things at once (`{"contains": "a", "doesNotContain": "b"}` in a body): all
must hold. What is not known is `Refused` with the nearest supported way.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.model.mock import (
    Absent,
    AllOf,
    AnyOf,
    BinaryEqualTo,
    Contains,
    DateTime,
    EqualTo,
    EqualToJson,
    EqualToXml,
    HasValues,
    Matcher,
    Matches,
    MatchesJsonPath,
    MatchesJsonSchema,
    MatchesXPath,
    Not,
    Number,
)

_OPTIONS = {
    "equalTo": ("caseInsensitive",),
    "equalToJson": ("ignoreArrayOrder", "ignoreExtraElements"),
    "matchesJsonSchema": ("schemaVersion",),
    "equalToXml": ("enablePlaceholders",),
    "matchesXPath": ("xPathNamespaces",),
    **dict.fromkeys(("before", "after", "equalToDateTime"), ("actualFormat", "truncateActual")),
}
_RELATIONS = {
    "equalToNumber": "==", "greaterThanNumber": ">", "greaterThanEqualNumber": ">=", "lessThanNumber": "<",
    "lessThanEqualNumber": "<=",
}  # fmt: skip
_MOMENTS = {"before": "<", "after": ">", "equalToDateTime": "=="}
_CUTS = (
    "first second of minute", "first minute of hour", "first hour of day", "first day of month", "first day of year",
)  # fmt: skip
_DRAFTS = ("V4", "V6", "V7", "V201909", "V202012")


class Refused(ValueError):
    """A part of a mapping that is not supported or not right; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def matcher_from(written: Any) -> Matcher:
    """One matcher; several statements in it must all hold."""
    found = matchers_from(written)
    return found[0] if len(found) == 1 else AllOf(matchers=found)


def matchers_from(written: Any) -> tuple[Matcher, ...]:
    """Every statement of a written matcher."""
    if not isinstance(written, dict) or not written:
        raise Refused("a matcher is a mapping such as {equalTo: …}")
    options = {option for key in written for option in _OPTIONS.get(key, ())}
    found = tuple(_one(key, value, written) for key, value in written.items() if key not in options)
    if not found:
        raise Refused(f"no matcher among {', '.join(written)}")
    return found


def _one(key: str, value: Any, written: dict[str, Any]) -> Matcher:
    if key in {"and", "or"}:
        return _several(key, value)
    if key == "not":
        return Not(matcher=matcher_from(value))
    read = _READERS.get(key)
    if read is not None:
        return read(key, value, written)
    raise Refused(f"`{key}` is not a matcher", f"known: {', '.join(sorted(_READERS))}, and, or, not")


def _several(key: str, value: Any) -> Matcher:
    if not isinstance(value, list) or not value:
        raise Refused(f"`{key}` takes a list of matchers")
    matchers = tuple(matcher_from(one) for one in value)
    return AllOf(matchers=matchers) if key == "and" else AnyOf(matchers=matchers)


def _equal_to_json(key: str, value: Any, written: dict[str, Any]) -> Matcher:
    return EqualToJson(
        expected=_json(key, value),
        ignore_array_order=_flag(written, "ignoreArrayOrder"),
        ignore_extra_elements=_flag(written, "ignoreExtraElements"),
    )


def _json_schema(key: str, value: Any, written: dict[str, Any]) -> Matcher:
    draft = str(written.get("schemaVersion", "V202012"))
    if draft not in _DRAFTS:
        raise Refused(f"schemaVersion `{draft}` is unknown", f"known: {', '.join(_DRAFTS)}")
    return MatchesJsonSchema(schema=_json(key, value), draft=draft)


def _binary(key: str, value: Any, _written: dict[str, Any]) -> Matcher:
    try:
        return BinaryEqualTo(value=base64.b64decode(_text(key, value), validate=True))
    except (binascii.Error, ValueError):
        raise Refused("`binaryEqualTo` is not Base64") from None


def _number(key: str, value: Any, _written: dict[str, Any]) -> Matcher:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused(f"`{key}` takes a number, not {value!r}")
    return Number(relation=_RELATIONS[key], value=float(value))


def _moment(key: str, value: Any, written: dict[str, Any]) -> Matcher:
    text = _text(key, value)
    if text.strip().lower().startswith("now"):
        raise Refused(f"`{key}` compares with a fixed date here, not with {text!r}", "write the date")
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(f"`{key}` takes a date and time such as 2026-01-31T12:00:00Z, not {text!r}") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    cut = str(written.get("truncateActual") or "")
    if cut and cut not in _CUTS:
        raise Refused(f"`truncateActual` is {', '.join(_CUTS)}, not {cut!r}")
    at_ms = round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    return DateTime(relation=_MOMENTS[key], at_ms=at_ms, pattern=str(written.get("actualFormat") or ""), cut=cut)


def _values(key: str, value: Any, _written: dict[str, Any]) -> Matcher:
    if not isinstance(value, list) or not value:
        raise Refused(f"`{key}` takes a list of matchers")
    return HasValues(matchers=tuple(matcher_from(one) for one in value), exactly=key == "hasExactly")


def _path(_key: str, value: Any, _written: dict[str, Any]) -> Matcher:
    if isinstance(value, str):
        return MatchesJsonPath(expression=value)
    if not isinstance(value, dict) or not isinstance(value.get("expression"), str):
        raise Refused("`matchesJsonPath` is an expression, or {expression: …} with a matcher")
    rest = {key: one for key, one in value.items() if key != "expression"}
    return MatchesJsonPath(expression=value["expression"], then=matcher_from(rest) if rest else None)


def _xpath(key: str, value: Any, written: dict[str, Any]) -> Matcher:
    namespaces = written.get("xPathNamespaces") or {}
    if not isinstance(namespaces, dict):
        raise Refused("`xPathNamespaces` is a mapping of prefixes to namespaces")
    named = tuple((str(prefix), str(space)) for prefix, space in namespaces.items())
    if isinstance(value, str):
        return MatchesXPath(expression=value, namespaces=named)
    if not isinstance(value, dict) or not isinstance(value.get("expression"), str):
        raise Refused(f"`{key}` is an expression, or {{expression: …}} with a matcher")
    rest = {name: one for name, one in value.items() if name != "expression"}
    then = matcher_from(rest) if rest else None
    return MatchesXPath(expression=value["expression"], namespaces=named, then=then)


def _text(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise Refused(f"`{key}` takes a text, not {type(value).__name__}")


def _flag(written: dict[str, Any], key: str) -> bool:
    value = written.get(key, False)
    if not isinstance(value, bool):
        raise Refused(f"`{key}` is true or false, not {value!r}")
    return value


def _json(key: str, value: Any) -> Any:
    """JSON written as a text, as WireMock does, or directly."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Refused(f"`{key}` holds no JSON: {error}") from None


_READERS: dict[str, Callable[[str, Any, dict[str, Any]], Matcher]] = {
    "equalTo": lambda key, value, all_: EqualTo(value=_text(key, value), ignore_case=_flag(all_, "caseInsensitive")),
    "contains": lambda key, value, _: Contains(value=_text(key, value)),
    "doesNotContain": lambda key, value, _: Not(matcher=Contains(value=_text(key, value))),
    "matches": lambda key, value, _: Matches(pattern=_text(key, value)),
    "doesNotMatch": lambda key, value, _: Not(matcher=Matches(pattern=_text(key, value))),
    "equalToJson": _equal_to_json,
    "matchesJsonPath": _path,
    "matchesXPath": _xpath,
    "equalToXml": lambda key, value, all_: EqualToXml(
        document=_text(key, value), placeholders=_flag(all_, "enablePlaceholders")
    ),
    **dict.fromkeys(_RELATIONS, _number),
    **dict.fromkeys(_MOMENTS, _moment),
    **dict.fromkeys(("hasExactly", "includes"), _values),
    "matchesJsonSchema": _json_schema,
    "binaryEqualTo": _binary,
    "anything": lambda _key, _value, _: AllOf(matchers=()),
    "absent": lambda _key, value, _: Absent() if value is True else Not(matcher=Absent()),
}
