"""The schemas that ship with the package: those of the types, as strict as the reader.

`APPROVE=1` writes them again; what changed is then for `git diff` and a reader to judge.
"""

import json
import os
from importlib import resources

import jsonschema_rs
import pytest

from harness.formats.documents import KINDS, write_document
from harness.formats.json_schema import schema_for
from harness.model.contract import Operation
from harness.model.evidence import Attachment, Closed, Code, Measure, Outcome, Reason, Record, Seen, Step
from harness.model.gate import Cause, Counted, GateCode, GateReason, Ruling
from harness.model.plan import Check, ContractWork, Job, Plan, Promise, Release
from harness.model.release import Artifact, Declared
from harness.model.signoff import Answer, Bundle, Grade, Signoff, Waiver
from harness.model.tier import Policy, Suite
from harness.model.verdict import Decision, Ground, Verdict

FILES = resources.files("harness.formats") / "schemas"
REASON = Reason.of(Code.NOT_REPORTED, why="w")
CHECK = Check(id="contract:hub/a", suite=Suite.CONTRACT, promise=Promise.OPERATION, title="t")
WORK = ContractWork(
    system="hub",
    contract="c",
    operations=(Operation(id="a", method="GET", path="/a", statuses=("200",)),),
    required=(("a", "200"),),
    max_examples=1,
)
SIGNOFF = Signoff(
    number=1,
    release="R",
    nonce="n",
    tier="t",
    criterion="c",
    criterion_sha256="s",
    answer=Answer.ACCEPTED,
    person="p",
    role="r",
    grade=Grade.TOTP,
    signed_ms=1,
)
WAIVER = Waiver(
    check="c",
    owner="o",
    reason="r",
    ticket="t",
    approved_by="a",
    approved_ms=1,
    expires_ms=2,
    release="R",
    nonce="n",
    tiers=("test",),
)
SEEN = Seen(
    check="contract:hub/a",
    job="contract:hub",
    outcome=Outcome.BROKEN,
    reasons=(REASON,),
    measures=(Measure(name="p95", value=1, unit="ms"),),
    attachments=(Attachment(name="a", media_type="text/plain", sha256="s", size=1),),
    steps=(Step(title="s", outcome=Outcome.PASSED, steps=(Step(title="i", outcome=Outcome.PASSED),)),),
    labels=(("a", "b"),),
)
DOCUMENTS = (
    Plan(
        run="r",
        tier="test",
        release=Release(name="R", nonce="n"),
        seed=1,
        jobs=(
            Job(
                id="contract:hub", suite=Suite.CONTRACT, work=WORK, checks=(CHECK,), seed=1, deadline_s=1.5, alone=True
            ),
        ),
        policy=Policy(),
        digests=(("tier", "d"),),
    ),
    Record(run="r", tier="test", plan_sha256="p", started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=(SEEN,)),
    Verdict(
        decision=Decision.FAIL,
        failures=(Ground(check="c", reason=REASON),),
        doubts=(Ground(check=None, reason=REASON),),
    ),
    Declared(
        name="R", nonce="n", declared_ms=1, artifacts=(Artifact(name="a", digest="sha256:0"),), sources=(("a", "b"),)
    ),
    SIGNOFF,
    Bundle(release="R", nonce="n", exported_ms=1, signoffs=(SIGNOFF,), waivers=(WAIVER,)),
    Ruling(
        release="R",
        nonce="n",
        to="prod",
        at_ms=1,
        policy_sha256="p",
        decision=Decision.UNDECIDED,
        failures=(Cause(about="a", tier="t", reason=REASON),),
        doubts=(Cause(about="a", tier="t", reason=GateReason.of(GateCode.NO_RUN, tier="t")),),
        counted=(Counted(run="r", tier="t", record_sha256="s"),),
    ),
)
SHIPPED = tuple(type(one) for one in DOCUMENTS)


def name_of(kind) -> str:
    return f"{KINDS[kind].removeprefix('harness/')}.schema.json"


@pytest.mark.parametrize("kind", SHIPPED)
def test_the_shipped_schema_is_that_of_the_type(kind):
    wanted = json.dumps(schema_for(kind), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("APPROVE"):
        (FILES / name_of(kind)).write_text(wanted)
    assert (FILES / name_of(kind)).read_text() == wanted


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: type(one).__name__)
def test_what_is_written_is_valid_and_what_the_reader_refuses_is_not(document):
    validator = jsonschema_rs.validator_for(schema_for(type(document)))
    data = json.loads(write_document(document, more="x"))
    validator.validate(data)
    for change in ({"more": 1}, {"kind": "harness/other"}, {"version": 2}):
        assert not validator.is_valid(data | change)
    for key in ("kind", "version"):
        assert not validator.is_valid({name: value for name, value in data.items() if name != key})


def test_a_value_of_another_kind_is_refused_deep_inside():
    data = json.loads(write_document(DOCUMENTS[1]))
    validator = jsonschema_rs.validator_for(schema_for(Record))
    data["seen"][0]["outcome"] = "fine"
    assert not validator.is_valid(data)
