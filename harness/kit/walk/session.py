"""The pytest plugin of a walkthrough: one line to the server, one guide, and what became of each demonstration."""

import json
import os
from collections.abc import Generator
from typing import Any

import pytest

from harness.kit.uat.guiding import be_guided_by
from harness.kit.uat.session import kind_of, node_of
from harness.kit.uat.stage import current_stage, first_line
from harness.kit.walk.guide import Guide
from harness.kit.walk.line import Line

SETTING = "HARNESS_WALK"
_GUIDE = pytest.StashKey[Guide]()
_LINE = pytest.StashKey[Line]()


def pytest_configure(config: pytest.Config) -> None:
    """Connect to the server that the environment names, and go along from now on."""
    told = json.loads(os.environ[SETTING])
    line = Line(told["socket"], {"session": told["session"], "key": told["key"]})
    config.stash[_LINE] = line
    config.stash[_GUIDE] = Guide(line)
    be_guided_by(config.stash[_GUIDE])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Say which demonstration begins and that it is over."""
    guide, node = item.config.stash[_GUIDE], node_of(item)
    guide.began(node)
    try:
        return (yield)
    finally:
        guide.finished(node)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """After the last step, while the page is still there: is this right for your work?"""
    result = yield
    stage = current_stage()
    if stage is not None:
        item.config.stash[_GUIDE].ask(stage)
    return result


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """What broke is told as such: it is no answer."""
    report = yield
    if call.excinfo is not None and call.when != "teardown":
        error = call.excinfo.value
        item.config.stash[_GUIDE].stopped(kind_of(error), first_line(error))
    return report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Hang up."""
    config.stash[_LINE].tell("bye")
    config.stash[_LINE].close()
