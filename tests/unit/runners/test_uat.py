"""The UAT runner without a browser: what it starts, and what it makes of a journal, however that ends."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Code, Observation, Outcome
from harness.model.plan import Check, Job, Promise, UatWork
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners import uat

CRITERION = Criterion(
    id="ORD-3",
    title=Text(en="Gone"),
    statement=Text(en="Gone."),
    priority=Priority.MUST,
    demonstration="test_orders.py::test_gone",
    evidence=("screenshot",),
)
CHECK = Check(id="uat:orders/ORD-3", suite=Suite.UAT, promise=Promise.CRITERION, title="Gone")
JOB = Job(
    id="uat:orders",
    suite=Suite.UAT,
    work=UatWork(folder="uat", criteria=(CRITERION,)),
    checks=(CHECK,),
    seed=1,
    deadline_s=150.0,
)
AROUND = Surroundings(
    run="r1",
    tier="test",
    root="/shop",
    python="/venv/bin/python",
    targets={"orders": Target(name="orders", base_url="http://127.0.0.1:1", headers={"Authorization": "Bearer t0p"})},
    browser="/usr/bin/chromium",
)
NODE = "test_orders.py::test_gone[chromium]"


def line(event, **values):
    return {"event": event, "at-ms": 5, **values}


def phases(**troubled):
    for when in ("setup", "call", "teardown"):
        trouble = troubled.get(when)
        outcome = "failed" if trouble else "passed"
        yield line("phase", when=when, outcome=outcome, **(trouble or {}))


STEP = (
    line("step-started", step=1, parent=None, title={"en": "Cancel it", "zh": "取消"}),
    line("evidence", step=1, kind="screenshot", file="01-screen.png", **{"media-type": "image/png"}),
    line("step-ended", step=1, outcome="passed"),
)
HELD = line("expectation", holds=True, what="to_be_visible")
WHOLE = (line("started"), *STEP, HELD, *phases(), line("finished", shown=1))


def session(*attempts, closed=True, nodes=(NODE,), extra=()):
    """What a session with these attempts (each the lines of its journal) leaves in the scratch directory."""
    lines = [line("session-started"), *extra, line("collected", nodes=list(nodes))]
    files = {}
    for number, journal in enumerate(attempts, 1):
        folder = f"t{number:03}"
        lines.append(line("test-started", node=nodes[min(number, len(nodes)) - 1], attempt=number, folder=folder))
        files[f"uat/{folder}/events.ndjson"] = ndjson(journal)
        files[f"uat/{folder}/01-screen.png"] = b"\x89PNG"
    if closed:
        lines.append(line("session-finished", exit=0))
    return {"uat/session.ndjson": ndjson(lines), **files}


def ndjson(lines):
    return "".join(json.dumps(one) + "\n" if isinstance(one, dict) else one for one in lines).encode()


def observe(files, job=JOB, **ended) -> list[Observation]:
    return list(uat.observe(job, AROUND, Ended(**{"exit_status": 0, "files": files, **ended})).observations)


def told(observation):
    return observation.outcome, [reason.code for reason in observation.reasons]


def test_a_whole_journal_passes_with_its_steps_and_evidence():
    [seen] = observe(session(WHOLE))
    assert told(seen) == (Outcome.PASSED, [])
    assert [(step.title, step.attachments) for step in seen.steps] == [("Cancel it · 取消", (0,))]
    assert seen.evidence[0].name == "screenshot: Cancel it"
    assert ("criterion", "ORD-3") in seen.labels and ("moscow", "must") in seen.labels


@pytest.mark.parametrize("missing", range(len(WHOLE)))
def test_no_line_of_a_journal_can_go_missing_and_leave_a_pass(missing):
    lost = WHOLE[missing]["event"]
    [seen] = observe(session(tuple(one for n, one in enumerate(WHOLE) if n != missing)))
    harmless = {"started", "step-started", "step-ended"}  # they only tell the story
    assert (seen.outcome is Outcome.PASSED) is (lost in harmless), lost


@pytest.mark.parametrize(
    ("journal", "outcome", "code"),
    [
        ((line("started"), *STEP, *phases(), line("finished")), Outcome.BROKEN, Code.NOTHING_SHOWN),
        ((line("started"), HELD, *phases(), line("finished")), Outcome.BROKEN, Code.EVIDENCE_MISSING),
        ((line("started"), *STEP, HELD), Outcome.BROKEN, Code.SCRIPT_BROKE),
        ((*WHOLE[:-1], "{half a li\n", line("finished")), Outcome.BROKEN, Code.OUTPUT_UNREADABLE),
        ((*WHOLE, line("overdue", where="in the loop")), Outcome.BROKEN, Code.SCRIPT_BROKE),
    ],
    ids=["nothing held", "no screenshot", "process left", "damaged", "overdue"],
)
def test_what_is_not_whole_is_broken(journal, outcome, code):
    assert told(observe(session(journal))[0]) == (outcome, [code])


@pytest.mark.parametrize(
    ("when", "kind", "outcome", "code"),
    [
        ("call", "assertion", Outcome.FAILED, Code.ASSERTION_FAILED),
        ("setup", "assertion", Outcome.BROKEN, Code.SCRIPT_BROKE),
        ("teardown", "assertion", Outcome.BROKEN, Code.SCRIPT_BROKE),
        ("call", "script", Outcome.BROKEN, Code.SCRIPT_BROKE),
        ("call", "skipped", Outcome.SKIPPED, Code.WAS_SKIPPED),
        ("setup", "no-browser", Outcome.BROKEN, Code.NO_BROWSER),
        ("call", "browser-died", Outcome.BROKEN, Code.SCRIPT_BROKE),
        ("call", "unreachable", Outcome.BROKEN, Code.SYSTEM_UNREACHABLE),
        ("call", "system-gone", Outcome.BROKEN, Code.SYSTEM_DIED),
        ("call", "something new", Outcome.BROKEN, Code.SCRIPT_BROKE),
    ],
)
def test_each_kind_of_trouble_has_its_outcome(when, kind, outcome, code):
    trouble = {"kind": kind, "message": "it was 3\nCall log:\n  - waiting", "place": "uat/test_orders.py:7"}
    journal = (line("started"), *STEP, HELD, *phases(**{when: trouble}), line("finished"))
    [seen] = observe(session(journal))
    assert told(seen) == (outcome, [code])
    assert "Call log" not in str(seen.reasons)


def test_a_failed_expectation_counts_even_if_the_clean_up_fails_too():
    bad = {"kind": "assertion", "message": "wrong", "place": "x:1"}
    worse = {"kind": "script", "message": "no clean-up", "place": "x:2"}
    [seen] = observe(session((line("started"), *phases(call=bad, teardown=worse), line("finished"))))
    assert told(seen) == (Outcome.FAILED, [Code.ASSERTION_FAILED])


def test_every_attempt_is_kept():
    bad = {"kind": "assertion", "message": "wrong", "place": "x:1"}
    failed = (line("started"), *phases(call=bad), line("finished"))
    assert [one.outcome for one in observe(session(failed, WHOLE))] == [Outcome.FAILED, Outcome.PASSED]


def test_of_several_parameters_the_worst_decides():
    bad = {"kind": "assertion", "message": "wrong", "place": "x:1"}
    failed = (line("started"), *phases(call=bad), line("finished"))
    [seen] = observe(session(WHOLE, failed, nodes=("test_orders.py::test_gone[en]", "test_orders.py::test_gone[zh]")))
    assert told(seen) == (Outcome.FAILED, [Code.ASSERTION_FAILED])
    assert [step.title for step in seen.steps] == ["test_gone[en]", "test_gone[zh]"]


@pytest.mark.parametrize(
    ("files", "ended", "code"),
    [
        ({}, {"exit_status": 0}, Code.ENGINE_CRASHED),
        ({}, {"exit_status": None, "cannot_start": "no such file"}, Code.ENGINE_MISSING),
        ({}, {"exit_status": None, "timed_out": True}, Code.ENGINE_TIMED_OUT),
        ({}, {"exit_status": None, "interrupted": True}, Code.INTERRUPTED),
        (session(nodes=()), {}, Code.NO_DEMONSTRATION),
        (session(closed=False), {}, Code.ENGINE_CRASHED),
        (
            session(nodes=(), extra=(line("not-collected", file="test_orders.py", message="SyntaxError"),)),
            {},
            Code.SCRIPT_BROKE,
        ),
        (
            session(nodes=(), extra=(line("not-collected", file="test_other.py", message="x"),)),
            {},
            Code.NO_DEMONSTRATION,
        ),
    ],
)
def test_what_was_never_attempted_is_broken_with_its_cause(files, ended, code):
    assert told(observe(files, **ended)[0]) == (Outcome.BROKEN, [code])


@given(
    st.lists(
        st.sampled_from([b'{"event": "phase"}', b'{"event": 1}', b"[]", b"{", b'{"event": "evidence", "at-ms": 1}'])
    )
)
def test_damaged_journals_are_read_and_never_pass(damage):
    files = session(WHOLE)
    whole = files["uat/t001/events.ndjson"]
    for place in ("uat/session.ndjson", "uat/t001/events.ndjson"):
        found = observe({**files, place: b"\n".join([*damage, files[place]])})
        assert damage == [] or place == "uat/session.ndjson" or found[0].outcome is Outcome.BROKEN
    assert observe({**files, "uat/t001/events.ndjson": whole[: len(whole) // 2]})[0].outcome is Outcome.BROKEN


def test_no_exit_status_of_pytest_makes_a_pass():
    for status in range(7):
        assert observe({}, exit_status=status)[0].outcome is Outcome.BROKEN


def test_a_script_without_a_criterion_is_judged_alike():
    check = replace(CHECK, id="uat:orders/TestA.test_b", promise=Promise.SCRIPT)
    work = UatWork(folder="uat", criteria=(), scripts=("test_orders.py::TestA::test_b",))
    node = "test_orders.py::TestA::test_b[chromium]"
    [seen] = observe(session(WHOLE, nodes=(node,)), replace(JOB, work=work, checks=(check,)))
    assert told(seen) == (Outcome.PASSED, [])


def test_credentials_are_in_a_private_file_and_nowhere_else():
    command = uat.command(JOB, AROUND)
    assert b"t0p" in command.files["uat-settings.json"]
    assert "t0p" not in " ".join(command.argv) + " ".join(command.env.values())


def test_only_promised_scripts_are_wanted_and_the_workspace_configuration_is_left_out():
    command = uat.command(JOB, AROUND)
    assert json.loads(command.files["uat-settings.json"])["wanted"] == ["test_orders.py::test_gone"]
    assert command.argv[command.argv.index("-c") + 1] == "{scratch}/pytest.ini"
    assert {"no:locust", "no:schemathesis", "no:cacheprovider", "no:harness_uat"} <= set(command.argv)


def test_one_test_never_gets_the_whole_of_the_deadline():
    settings = json.loads(uat.command(replace(JOB, deadline_s=30.0), AROUND).files["uat-settings.json"])
    assert settings["test-s"] < 30.0


DOCUMENT = json.dumps(
    {
        "paths": {
            "/orders": {"get": {"operationId": "listOrders"}, "post": {"operationId": "createOrder"}, "parameters": []},
            "/orders/{id}": {"get": {"operationId": "getOrder"}},
            "/orders/mine": {"get": {}},
        }
    }
).encode()


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("POST", "http://127.0.0.1:1/orders", "createOrder"),
        ("GET", "http://127.0.0.1:1/orders?page=2", "listOrders"),
        ("GET", "http://127.0.0.1:1/orders/7", "getOrder"),
        ("GET", "http://127.0.0.1:1/orders/mine", "GET /orders/mine"),
        ("GET", "http://127.0.0.1:1/orders/7/lines", None),
        ("DELETE", "http://127.0.0.1:1/orders", None),
        ("GET", "http://127.0.0.1:12/orders", None),
        ("GET", "http://elsewhere/orders", None),
    ],
)
def test_requests_are_told_as_operations_of_the_contract(method, url, name):
    journal = (*WHOLE[:-1], line("request", method=method, url=url, status=200, by="page"), WHOLE[-1])
    around = replace(AROUND, documents={"orders.yaml": DOCUMENT, "broken.yaml": b"{"})
    [seen] = uat.observe(JOB, around, Ended(exit_status=0, files=session(journal))).observations
    assert [value for key, value in seen.labels if key == "operation"] == ([name] if name else [])
