"""Helpers that make values: dates, draws, figures, lists."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from harness.mocks.templating.dates import Instant, cut, moved, read
from harness.mocks.templating.rendering import Called, Helper
from harness.mocks.templating.values import text_of

_ALPHABETS = {
    "ALPHANUMERIC": "abcdefghijklmnopqrstuvwxyz0123456789",
    "ALPHABETIC": "abcdefghijklmnopqrstuvwxyz",
    "NUMERIC": "0123456789",
    "HEXADECIMAL": "0123456789abcdef",
    "ALPHANUMERIC_AND_SYMBOLS": "abcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;=?@[]^_{|}~",
}
_LONGEST = 10_000


def _date(called: Called) -> Instant:
    given = called.argument(0)
    zone = called.named.get("timezone")
    if zone is not None and text_of(zone) not in {"UTC", "GMT", "Z"}:
        raise ValueError("dates are written in UTC; another `timezone` is not supported")
    ms = given.ms if isinstance(given, Instant) else called.rendering.now_ms
    if isinstance(given, str):
        ms = read(given, "")
    offset = called.named.get("offset")
    return Instant(ms=moved(ms, text_of(offset)) if offset is not None else ms,
                   pattern=text_of(called.named.get("format")))  # fmt: skip


def _parsed(called: Called) -> Instant:
    return Instant(ms=read(called.text(0), text_of(called.named.get("format"))))


def _truncated(called: Called) -> Instant:
    given = called.argument(0)
    if not isinstance(given, Instant):
        raise TypeError("it takes a date")
    return Instant(ms=cut(given.ms, called.text(1)), pattern=given.pattern)


def _random_value(called: Called) -> str:
    kind = text_of(called.named.get("type", "ALPHANUMERIC"))
    draws = called.rendering.draws
    if kind == "UUID":
        text = f"{draws.bits():016x}{draws.bits():016x}"
        made = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"
    else:
        length = int(called.named.get("length", 36))
        if kind not in _ALPHABETS or not 0 <= length <= _LONGEST:
            raise ValueError(f"a `type` is {', '.join([*_ALPHABETS, 'UUID'])}, a `length` at most {_LONGEST}")
        made = "".join(draws.pick(_ALPHABETS[kind]) for _ in range(length))
    return made.upper() if called.named.get("uppercase") is True else made


def _random_int(called: Called) -> int:
    low, high = int(called.named.get("lower", -(2**31))), int(called.named.get("upper", 2**31 - 1))
    if high <= low:
        raise ValueError("`upper` is above `lower`")
    return called.rendering.draws.between(low, high - 1)


def _random_decimal(called: Called) -> float:
    low, high = float(called.named.get("lower", 0)), float(called.named.get("upper", 1))
    if high <= low:
        raise ValueError("`upper` is above `lower`")
    return round(low + called.rendering.draws.unit() * (high - low), 6)


def _picked(called: Called) -> Any:
    items = called.argument(0) if isinstance(called.argument(0), list) else list(called.arguments)
    if not items:
        raise ValueError("there is nothing to pick from")
    return called.rendering.draws.pick(items)


def _math(called: Called) -> int | float:
    left, right = (Decimal(text_of(called.argument(at))) for at in (0, 2))
    if abs(left) > 10**15 or abs(right) > 10**15:
        raise ValueError("the figures are too large")
    match text_of(called.argument(1)):
        case "+":
            found = left + right
        case "-":
            found = left - right
        case "*" | "x":
            found = left * right
        case "/":
            found = left / right
            if left == int(left) and right == int(right):  # whole figures stay whole, as there
                found = found.quantize(Decimal(1), rounding=ROUND_HALF_UP)
        case "%":
            found = left % right
        case other:
            raise ValueError(f"{other[:10]!r} is not one of + - * / %")
    return int(found) if found == int(found) else float(found)


def _range(called: Called) -> list[int]:
    low, high = int(called.argument(0, 0)), int(called.argument(1, 0))
    if high - low > _LONGEST:
        raise ValueError(f"a range has at most {_LONGEST} figures")
    return list(range(low, high + 1))


def _number_format(called: Called) -> str:
    figure = Decimal(text_of(called.argument(0))).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
    return f"{figure:,.3f}".rstrip("0").rstrip(".")


HELPERS: Mapping[str, Helper] = {
    "now": _date,
    "date": _date,
    "parseDate": _parsed,
    "truncateDate": _truncated,
    "randomValue": _random_value,
    "randomInt": _random_int,
    "randomDecimal": _random_decimal,
    "pickRandom": _picked,
    "math": _math,
    "range": _range,
    "array": lambda called: list(called.arguments),
    "arrayAdd": lambda called: [*called.argument(0, []), called.argument(1)],
    "numberFormat": _number_format,
}
