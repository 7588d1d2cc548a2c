"""What rests on mocks is told wherever a run is shown, and nothing is where no mock stood in."""

from dataclasses import replace
from typing import Any

import pytest

from harness.formats.allure_environment import environment_properties
from harness.formats.markdown import write_markdown
from harness.formats.terminal import run_text
from harness.model.evidence import Certified, StoodIn

STALE = StoodIn(
    dependency="erp", folder="mocks/erp", certified=Certified.STALE, differs=("stubs",), called=((0, 10**14),)
)


def everywhere(shown: Any, language: str = "en") -> dict[str, str]:
    run = (shown.plan, shown.record, shown.verdict)
    return {
        "terminal": run_text(*run, evidence="", language=language, width=300),
        "markdown": write_markdown(*run, language=language),
        "allure": environment_properties(*run).decode(),
    }


@pytest.fixture
def mocked(shown: Any) -> Any:
    """The same run, with a mock whose certificate is stale."""
    return replace(shown, record=replace(shown.record, stood_in=(STALE,)))


def test_a_run_with_a_mock_tells_the_share_and_the_certificate_everywhere(mocked: Any) -> None:
    for where, text in everywhere(mocked).items():
        assert "100 %" in text, where
        assert "stale" in text, where
        assert "harness mock verify mocks/erp" in text.replace("\\", ""), where


def test_it_is_told_in_chinese_too(mocked: Any) -> None:
    told = everywhere(mocked, "zh")
    assert "依赖模拟服务" in told["terminal"]
    assert "证书已过期" in told["markdown"]


def test_a_run_without_mocks_says_nothing_of_them(shown: Any) -> None:
    for where, text in everywhere(shown).items():
        assert "rest on mocks" not in text, where
        assert "mock.debt" not in text, where
