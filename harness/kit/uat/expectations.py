"""Counting what was really expected: a demonstration that evaluates nothing shows nothing.

Counted are Playwright's `expect`, pytest's rewritten `assert` (but not `assert True`, which
cannot fail), and `check`. An expectation that failed and was swallowed never counts as shown.
"""

import ast
import functools
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api._generated import APIResponseAssertions, LocatorAssertions, PageAssertions

from harness.kit.uat.stage import current_stage

_EXPECTING = (PageAssertions, LocatorAssertions, APIResponseAssertions)
_COUNTED = "_harness_counted"
_PAUSE_S = 0.1


def check(holds: object, sentence: str) -> None:
    """Expect something that has no page of its own; `sentence` says what should be so."""
    _count(bool(holds), sentence)
    if not holds:
        raise AssertionError(sentence)


def until(holds: Callable[[], object], sentence: str, *, within_s: float = 10.0, page: Page | None = None) -> None:
    """Expect something to become so. It is asked again, ever less often, until it holds or the time is over."""
    end = time.monotonic() + within_s
    pause = _PAUSE_S
    while not holds():
        if time.monotonic() + pause > end:
            check(bool(holds()), f"{sentence} (not within {within_s:g} s)")
            return
        if page is not None:
            page.wait_for_timeout(pause * 1000)
        else:
            time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
    check(True, sentence)


def count_playwright() -> None:
    """Have every Playwright expectation of this process counted. Twice is once."""
    for kind in _EXPECTING:
        for name in dir(kind):
            method = getattr(kind, name)
            if name.startswith(("to_", "not_to_")) and not hasattr(method, _COUNTED):
                setattr(kind, name, _counting(name, method))


def count_assert(expression: str) -> None:
    """Count an `assert` that held, unless its expression is a constant."""
    try:
        ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        _count(True, expression)


def _counting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def counted(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            result = method(*args, **kwargs)
        except AssertionError:
            _count(False, name)
            raise
        _count(True, name)
        return result

    setattr(counted, _COUNTED, True)
    return counted


def _count(holds: bool, what: str) -> None:
    stage = current_stage()
    if stage is None or not stage.acting:
        return  # what a fixture expects of its own preparations shows nothing
    stage.shown += holds
    stage.journal.write("expectation", holds=holds, what=" ".join(what.split())[:200])
