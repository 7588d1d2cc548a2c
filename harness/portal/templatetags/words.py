"""Words and dates in the reader's language, inside templates."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template

from harness.formats.webauthn_assertion import fingerprint as fingerprint_of
from harness.model.criteria import Text
from harness.portal.words import WORDS
from harness.portal.words import say as say_in

register = template.Library()
_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": tuple("一二三四五六日")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str, **values: object) -> str:
    """A sentence by its key."""
    return say_in(context["language"], str(key), **values)


@register.simple_tag(takes_context=True)
def text(context: dict[str, Any], value: Text) -> str:
    """A text that somebody wrote in both languages."""
    return value.in_language(context["language"])


@register.simple_tag(takes_context=True)
def deed(context: dict[str, Any], what: str) -> str:
    """What the audit trail says that was done; an act of an older portal as it was written then."""
    key = f"did.{what}"
    return say_in(context["language"], key) if key in WORDS else what


@register.simple_tag(takes_context=True)
def because(context: dict[str, Any], why: str) -> str:
    """Why, where it was noted by the key of a sentence and its values (`key name=value`); else as it was noted."""
    key, *values = why.split(" ")
    if "." not in key or key not in WORDS:
        return why
    try:
        return say_in(context["language"], key).format(**dict(one.split("=", 1) for one in values))
    except (KeyError, ValueError, IndexError):
        return why


@register.simple_tag
def exact(ms: int) -> str:
    """A moment to the second, in UTC: as an auditor lays it beside other logs."""
    return f"{datetime.fromtimestamp(ms / 1000, tz=UTC):%F %T} UTC"


@register.simple_tag(takes_context=True)
def title_of(context: dict[str, Any], criterion: str) -> str:
    """What a criterion of the package that a page is about is called, with its id."""
    package = context.get("package") or context["item"].package
    titles = {one.id: one.title.in_language(context["language"]) for one in package.criteria}
    return f"{titles[criterion]} ({criterion})" if criterion in titles else criterion


@register.simple_tag(takes_context=True)
def when(context: dict[str, Any], ms: int | None) -> str:
    """A moment with weekday and zone, as the reader's clock shows it."""
    if not ms:
        return ""
    person = context.get("person")
    return moment(ms, context["language"], person.zone if person is not None else "UTC")


@register.simple_tag(takes_context=True)
def day(context: dict[str, Any], ms: int | None) -> str:
    """A day with its weekday."""
    if not ms:
        return ""
    person = context.get("person")
    return the_day(_local(ms, person.zone if person is not None else "UTC")[0], context["language"])


@register.filter
def short(digest: str) -> str:
    """A digest as far as people compare it."""
    return digest[:16]


@register.filter
def fingerprint(public_key: str) -> str:
    """What a gate's policy names a passkey by."""
    return fingerprint_of(public_key)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """A value by a key that is itself a variable."""
    return mapping.get(key)


def moment(ms: int, language: str, zone: str) -> str:
    """A moment: day, time, zone."""
    local, name = _local(ms, zone)
    return f"{the_day(local, language)} {local:%H:%M} {name}"


def the_day(local: datetime, language: str) -> str:
    """A day as it is written in that language."""
    weekday = _DAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日（周{weekday}）"
    return f"{weekday} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def _local(ms: int, zone: str) -> tuple[datetime, str]:
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        found = ZoneInfo("UTC")
    local = datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(found)
    offset = local.strftime("%z")
    return local, "UTC" if offset == "+0000" else f"UTC{offset[:3]}:{offset[3:]}"
