"""The live table of a mock: the last interactions, in both languages; nothing of a client reaches the terminal raw."""

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from harness.cli.asking import Out
from harness.cli.mock_live import Lines, Shown, hearing
from harness.mocks.watching import Row


def out(*, json: bool = False, interactive: bool = True, quiet: bool = False, language: str = "en") -> Out:
    return Out(
        stdout=io.StringIO(), stderr=io.StringIO(), json=json, color=False, quiet=quiet, verbose=False, width=100,
        interactive=interactive, language=language,
    )  # fmt: skip


def row(path: str = "/red", why: str = "") -> Row:
    return Row(at_ms=1, method="GET", path=path, status=404, by="nothing", why=why)


def drawn(shown: Shown) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(shown.table())
    told = console.file.getvalue()  # type: ignore[attr-defined]
    return str(told)


def test_the_table_names_the_nearest_stub_and_counts_all() -> None:
    shown = Shown(out())
    for number in range(40):
        shown.hear(row(f"/n{number}.", why="nearest is red, but for query page"))
    told = drawn(shown)
    assert "/n39." in told
    assert "/n20." not in told
    assert "nearest is red, but for query page" in told
    assert "in all: 40" in told


def test_the_table_speaks_chinese_where_that_is_asked() -> None:
    assert "应答来源" in drawn(Shown(out(language="zh")))


def test_no_escape_of_a_client_reaches_the_terminal() -> None:
    shown = Shown(out())
    shown.hear(row("/\x1b[2J[red]x[/red]"))
    told = drawn(shown)
    assert "\x1b" not in told
    assert "[red]x[/red]" in told


def test_the_table_appears_on_a_terminal_and_goes_again() -> None:
    where = out()
    shown = Shown(where)
    shown.begin()
    shown.hear(row("/seen"))
    shown.end()
    assert "/seen" in where.stderr.getvalue()  # type: ignore[attr-defined]


def test_who_is_told() -> None:
    assert isinstance(hearing(out()), Shown)
    assert isinstance(hearing(out(json=True)), Lines)
    assert hearing(out(interactive=False)) is None
    assert hearing(out(quiet=True)) is None


def test_lines_are_written_in_their_order(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stdout:
        lines = Lines(replace(out(json=True), stdout=stdout))
        lines.begin()
        for number in range(50):
            lines.hear(row(f"/n{number}."))
        lines.end()
    told = (tmp_path / "out").read_text().splitlines()
    assert [f"/n{number}." in line for number, line in enumerate(told)] == [True] * 50
