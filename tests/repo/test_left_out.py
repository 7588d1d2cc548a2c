"""What the sample's tiers leave out is told in Chinese without a word of English around the names."""

import re
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("tier", ["test", "preprod", "prod"])
def test_every_reason_of_a_tier_of_the_sample_is_told_in_chinese(
    tier: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["plan", tier, "--lang", "zh"]) == 0
    told = [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines() if line.startswith("未包含")]
    assert told
    assert [why for why in told if not re.search(r"[\u4e00-\u9fff]", why)] == []
