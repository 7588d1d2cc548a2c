"""Whatever goes wrong with a load run, the reason is told with its place, and nothing is taken for a pass."""

import json
import signal
import socket
import time

import pytest

from harness.formats.sentences import say
from harness.model.evidence import Code
from harness.model.load import ClosedModel, OpenModel, Stage

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

MODEL = OpenModel(stages=(Stage(rate_per_s=20, for_s=1),))
LONG = OpenModel(stages=(Stage(rate_per_s=20, for_s=50),))
ONE = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    @task
    def one(self):
        self.client.get("/ok", name="one")
"""


def reasons(ran) -> set[tuple[str, Code]]:
    return {(one.outcome.value, reason.code) for one in ran.observations.observations for reason in one.reasons}


def first_sentence(ran) -> str:
    return say(ran.observations.observations[0].reasons[0])


@pytest.mark.parametrize(
    ("script", "said", "place"),
    [
        ("class It(:\n", "invalid syntax", "load/it.py:1"),
        ("import nowhere_at_all\n", "No module named 'nowhere_at_all'", "load/it.py:1"),
        ("\n\n1 / 0\n", "ZeroDivisionError", "load/it.py:3"),
        ("import sys\nsys.exit(0)\n", "SystemExit", "load/it.py:2"),
        (ONE.replace("It(", "Ti("), "there is no user class `It`; there are: Ti", "load/it.py:1"),
        ("class It: pass\n", "not a Locust user", "load/it.py:1"),
        (ONE.replace("@task", ""), "`It` has no task", "load/it.py:5"),
    ],
)
def test_a_script_that_cannot_be_used_is_told_with_its_place(engine, wire, script, said, place):
    ran = engine.run(script, wire.url, MODEL)
    assert reasons(ran) == {("broken", Code.USERS_UNUSABLE)}
    assert said in first_sentence(ran)
    assert dict(ran.observations.observations[0].reasons[0].values)["place"] == place
    assert b"Traceback" not in ran.ended.stderr
    assert wire.asked == []


def test_a_system_that_is_not_there_is_unreachable(engine):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ran = engine.run(ONE, f"http://127.0.0.1:{free.getsockname()[1]}", MODEL)
    assert reasons(ran) == {("broken", Code.SYSTEM_UNREACHABLE)}
    assert dict(ran.operation("one").errors) == {"refused": 20}


def test_exceptions_of_the_script_are_counted_and_leave_the_limits_open(engine, wire):
    ran = engine.run(ONE.replace('name="one")', 'name="one").json()["id"]'), wire.url, MODEL)
    (error,) = ran.figures.script_errors
    assert (error.message, error.place, error.count) == ("KeyError: 'id'", "load/it.py:8", 20)
    assert reasons(ran) == {("broken", Code.USERS_UNUSABLE)}
    assert ran.ended.stderr == b""


def when_measured(scratch) -> None:
    """Wait for the first figures to be on disk."""
    give_up = time.monotonic() + 30
    while not (scratch / "figures.json").exists() and time.monotonic() < give_up:
        time.sleep(0.05)


def test_a_killed_engine_leaves_what_it_measured_and_no_verdict(engine, wire):
    def kill(process, scratch):
        when_measured(scratch)
        process.kill()

    ran = engine.run(ONE, wire.url, LONG, meanwhile=kill)
    assert not ran.figures.closed
    assert ran.operation("one").answered > 0
    assert reasons(ran) == {("broken", Code.ENGINE_CRASHED)}


def test_an_engine_that_is_asked_to_end_says_first_what_it_has(engine, wire):
    def end(process, scratch):
        when_measured(scratch)
        (scratch / "figures.json").unlink()
        process.send_signal(signal.SIGTERM)

    ran = engine.run(ONE, wire.url, LONG, meanwhile=end)
    assert ran.ended.exit_status == 128 + signal.SIGTERM
    assert not ran.figures.closed
    assert ran.operation("one").answered > 0


def test_who_watches_gets_a_line_a_second(engine, wire):
    ran = engine.run(ONE, wire.url, OpenModel(stages=(Stage(rate_per_s=20, for_s=3),)))
    lines = [json.loads(line) for line in ran.ended.files["progress.ndjson"].splitlines()]
    assert len(lines) >= 2
    assert {"at_s", "of_s", "requests", "errors", "dropped", "rate", "p50_ms", "p95_ms", "users"} <= set(lines[-1])
    assert lines[-1]["requests"] > lines[0]["requests"]


def test_the_file_with_the_credentials_is_gone_before_any_script_runs(engine, wire):
    engine.headers = {"Authorization": "Bearer t0ken"}
    script = f"{ONE}\nimport pathlib\npathlib.Path('left.txt').write_text(str(list(pathlib.Path('scratch').iterdir())))"
    ran = engine.run(script, wire.url, MODEL)
    assert (engine.folder / "left.txt").read_text() == "[]"
    assert not any(b"t0ken" in body for body in ran.ended.files.values())


@pytest.mark.parametrize(
    "task",
    ["1 / 0", "pass", 'self.client.get("http://127.0.0.1:1/", name="refused")', 'self.client.get("/ok", bad=1)'],
)
def test_users_that_never_wait_for_an_answer_do_not_keep_the_process_to_themselves(engine, wire, task):
    script = ONE.replace('self.client.get("/ok", name="one")', task)
    ran = engine.run(script, wire.url, ClosedModel(users=2, ramp_per_s=2, for_s=0.5))
    assert ran.figures.closed
    assert "passed" not in ran.outcomes.values()
