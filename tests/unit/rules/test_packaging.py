"""From runs to a package: the worst that was seen counts, in the version that is asked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.acceptance import Change, Slot
from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Attachment, Closed, Finding, Outcome, Record, Seen, Severity
from harness.model.plan import Check, Job, Plan, Promise, UatWork
from harness.model.tier import Policy, Suite
from harness.rules.packaging import Ran, code_from, package_from
from tests.unit.acceptances import PACKAGE

HEAD = replace(PACKAGE, criteria=(), slots=())
SHA = "a" * 64
FILE = Attachment(name="p", media_type="image/png", sha256="b" * 64, size=3)


def criterion(id_: str, **more) -> Criterion:
    return Criterion(
        **{
            "id": id_,
            "title": Text(en=id_),
            "statement": Text(en="s"),
            "priority": Priority.MUST,
            "owner": "desk",
            "sha256": SHA,
            **more,
        }
    )


def seen(id_: str, outcome: Outcome = Outcome.PASSED, **more) -> Seen:
    labels = more.pop("labels", (("criterion-version", SHA[:12]),))
    return Seen(check=f"uat:hub/{id_}", job="uat", outcome=outcome, labels=labels, **more)


def ran(*attempts: Seen, ids=("A", "B")) -> Ran:
    checks = tuple(Check(id=f"uat:hub/{one}", suite=Suite.UAT, promise=Promise.CRITERION, title=one) for one in ids)
    job = Job(id="uat", suite=Suite.UAT, work=UatWork(folder="uat", criteria=()), checks=checks, seed=1, deadline_s=1.0)
    plan = Plan(run="R", tier="preprod", release=None, seed=1, jobs=(job,), policy=Policy(), digests=())
    record = Record(
        run="R", tier="preprod", plan_sha256="p", started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=attempts
    )
    return Ran(plan=plan, record=record, plan_sha256="p", record_sha256="r")


@pytest.mark.parametrize(
    ("attempts", "outcome"),
    [
        ((), None),
        ((seen("A"),), Outcome.PASSED),
        ((seen("A"), seen("A", Outcome.FAILED)), Outcome.FAILED),
        ((seen("A", Outcome.BROKEN), seen("A")), Outcome.BROKEN),
        ((seen("A", labels=(("criterion-version", "older"),)),), None),
        ((seen("AA"),), None),
    ],
)
def test_the_worst_attempt_of_this_version_counts(attempts, outcome):
    assert package_from(HEAD, (criterion("A"),), (ran(*attempts),), None).criteria[0].outcome is outcome


def test_evidence_is_named_once_and_what_was_withheld_is_not():
    withheld = replace(FILE, sha256="c" * 64, withheld="a secret")
    made = package_from(
        HEAD, (criterion("A"),), (ran(seen("A", attachments=(FILE, withheld)), seen("A", attachments=(FILE,))),), None
    )
    assert made.criteria[0].evidence == (FILE,)


def test_only_this_phase_and_this_tier_are_asked():
    criteria = (
        criterion("A"),
        criterion("B", phase=2),
        criterion("C", tiers=("test",)),
        criterion("D", tiers=("preprod",)),
    )
    assert [one.id for one in package_from(HEAD, criteria, (), None).criteria] == ["A", "D"]


def test_each_owner_signs_once_unless_it_is_said_otherwise():
    criteria = (
        criterion("A"),
        criterion("B", owner="finance"),
        criterion("C"),
        criterion("W", owner="x", priority=Priority.WONT),
    )
    assert package_from(HEAD, criteria, (), None).slots == (Slot(role="desk"), Slot(role="finance"))
    asked = replace(HEAD, slots=(Slot(role="desk", least=2),))
    assert package_from(asked, criteria, (), None).slots == (Slot(role="desk", least=2),)


def test_what_changed_since_the_earlier_package_is_told():
    criteria = (criterion("same"), criterion("words"), criterion("result"))
    earlier = package_from(HEAD, criteria, (ran(seen("result"), ids=("result",)),), None)
    now = (criterion("same"), criterion("words", sha256="d" * 64), criterion("result"), criterion("new"))
    made = package_from(HEAD, now, (ran(seen("result", Outcome.FAILED), ids=("result",)),), earlier)
    assert [one.change for one in made.criteria] == [Change.SAME, Change.WORDS, Change.RESULT, Change.NEW]


def test_what_was_promised_and_never_reported_counts_as_broken():
    used = package_from(HEAD, (), (ran(seen("A"), seen("A", Outcome.FAILED)),), None).runs[0]
    assert (used.passed, used.failed, used.broken, used.skipped, used.record_sha256) == (0, 1, 1, 0, "r")


def test_open_findings_are_told_once():
    finding = Finding(id="f1", operation="o", rule="r", severity=Severity.CRASH, title="it fell", message="m")
    made = package_from(HEAD, (), (ran(seen("A", findings=(finding,))), ran(seen("B", findings=(finding,)))), None)
    assert [(one.id, one.severity, one.criterion) for one in made.findings] == [("f1", "crash", "A")]


@given(st.binary(min_size=8, max_size=16))
def test_a_code_can_be_read_aloud(randomness):
    code = code_from(randomness)
    assert len(code) == 9 and code[4] == "-" and not set(code) & set("01ILOU")
