"""Helpers that choose and repeat: conditions, comparisons, loops, names."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.mocks.templating.rendering import Called, Helper
from harness.mocks.templating.values import is_true, member, text_of


def _if(called: Called) -> Any:
    return called.body() if is_true(called.argument(0)) else called.otherwise()


def _unless(called: Called) -> Any:
    return called.otherwise() if is_true(called.argument(0)) else called.body()


def _with(called: Called) -> Any:
    value = called.argument(0)
    if not is_true(value):
        return called.otherwise()
    names = called.block.parameters if called.block is not None else ()
    return called.body(value, names={names[0]: value} if names else {})


def _each(called: Called) -> Any:
    value = called.argument(0)
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    if not pairs:
        return called.otherwise()
    names = called.block.parameters if called.block is not None else ()
    parts = []
    for at, (key, one) in enumerate(pairs):
        known = dict(zip(names, (one, key), strict=False))
        data = {"index": at, "key": key, "first": at == 0, "last": at == len(pairs) - 1}
        parts.append(called.body(one, names=known, **data))
    return "".join(parts)


def _assign(called: Called) -> Any:
    called.assign(called.text(0), called.body() if called.block is not None else called.argument(1))
    return ""


def _val(called: Called) -> Any:
    value = called.argument(0)
    value = called.named.get("or") if value is None else value
    if "assign" in called.named:
        called.assign(text_of(called.named["assign"]), value)
        return ""
    return value


def chosen(called: Called, *, holds: bool) -> Any:
    """What a condition gives: its block or what is behind `else`; inline words for yes and no, or true and false."""
    if called.block is not None:
        return called.body() if holds else called.otherwise()
    if "yes" in called.named or "no" in called.named:
        return called.named.get("yes" if holds else "no", "")
    return holds


def _compared(test: Callable[[Any, Any], bool]) -> Helper:
    def compare(called: Called) -> Any:
        left, right = called.argument(0), called.argument(1)
        if isinstance(left, list) or isinstance(right, list):
            left, right = text_of(left), text_of(right)
        try:
            return chosen(called, holds=test(left, right))
        except TypeError:
            return chosen(called, holds=test(text_of(left), text_of(right)))

    return compare


def _of_all(test: Callable[[list[bool]], bool]) -> Helper:
    return lambda called: chosen(called, holds=test([is_true(one) for one in called.arguments]))


HELPERS: Mapping[str, Helper] = {
    "if": _if,
    "unless": _unless,
    "with": _with,
    "each": _each,
    "lookup": lambda called: member(called.argument(0), called.text(1)),
    "assign": _assign,
    "val": _val,
    "eq": _compared(lambda left, right: left == right),
    "neq": _compared(lambda left, right: left != right),
    "gt": _compared(lambda left, right: left > right),
    "gte": _compared(lambda left, right: left >= right),
    "lt": _compared(lambda left, right: left < right),
    "lte": _compared(lambda left, right: left <= right),
    "and": _of_all(all),
    "or": _of_all(any),
    "not": _of_all(lambda found: not found[0] if found else True),
}
