"""What a person said decides over what the script saw, and only a yes lets the script's own pass stand."""

import json

import pytest

from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Code, Observation, Outcome, Reason
from harness.model.plan import Check, Job, Promise, UatWork
from harness.model.process import Ended, Surroundings
from harness.model.tier import Suite
from harness.model.walk import Answer, Feedback, FeedbackKind, Hurts, Item, Phase
from harness.runners import walk
from harness.runners.walk import Walked

CRITERION = Criterion(
    id="ORD-3",
    title=Text(en="It works"),
    statement=Text(en="It is so."),
    priority=Priority.MUST,
    demonstration="t.py::t",
    sha256="c" * 64,
)
CHECK = Check(id="uat:t/ORD-3", suite=Suite.UAT, promise=Promise.CRITERION, title="It works")
JOB = Job(
    id="uat:t",
    suite=Suite.UAT,
    work=UatWork(folder="uat", criteria=(CRITERION,)),
    checks=(CHECK,),
    seed=1,
    deadline_s=60,
)
AROUND = Surroundings(run="r", tier="test", root="/w", python="python", targets={})
BROKE = Reason.of(Code.SCRIPT_BROKE, message="it broke", place="t.py:1")
WRONG = Reason.of(Code.ASSERTION_FAILED, message="found 3")


def item(answer=None, phase=Phase.FINISHED, words="", stopped=""):
    return Item(
        node="t.py::t",
        criterion="ORD-3",
        title=CRITERION.title,
        statement=CRITERION.statement,
        phase=phase,
        answer=answer,
        words=words,
        stopped=stopped,
    )


@pytest.mark.parametrize(
    ("saw", "reasons", "said", "outcome", "codes"),
    [
        (Outcome.PASSED, (), item(Answer.YES), Outcome.PASSED, []),
        (Outcome.BROKEN, (BROKE,), item(Answer.YES), Outcome.BROKEN, [Code.SCRIPT_BROKE]),
        (Outcome.PASSED, (), item(Answer.NO, words="too dear"), Outcome.FAILED, [Code.PERSON_SAID_NO]),
        (Outcome.BROKEN, (BROKE,), item(Answer.NO), Outcome.FAILED, [Code.PERSON_SAID_NO]),
        (Outcome.PASSED, (), item(Answer.CANNOT_TELL), Outcome.BROKEN, [Code.PERSON_CANNOT_TELL]),
        (Outcome.PASSED, (), item(), Outcome.BROKEN, [Code.NOBODY_ANSWERED]),
        (Outcome.BROKEN, (BROKE,), item(phase=Phase.STOPPED), Outcome.BROKEN, [Code.DEMONSTRATION_STOPPED, BROKE.code]),
        (Outcome.FAILED, (WRONG,), item(phase=Phase.STOPPED), Outcome.BROKEN, [Code.DEMONSTRATION_STOPPED, WRONG.code]),
    ],
    ids=[
        "yes",
        "yes, script broke",
        "no",
        "no, then broke",
        "can't tell",
        "silence",
        "stopped",
        "stopped by a failure",
    ],
)
def test_an_answer_becomes_an_outcome(saw, reasons, said, outcome, codes):
    seen = Observation(check=CHECK.id, outcome=saw, reasons=reasons)
    assert walk._outcome(seen, (said,))[0] is outcome
    assert [one.code for one in walk._outcome(seen, (said,))[1]] == codes


def test_one_no_among_several_languages_is_a_no():
    seen = Observation(check=CHECK.id, outcome=Outcome.PASSED)
    assert walk._outcome(seen, (item(Answer.YES), item(Answer.NO)))[0] is Outcome.FAILED
    assert walk._outcome(seen, (item(Answer.YES), item()))[0] is Outcome.BROKEN


def test_no_worker_that_never_came_passes():
    ended = Ended(exit_status=1)
    [seen] = walk.observe(JOB, AROUND, ended, Walked(items=walk.items_of(JOB), pictures={})).observations
    assert seen.outcome is Outcome.BROKEN


def test_what_was_reported_is_evidence_with_its_picture_and_says_how_fast_the_picture_was():
    report = Feedback(
        id="F-1",
        criterion="ORD-3",
        kind=FeedbackKind.WISH,
        words="bigger letters",
        hurts=Hurts.COULD,
        at_ms=5,
        picture="p",
    )
    walked = Walked(items=(item(Answer.YES),), reports=(report,), pictures={"p": b"png"}, painted_ms=(10, 20, 90))
    observed = walk.observe(JOB, AROUND, Ended(exit_status=0), walked)
    evidence = {one.name: one.body for one in observed.observations[0].evidence}
    assert evidence["marked picture"] == b"png"
    assert json.loads(evidence["feedback"])[0]["words"] == "bigger letters"
    assert observed.notes[-3:] == (
        "ORD-3: whoever tried it answered yes",
        "the person saw 3 frames, 95 % of them within 90 ms of their capture",
        "F-1: wish, ORD-3",
    )


def test_the_worker_is_ours_with_hours_of_time_and_is_told_where_the_server_is():
    command = walk.command(JOB, AROUND, {"socket": "/s", "session": "s1", "key": "k"})
    assert command.argv[1:3] == ("-m", "harness.kit.walk")
    assert json.loads(command.env["HARNESS_WALK"])["session"] == "s1"
    assert "key" not in " ".join(command.argv)
    assert json.loads(command.files["uat-settings.json"])["test-s"] >= 3600
