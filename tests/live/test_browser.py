"""A real browser is tried for real; without Chinese letters the same page says so."""

import os
from pathlib import Path

import pytest

from harness.adapters.browsers import find_browser, try_browser
from harness.adapters.host import Host

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


@pytest.mark.needs("chinese-font")
def test_the_browser_here_draws_pages_and_chinese() -> None:
    browser = find_browser(Host())
    assert browser
    trial = try_browser(browser, Host())
    assert trial.draws, trial.said
    assert trial.chinese


def test_without_a_chinese_font_the_trial_sees_boxes(tmp_path: Path) -> None:
    settings = tmp_path / "fonts.conf"
    settings.write_text(f'<?xml version="1.0"?><fontconfig><dir>{tmp_path}</dir></fontconfig>')
    browser = find_browser(Host())
    assert browser
    trial = try_browser(browser, Host(environ={**os.environ, "FONTCONFIG_FILE": str(settings)}))
    assert trial.draws, trial.said
    assert not trial.chinese
