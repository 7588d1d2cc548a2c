"""Finding a browser: the setting first, the system's next, a download last; nothing that is none."""

import os
from pathlib import Path

import pytest

from harness.adapters.browsers import Browser, browser_remedy, find_browser, launch_flags, try_browser
from harness.adapters.host import Host
from harness.errors import AskedWrongly


def pretend(folder: Path, name: str, version: str = "Chromium 1.2.3 built on Something") -> Path:
    """A program that answers for a version and can do nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)
    return path


def host(tmp_path: Path, **environ: str) -> Host:
    (tmp_path / "bin").mkdir(exist_ok=True)
    return Host(environ={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **environ})


def test_the_systems_browser_is_found_by_its_name(tmp_path: Path) -> None:
    path = pretend(tmp_path / "bin", "google-chrome")
    assert find_browser(host(tmp_path)) == Browser(path=str(path), version="Chromium 1.2.3", found="the system's")


def test_the_setting_goes_before_the_system(tmp_path: Path) -> None:
    pretend(tmp_path / "bin", "chromium")
    mine = pretend(tmp_path / "mine", "chrome")
    found = find_browser(host(tmp_path, HARNESS_BROWSER=str(mine)))
    assert found
    assert (found.path, found.found) == (str(mine), "setting HARNESS_BROWSER")


def test_a_setting_that_names_no_browser_is_an_error_not_another_browser(tmp_path: Path) -> None:
    pretend(tmp_path / "bin", "chromium")
    with pytest.raises(AskedWrongly, match="no browser can be started there"):
        find_browser(host(tmp_path, HARNESS_BROWSER=str(tmp_path / "absent")))


def test_playwrights_download_is_found_newest_first(tmp_path: Path) -> None:
    for build in ("1200", "1255"):
        pretend(tmp_path / f"browsers/chromium-{build}/chrome-linux64", "chrome", f"Chrome {build}")
    found = find_browser(host(tmp_path, PLAYWRIGHT_BROWSERS_PATH=str(tmp_path / "browsers")))
    assert found
    assert (found.version, found.found) == ("Chrome 1255", "Playwright's download")


def test_a_program_that_does_not_answer_is_no_browser(tmp_path: Path) -> None:
    broken = pretend(tmp_path / "bin", "chromium")
    broken.write_text("#!/bin/sh\nexit 1\n")
    assert find_browser(host(tmp_path)) is None


def test_a_program_that_only_knows_its_version_draws_nothing(tmp_path: Path) -> None:
    found = find_browser(host(tmp_path, HARNESS_BROWSER=str(pretend(tmp_path, "chrome"))))
    assert found
    trial = try_browser(found, Host(environ={**os.environ}))
    assert not trial.draws
    assert not trial.chinese
    assert trial.said


def test_the_sandbox_is_off_only_as_root() -> None:
    assert ("--no-sandbox" in launch_flags(Host())) == (os.geteuid() == 0)


def test_the_way_out_is_a_line_to_type(tmp_path: Path) -> None:
    pretend(tmp_path / "bin", "apt-get")
    assert "apt-get install -y --no-install-recommends chromium" in browser_remedy(host(tmp_path))
    assert "HARNESS_BROWSER" in browser_remedy(Host(environ={"PATH": str(tmp_path / "nowhere")}))
