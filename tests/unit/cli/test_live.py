"""Telling how a run goes on: lines without a terminal, a table on one, and never a reason to fall over."""

import io
import re
import subprocess
import sys

import pytest

from harness.cli import live
from harness.cli.live import Lines, Moving, Silent, narrator
from harness.model.evidence import Code, Outcome, Reason
from harness.model.plan import Check, Job, MockWork, Promise
from harness.model.tier import Suite

CHECK = Check(id="contract:orders/a", suite=Suite.CONTRACT, promise=Promise.OPERATION, title="a")
JOB = Job(
    id="contract:orders",
    suite=Suite.CONTRACT,
    work=MockWork(dependency="x", folder="x", contract=None),
    checks=(CHECK,),
    seed=1,
    deadline_s=1,
)
ENDED = {Outcome.PASSED: 17, Outcome.FAILED: 1, Outcome.BROKEN: 0}


def told(stream: io.StringIO, *, interactive: bool) -> str:
    who = narrator(stream, interactive=interactive)
    who.note("the stage is up")
    who.job_started(JOB)
    who.job_progress(JOB.id, "first\n\x1b[2J::error::boo\n")
    who.note("half way \x1b[31m")
    who.job_ended(JOB.id, ENDED, 12.4)
    who.close()
    return stream.getvalue()


def test_without_a_terminal_a_job_is_two_lines() -> None:
    assert told(io.StringIO(), interactive=False) == (
        "the stage is up\ncontract:orders   started, 1 check\n"
        "half way \\x1b[31m\ncontract:orders   17 passed, 1 failed in 12.4 s\n"
    )


def test_a_silent_job_is_heard_of_at_most_once_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    who = Lines(stream)
    who.job_started(JOB)
    for second in range(35):
        now[0] = 100.0 + second
        who.job_progress(JOB.id, f"{second} requests")
    assert [int(seconds) for seconds in re.findall(r"(\d+) requests", stream.getvalue())] == [10, 20, 30]


def test_on_a_terminal_a_table_moves_and_is_taken_away_at_the_end() -> None:
    text = told(io.StringIO(), interactive=True)
    assert "contract:orders" in text
    assert "\x1b[?25l" in text
    assert text.rstrip().endswith("\x1b[2K")
    assert text.count("\x1b[?25h") == 1


def test_what_an_engine_says_does_nothing_to_the_terminal() -> None:
    for interactive in (False, True):
        text = told(io.StringIO(), interactive=interactive)
        assert "\x1b[2J" not in text
        assert "\n::error" not in text


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    assert isinstance(narrator(stream, interactive=True, quiet=True), Silent)
    assert stream.getvalue() == ""


def test_closing_twice_or_before_anything_is_harmless() -> None:
    who = Moving(io.StringIO(), color=False)
    who.close()
    who.job_ended(JOB.id, {}, 0.0)
    who.close()
    who.close()


def test_a_listener_that_went_away_does_not_stop_a_run() -> None:
    stream = io.StringIO()
    stream.close()
    who = Lines(stream)
    who.job_started(JOB)
    who.note("still here")


def test_rich_is_imported_only_for_a_terminal() -> None:
    code = (
        "import io, sys; from harness.cli.live import narrator; narrator(io.StringIO(), interactive=False).note('x');"
        "print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


FINDING = Reason.of(Code.FINDING, title="POST /orders fails with 500 on any request", title_zh="POST /orders 出错")


def failing(*, interactive: bool, language: str = "en") -> list[str]:
    stream = io.StringIO()
    who = narrator(stream, interactive=interactive, language=language)
    who.job_started(JOB)
    who.job_found(JOB.id, "POST /orders: Server error (500)")
    who.job_found(JOB.id, "POST /orders: Server error (500)")
    at_once = stream.getvalue()
    who.check_failed("contract:orders/createOrder", (FINDING,))
    who.close()
    assert "Server error" in at_once
    return [line.strip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).splitlines()]


@pytest.mark.parametrize("interactive", [False, True])
def test_a_failure_is_told_as_soon_as_it_is_found_once_and_again_when_its_job_has_ended(interactive: bool) -> None:
    told = failing(interactive=interactive)
    assert told.count("contract:orders   found   POST /orders: Server error (500)") == 1
    # a terminal breaks the line where it ends
    whole = " ".join(" ".join(told).split())
    assert "contract:orders/createOrder failed POST /orders fails with 500 on any request" in whole


def test_failures_are_told_in_chinese_too() -> None:
    told = failing(interactive=False, language="zh")
    assert told[-2:] == [
        "contract:orders   发现   POST /orders: Server error (500)",
        "contract:orders/createOrder   失败   POST /orders 出错",
    ]


def test_of_very_many_things_found_only_the_first_are_told() -> None:
    stream = io.StringIO()
    who = Lines(stream)
    for number in range(50):
        who.job_found(JOB.id, f"failure {number}")
    told = stream.getvalue().splitlines()
    assert len(told) == 11
    assert told[-1] == "contract:orders   found   …"
