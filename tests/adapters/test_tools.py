"""Asking a tool: whatever it does, there is an answer, and nothing of it stays."""

import os
import sys
import time
from pathlib import Path

import pytest

from harness.adapters.tools import Said, ask


def test_a_tool_that_answers_is_quoted() -> None:
    said = ask((sys.executable, "-c", "print('one'); print('two')"), deadline_s=30)
    assert said.well
    assert said.out == "one\ntwo\n"
    assert said.last_words == "two"


def test_a_tool_that_is_not_there_is_an_answer_too(tmp_path: Path) -> None:
    said = ask((tmp_path / "nothing",), deadline_s=30)
    assert said.status is None
    assert "No such file" in said.last_words


def test_a_tool_that_never_ends_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 300 & echo $! > {note}; wait"
    said = ask(("sh", "-c", script), deadline_s=1)
    assert said.status is None
    assert "did not end within 1 s" in said.last_words
    child = int(note.read_text())
    assert any(not _runs(child) or time.sleep(0.05) for _ in range(100))


def test_a_tool_reads_nothing_from_our_terminal() -> None:
    assert ask((sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"), deadline_s=30).out == "''\n"


@pytest.mark.parametrize(
    ("out", "err", "words"), [("a\n", "b\n", "b"), ("a\n\n", "", "a"), ("", "", "it said nothing")]
)
def test_last_words_are_the_last_line_that_says_something(out: str, err: str, words: str) -> None:
    assert Said(status=1, out=out, err=err).last_words == words


def _runs(pid: int) -> bool:
    """Whether the process lives; one that ended and waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
