"""Whether two JSON values are the same, as WireMock's `equalToJson` means it.

Numbers compare by value, `true` is not 1, and JSON Unit's placeholders in the expected value stand for
anything of a kind.
"""

from typing import Any

from harness.mocks.patterns import search

_PLACEHOLDER = "${json-unit."
_IGNORED = frozenset({"${json-unit.ignore}", "${json-unit.ignore-element}"})


def same(expected: Any, actual: Any, *, any_order: bool = False, extra: bool = False) -> bool:
    """`any_order`: arrays as bags; `extra`: the actual value may hold more properties and elements."""
    if isinstance(expected, str) and expected.startswith((_PLACEHOLDER, "#{json-unit.")):
        return _stands_for(expected.replace("#{", "${", 1), actual)
    if isinstance(expected, dict):
        return isinstance(actual, dict) and _objects(expected, actual, any_order=any_order, extra=extra)
    if isinstance(expected, list):
        return isinstance(actual, list) and _arrays(expected, actual, any_order=any_order, extra=extra)
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
        return expected is actual
    return bool(expected == actual)


def _stands_for(placeholder: str, actual: Any) -> bool:
    if placeholder in _IGNORED:
        return True
    match placeholder:
        case "${json-unit.any-string}":
            return isinstance(actual, str)
        case "${json-unit.any-number}":
            return isinstance(actual, int | float) and not isinstance(actual, bool)
        case "${json-unit.any-boolean}":
            return isinstance(actual, bool)
    if placeholder.startswith("${json-unit.regex}"):
        return isinstance(actual, str) and search(placeholder.removeprefix("${json-unit.regex}"), actual, whole=True)
    return bool(placeholder == actual)


def _objects(expected: dict[str, Any], actual: dict[str, Any], *, any_order: bool, extra: bool) -> bool:
    for key, value in expected.items():
        if key not in actual:
            if value == "${json-unit.ignore-element}":
                continue
            return False
        if not same(value, actual[key], any_order=any_order, extra=extra):
            return False
    return extra or all(key in expected for key in actual)


def _arrays(expected: list[Any], actual: list[Any], *, any_order: bool, extra: bool) -> bool:
    if len(expected) > len(actual) or (len(expected) < len(actual) and not extra):
        return False
    if not any_order:
        return all(same(e, a, any_order=False, extra=extra) for e, a in zip(expected, actual, strict=False))
    taken: dict[int, int] = {}
    fits = [
        [at for at, a in enumerate(actual) if same(e, a, any_order=True, extra=extra)] for e in expected
    ]  # fmt: skip
    return all(_placed(index, fits, taken, set()) for index in range(len(expected)))


def _placed(index: int, fits: list[list[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Find a place of its own for an expected element, moving others where needed (bipartite matching)."""
    for at in fits[index]:
        if at not in tried:
            tried.add(at)
            if at not in taken or _placed(taken[at], fits, taken, tried):
                taken[at] = index
                return True
    return False
