"""Helpers on texts."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from harness.mocks.patterns import search
from harness.mocks.templating.choosing import chosen
from harness.mocks.templating.rendering import Called, Helper
from harness.mocks.templating.values import is_true, text_of

_WIDEST = 10_000
_MOST_TEXT = 4 * 1024 * 1024


def _of_text(change: Callable[[str], str]) -> Helper:
    return lambda called: change(called.text(0))


def _padded(pad: Callable[[str, int, str], str]) -> Helper:
    def padded(called: Called) -> str:
        size = int(called.named.get("size", called.argument(1, 0)))
        if not 0 <= size <= _WIDEST:
            raise ValueError(f"a width is between 0 and {_WIDEST}")
        return pad(called.text(0), size, text_of(called.named.get("pad", " "))[:1] or " ")

    return padded


def _substring(called: Called) -> str:
    start = int(called.argument(1, 0))
    end = called.argument(2)
    return called.text(0)[max(start, 0) : None if end is None else max(int(end), 0)]


def _replaced(called: Called) -> str:
    text, old, new = called.text(0), called.text(1), called.text(2)
    if text.count(old) * len(new) > _MOST_TEXT:
        raise ValueError(f"what comes out has more than {_MOST_TEXT} characters")
    return text.replace(old, new)


def _join(called: Called) -> str:
    *items, separator = called.arguments
    if len(items) == 1 and isinstance(items[0], list):
        items = list(items[0])
    if len(items) * len(text_of(separator)) > _MOST_TEXT:
        raise ValueError(f"what comes out has more than {_MOST_TEXT} characters")
    return text_of(separator).join(text_of(one) for one in items)


def _abbreviate(called: Called) -> str:
    text, most = called.text(0), int(called.argument(1, 0))
    return text if len(text) <= most else text[: max(most - 3, 0)] + "..."


def _yes_no(called: Called) -> str:
    holds = is_true(called.argument(0))
    return text_of(called.named.get("yes", "yes") if holds else called.named.get("no", "no"))


def _base64(called: Called) -> str:
    text = called.text(0)
    if is_true(called.named.get("decode")):
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    made = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return made if called.named.get("padding", True) is not False else made.rstrip("=")


def _url_encode(called: Called) -> str:
    text = called.text(0)
    return unquote_plus(text) if is_true(called.named.get("decode")) else quote_plus(text, safe="*", errors="replace")


def _contains(called: Called) -> Any:
    value = called.argument(0)
    inside = called.argument(1)
    holds = inside in value if isinstance(value, list) else text_of(inside) in text_of(value)
    return chosen(called, holds=holds)


def _matches(called: Called) -> Any:
    return chosen(called, holds=search(text_of(called.argument(1)), text_of(called.argument(0)), whole=True))


def _slug(text: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text).strip()).lower()


HELPERS: Mapping[str, Helper] = {
    "capitalizeFirst": _of_text(lambda text: text[:1].upper() + text[1:]),
    "capitalize": _of_text(lambda text: re.sub(r"(^|\s)(\S)", lambda one: one[1] + one[2].upper(), text)),
    "lower": _of_text(str.lower),
    "upper": _of_text(str.upper),
    "trim": _of_text(str.strip),
    "slugify": _of_text(_slug),
    "stripTags": _of_text(lambda text: re.sub(r"<[^<>]*>", "", text)),
    "cut": lambda called: called.text(0).replace(called.text(1), ""),
    "replace": _replaced,
    "substring": _substring,
    "join": _join,
    "ljust": _padded(str.ljust),
    "rjust": _padded(str.rjust),
    "center": _padded(str.center),
    "abbreviate": _abbreviate,
    "yesno": _yes_no,
    "defaultIfEmpty": lambda called: called.argument(0) if is_true(called.argument(0)) else called.argument(1),
    "base64": _base64,
    "urlEncode": _url_encode,
    "contains": _contains,
    "matches": _matches,
}
