"""Proof: every way we know to get a red or unproved build through the gate (sixty and more), and none gets through.

    gate.py            all of them, and the control before and after: the untouched release passes
    gate.py --scaled   every third way, and the controls
    gate.py --only drop-the-record,swap-the-artifact

Every way starts from a release that passes: a workspace, a declaration, two runs on disk with events and
evidence, and sign-offs under the portal's key. One thing is done to it; then the gate is asked as a person
asks it. A row is good where the gate does not pass and names the reason that belongs to the way. A row takes
a fraction of a second, so nothing is kept between starts.
"""

import argparse
import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.actions.gating import rule_on
from harness.actions.releasing import declare
from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.adapters.releases import note_run, read_declared
from harness.adapters.run_archive import pack_run
from harness.adapters.run_directory import Draft, load_run
from harness.errors import HarnessError
from harness.formats.bundle import write_bundle, write_signoff
from harness.formats.criteria_toml import read_criteria
from harness.formats.documents import digest, write_document
from harness.formats.dsse import public_text
from harness.formats.run_statements import FILE, run_statements
from harness.formats.shape import to_json
from harness.model.attestation import RunClaim
from harness.model.evidence import (
    Attachment,
    Cell,
    Closed,
    Code,
    Fingerprint,
    Outcome,
    Reason,
    Record,
    Seen,
)
from harness.model.gate import GateCode, Ruling
from harness.model.plan import Plan
from harness.model.signoff import Answer, Bundle, Grade, Signoff, Waiver
from harness.model.verdict import Decision
from harness.rules.judging import judge
from harness.rules.sharding import shard_of

HOUR = 3_600_000
PORTAL = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
RUNNER = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
FORGER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
FILES = {
    "environments/test.toml": """\
[systems.hub]
base-url = "http://127.0.0.1:9"
contract = "../contracts/hub.yaml"
[policy]
suites = ["contract", "uat"]
""",
    "environments/gate.toml": f"""\
[trust]
portal = ["{public_text(PORTAL)}"]
[to.prod]
same-artifacts = true
needs.test = {{ suites = ["contract", "uat"], max-age = "24 h", coverage = {{ operations = "100 %" }}, mocks = "none" }}
acceptance = {{ must = "all", roles = ["desk"], grade = "password", max-age = "14 days" }}
""",
    "contracts/hub.yaml": """\
openapi: 3.1.0
info: {title: hub, version: "1"}
paths:
  /a:
    get: {operationId: a, responses: {"200": {description: ok}}}
  /b:
    get: {operationId: b, responses: {"200": {description: ok}}}
""",
    "uat/criteria.toml": """\
[[criteria]]
id = "HUB-1"
title = { en = "Things are listed", zh = "列出物品" }
statement = { en = "I see my things.", zh = "我能看到我的物品。" }
priority = "must"
owner = "desk"
demonstration = "test_hub.py::test_things_are_listed"
""",
    "uat/test_hub.py": "def test_things_are_listed(page):\n    page.goto('/')\n",
}
A, B, MUST = "contract:hub/a", "contract:hub/b", "uat:hub/HUB-1"


@dataclass(slots=True)
class World:
    """A release that passes, on disk, and what a way does to it. `ask` is how the gate is asked in the end."""

    root: Path
    host: Host = field(default_factory=Host)
    release: str = "1.0"
    evidence: tuple[Path, ...] = ()
    runs: list[Path] = field(default_factory=list)

    def path(self, name: str) -> Path:
        return self.root / name

    @property
    def run(self) -> Path:
        return self.runs[-1]

    def ruling(self) -> Ruling:
        return rule_on(self.host, self.root, self.release, "prod", evidence=self.evidence)


@dataclass(frozen=True, slots=True)
class Earlier(Host):
    """A machine whose clock is off by some hours."""

    hours: float = 0.0

    def now_ms(self) -> int:
        return int(super(Earlier, self).now_ms() + self.hours * HOUR)


def built(root: Path) -> World:
    """The release that passes."""
    for name, body in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(body)
    (root / "hub.tar").write_bytes(b"the build")
    world = World(root)
    declare(world.host, root, "1.0", (str(root / "hub.tar"),), commit="c0ffee")
    ran(world)
    signed(world)
    return world


def ran(
    world: World,
    outcomes: dict[str, list[Outcome]] | None = None,
    *,
    release: str | None = "1.0",
    only: tuple[str, ...] = (),
    host: Host | None = None,
    note: bool = True,
    change: Callable[[Record], Record] = lambda record: record,
    plan_change: Callable[[Plan], Plan] = lambda plan: plan,
    killed: bool = False,
    key: Ed25519PrivateKey | None = None,
) -> Path:
    """A run as `harness run` leaves it, without the engines; `key` is that of the machine that it ran on."""
    host = host or world.host
    _, _, plan = prepare(host, world.root, "test", only=only, seed=1, release=release)
    plan = plan_change(plan)
    draft = Draft(world.root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    if note:
        note_run(world.root, plan.release, plan.run, sealed)
    sha256 = draft.store(b"what was seen")
    now = host.now_ms()
    seen = []
    for check in plan.checks:
        for outcome in (outcomes or {}).get(check.id, [Outcome.PASSED]):
            shown = Attachment(name="seen.txt", media_type="text/plain", sha256=sha256, size=13)
            one = Seen(
                check=check.id, job=check.suite, outcome=outcome, attachments=(shown,), started_ms=now, ended_ms=now
            )
            seen.append(one)
            draft.append({"event": "seen", **to_json(one)})
    if killed:
        draft.abandon()
        return draft.path
    record = change(
        Record(
            run=plan.run,
            tier=plan.tier,
            plan_sha256=sealed,
            started_ms=now,
            ended_ms=now + 1,
            closed=Closed.COMPLETE,
            seen=tuple(seen),
            cells=tuple(Cell(operation=name, status="200", count=1) for name in "ab"),
            fingerprints=(Fingerprint(system="hub", before="1.0", after="1.0"),),
        )
    )
    draft.write("verdict.json", write_document(judge(plan, record, sealed)))
    body = write_document(record)
    if key is not None:
        draft.write(FILE, statements(plan, record, sealed, body, key))
    if note:
        note_run(world.root, plan.release, plan.run, sealed, digest(body))
    world.runs.append(draft.close(body))
    return world.runs[-1]


def statements(plan: Plan, record: Record, sealed: str, body: bytes, key: Ed25519PrivateKey) -> bytes:
    """What a machine with that key signs of a run."""
    assert plan.release
    claim = RunClaim(
        run=plan.run,
        tier=plan.tier,
        plan_sha256=sealed,
        record_sha256=digest(body),
        release=plan.release.name,
        nonce=plan.release.nonce,
    )
    return run_statements(plan, record, claim, None, key)


def elsewhere(
    world: World, outcomes: dict[str, list[Outcome]] | None = None, key: Ed25519PrivateKey | None = None, **more: object
) -> Path:
    """Instead of the good run, one on another machine: signed there, not noted here, under a policy that pins keys."""
    shutil.rmtree(world.runs.pop())
    gate_file = world.path("environments/gate.toml")
    if "runners" not in gate_file.read_text():
        edit(gate_file, "[trust]", f'[trust]\nrunners = ["{public_text(RUNNER)}"]')
    declare(world.host, world.root, "1.0", (str(world.path("hub.tar")),), commit="c0ffee", again=True)
    run = ran(world, outcomes, note=False, key=key or RUNNER, **more)  # type: ignore[arg-type]
    signed(world)
    return run


def redo(run: Path) -> None:
    """Turn every failure of a run into a pass, in record, events and verdict, so that all of them agree."""
    for name in ("record.json", "events.ndjson"):
        edit(run / name, '"failed"', '"passed"')
    plan, sealed, record = load_run(run)
    assert record
    (run / "verdict.json").write_bytes(write_document(judge(plan, record, sealed)))


def answer(world: World, **more: object) -> Signoff:
    """The desk's acceptance of the one criterion."""
    declared = read_declared(world.root, "1.0")
    assert declared is not None
    (criterion,) = read_criteria(world.path("uat/criteria.toml").read_bytes(), "uat/criteria.toml")
    one = Signoff(
        number=1,
        release="1.0",
        nonce=declared[0].nonce,
        tier="test",
        criterion="HUB-1",
        criterion_sha256=criterion.sha256,
        answer=Answer.ACCEPTED,
        person="ann",
        role="desk",
        grade=Grade.PASSKEY,
        signed_ms=world.host.now_ms(),
    )
    return replace(one, **more)  # type: ignore[arg-type]


def waiver(world: World, **more: object) -> Waiver:
    """A waiver of a contract check that would count."""
    now = world.host.now_ms()
    one = Waiver(
        check=A,
        owner="dev",
        reason="known",
        ticket="T-1",
        approved_by="lead",
        approved_ms=now,
        expires_ms=now + HOUR,
        release="1.0",
        nonce=answer(world).nonce,
        tiers=("test",),
    )
    return replace(one, **more)  # type: ignore[arg-type]


def signed(
    world: World,
    *signoffs: Signoff,
    key: Ed25519PrivateKey = PORTAL,
    waivers: tuple[Waiver, ...] = (),
    none: bool = False,
    **more: object,
) -> None:
    """The bundle that the portal exports, where the gate looks for it."""
    whole = Bundle(
        release="1.0",
        nonce=answer(world).nonce,
        exported_ms=world.host.now_ms(),
        signoffs=() if none else signoffs or (answer(world),),
        waivers=waivers,
    )
    bundle(world).write_bytes(write_bundle(replace(whole, **more), key))  # type: ignore[arg-type]


def bundle(world: World) -> Path:
    """Where the gate looks for the sign-offs."""
    return world.path(".harness/releases/1.0.sign-offs.json")


def edit(path: Path, old: str, new: str) -> None:
    """Change a file as somebody with an editor would."""
    text = path.read_text()
    assert old in text, (path, old)
    path.write_text(text.replace(old, new))


def again(world: World, outcomes: dict[str, list[Outcome]] | None = None, **more: object) -> None:
    """Instead of the good run, another one: the good one never took place."""
    shutil.rmtree(world.runs.pop())
    world.path(".harness/releases/1.0.runs.ndjson").unlink()
    ran(world, outcomes, **more)  # type: ignore[arg-type]


def redden(world: World) -> None:
    """Instead of the good run, one where a check failed."""
    again(world, {A: [Outcome.FAILED]})


# --- the ways -------------------------------------------------------------------------------------------------------

FAILED, PASSED, SKIPPED, BROKEN = Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED, Outcome.BROKEN
Act = Callable[[World], object]
WAYS: dict[str, tuple[Act, GateCode | Code]] = {}


def way(name: str, code: GateCode | Code) -> Callable[[Act], Act]:
    """Add a way to the table."""

    def added(act: Act) -> Act:
        WAYS[name] = (act, code)
        return act

    return added


def ways(*rows: tuple[str, Act, GateCode | Code]) -> None:
    """Add several."""
    for name, act, code in rows:
        assert name not in WAYS, name
        WAYS[name] = (act, code)


@way("edit-the-record", GateCode.RECORD_CHANGED)
def _(world: World) -> None:
    redden(world)
    edit(world.run / "record.json", '"failed"', '"passed"')
    edit(world.run / "verdict.json", '"fail"', '"pass"')


@way("edit-record-and-events", GateCode.RECORD_CHANGED)
def _(world: World) -> None:
    redden(world)
    for name in ("record.json", "events.ndjson"):
        edit(world.run / name, '"failed"', '"passed"')


@way("write-pass-into-the-verdict", GateCode.VERDICT_DIFFERS)
def _(world: World) -> None:
    again(world, {A: [BROKEN]})
    edit(world.run / "verdict.json", '"undecided"', '"pass"')


@way("delete-the-red-run-and-run-again", GateCode.RUN_MISSING)
def _(world: World) -> None:
    redden(world)
    shutil.rmtree(world.run)
    ran(world)


@way("kill-the-run-when-it-turns-red-and-run-again", GateCode.TOO_FLAKY)
def _(world: World) -> None:
    again(world, {A: [FAILED]}, killed=True)
    ran(world)


@way("replay-last-weeks-run", GateCode.OTHER_NONCE)
def _(world: World) -> None:
    declare(world.host, world.root, "1.0", (str(world.path("hub.tar")),), again=True)
    signed(world)


@way("swap-the-artifact-in-the-declaration", GateCode.OTHER_NONCE)
def _(world: World) -> None:
    file = world.path(".harness/releases/1.0.json")
    edit(file, json.loads(file.read_bytes())["artifacts"][0]["digest"], "sha256:" + "0" * 64)


@way("cut-the-archive", GateCode.EVIDENCE_UNREADABLE)
def _(world: World) -> None:
    packed = pack_run(world.run, world.path("run.zip"))
    packed.write_bytes(packed.read_bytes()[:-200])
    world.evidence = (packed,)


@way("flip-a-byte-in-the-archive", GateCode.EVIDENCE_UNREADABLE)
def _(world: World) -> None:
    packed = pack_run(world.run, world.path("run.zip"))
    body = bytearray(packed.read_bytes())
    body[len(body) // 3] ^= 0xFF
    packed.write_bytes(body)
    world.evidence = (packed,)


@way("give-a-name-twice-in-the-archive", GateCode.EVIDENCE_UNREADABLE)
def _(world: World) -> None:
    packed = pack_run(world.run, world.path("run.zip"))
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(packed, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("record.json", "{}")
    world.evidence = (packed,)


@way("put-a-way-out-into-the-archive", GateCode.EVIDENCE_UNREADABLE)
def _(world: World) -> None:
    packed = pack_run(world.run, world.path("run.zip"))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../../gate.toml", "")
    world.evidence = (packed,)


@way("mix-two-runs", GateCode.RECORD_CHANGED)
def _(world: World) -> None:
    good = world.run
    ran(world, {A: [FAILED]})
    for name in ("record.json", "events.ndjson", "verdict.json"):
        shutil.copy(good / name, world.run / name)


@way("offer-one-run-in-two-versions", GateCode.RUN_TWICE)
def _(world: World) -> None:
    redden(world)
    copy = world.path("copy")
    shutil.copytree(world.run, copy)
    edit(copy / "record.json", '"failed"', '"passed"')
    world.evidence = (world.run, copy)


@way("swap-two-pictures", GateCode.RECORD_CHANGED)
def _(world: World) -> None:
    next((world.run / "evidence").iterdir()).write_bytes(b"something nicer")


@way("edit-the-plan", Code.PLAN_DIFFERS)
def _(world: World) -> None:
    edit(world.run / "plan.json", '"id":"contract:hub/b"', '"id":"contract:hub/c"')


@way("take-a-check-out-of-plan-and-record", GateCode.COVERAGE_LOW)
def _(world: World) -> None:
    def without(plan: Plan) -> Plan:
        jobs = tuple(replace(job, checks=tuple(one for one in job.checks if one.id != B)) for job in plan.jobs)
        return replace(plan, jobs=jobs)

    again(world, plan_change=without)


@way("wrap-the-engine-in-or-true", Code.NOT_REPORTED)
def _(world: World) -> None:
    again(world, {A: [], B: []})


@way("soften-the-contract-and-run-again", GateCode.OTHER_PROMISES)
def _(world: World) -> None:
    edit(world.path("contracts/hub.yaml"), '"200"', "default")
    again(world)


@way("soften-the-criterion-after-signing", GateCode.SOURCE_CHANGED)
def _(world: World) -> None:
    edit(world.path("uat/criteria.toml"), "I see my things.", "I see something.")


@way("soften-the-criterion-and-declare-again", GateCode.SIGNED_ANOTHER_TEXT)
def _(world: World) -> None:
    before = answer(world).criterion_sha256
    edit(world.path("uat/criteria.toml"), "I see my things.", "I see something.")
    declare(world.host, world.root, "1.0", (str(world.path("hub.tar")),), again=True)
    ran(world)
    signed(world, answer(world, criterion_sha256=before))


@way("edit-the-policy-in-the-same-change", GateCode.SOURCE_CHANGED)
def _(world: World) -> None:
    redden(world)
    edit(world.path("environments/gate.toml"), '"24 h",', '"24 h", flaky = 9,')


@way("pin-another-key-in-the-policy", GateCode.SOURCE_CHANGED)
def _(world: World) -> None:
    edit(world.path("environments/gate.toml"), public_text(PORTAL), public_text(FORGER))
    signed(world, key=FORGER)


@way("keep-only-the-suite-that-passes", GateCode.SUITE_MISSING)
def _(world: World) -> None:
    again(world, only=("contract",))


@way("skip-the-whole-plan", Code.NOTHING_PLANNED)
def _(world: World) -> None:
    again(world, plan_change=lambda plan: replace(plan, jobs=()), change=lambda record: record)


@way("cut-a-bundle", GateCode.BUNDLE_UNTRUSTED)
def _(world: World) -> None:
    bundle(world).write_bytes(bundle(world).read_bytes()[:-10])


@way("edit-an-answer-in-the-bundle", GateCode.BUNDLE_UNTRUSTED)
def _(world: World) -> None:
    signed(world, answer(world, answer=Answer.REJECTED))
    refused = json.loads(bundle(world).read_bytes())
    signed(world)
    accepted = json.loads(bundle(world).read_bytes())
    bundle(world).write_text(json.dumps(refused | {"payload": accepted["payload"]}))


@way("drop-a-shard", GateCode.SHARD_ALONE)
def _(world: World) -> None:
    again(world, plan_change=lambda plan: shard_of(plan, 1, 2))


@way("call-a-shard-the-whole", Code.PLAN_DIFFERS)
def _(world: World) -> None:
    again(world, plan_change=lambda plan: shard_of(plan, 1, 2))
    plan = json.loads((world.run / "plan.json").read_bytes())
    del plan["shard"]
    (world.run / "plan.json").write_text(json.dumps(plan))


def asking_for_passkeys(world: World) -> None:
    """The same release under a policy that asks for passkeys: a single document, as here, proves none."""
    edit(world.path("environments/gate.toml"), 'grade = "password"', 'grade = "passkey"')
    declare(world.host, world.root, "1.0", (str(world.path("hub.tar")),), commit="c0ffee", again=True)
    ran(world)


@way("sign-by-password", GateCode.GRADE_LOW)
def _(world: World) -> None:
    asking_for_passkeys(world)
    signed(world, answer(world, grade=Grade.PASSWORD))


@way("call-a-signature-a-passkeys-without-showing-it", GateCode.GRADE_LOW)
def _(world: World) -> None:
    asking_for_passkeys(world)
    signed(world, answer(world, grade=Grade.PASSKEY))


def _moved(hours: float) -> Act:
    def act(world: World) -> None:
        again(world, host=Earlier(hours=hours))

    return act


def _with_record(**more: object) -> Act:
    return lambda world: again(world, change=lambda record: replace(record, **more))  # type: ignore[arg-type]


def _deployed(before: str, after: str) -> tuple[Fingerprint, ...]:
    return (Fingerprint(system="hub", before=before, after=after),)


def _waived(**more: object) -> Act:
    def act(world: World) -> None:
        redden(world)
        signed(world, waivers=(waiver(world, **more),))

    return act


def _later(hours: float) -> Act:
    def act(world: World) -> None:
        world.host = Earlier(hours=hours)

    return act


def _answered(**more: object) -> Act:
    return lambda world: signed(world, answer(world, **more))


ways(
    ("show-nothing", lambda w: shutil.rmtree(w.path(".harness/runs")), GateCode.NO_RUN),
    ("remove-the-only-run", lambda w: shutil.rmtree(w.run), GateCode.RUN_MISSING),
    (
        "name-evidence-that-is-not-there",
        lambda w: setattr(w, "evidence", (w.path("no.zip"),)),
        GateCode.EVIDENCE_UNREADABLE,
    ),
    ("offer-an-empty-folder", lambda w: (w.path("e").mkdir(), setattr(w, "evidence", (w.path("e"),))), GateCode.NO_RUN),
    ("empty-the-record", lambda w: (w.run / "record.json").write_bytes(b""), GateCode.EVIDENCE_UNREADABLE),
    ("drop-the-record", lambda w: (w.run / "record.json").unlink(), GateCode.RECORD_CHANGED),
    ("drop-the-plan", lambda w: (w.run / "plan.json").unlink(), GateCode.EVIDENCE_UNREADABLE),
    ("drop-the-events", lambda w: (w.run / "events.ndjson").unlink(), GateCode.RECORD_CHANGED),
    ("drop-a-picture", lambda w: shutil.rmtree(w.run / "evidence"), GateCode.RECORD_CHANGED),
    ("drop-the-declaration", lambda w: w.path(".harness/releases/1.0.json").unlink(), GateCode.NOT_DECLARED),
    (
        "drop-the-note-of-what-ran",
        lambda w: (redden(w), w.path(".harness/releases/1.0.runs.ndjson").unlink()),
        Code.FAILED_ATTEMPT,
    ),
    ("run-without-a-release", lambda w: again(w, release=None), GateCode.OTHER_RELEASE),
    ("run-for-another-release", lambda w: again(w, release="0.9"), GateCode.OTHER_RELEASE),
    ("fail-a-check", redden, Code.FAILED_ATTEMPT),
    ("retry-until-it-passes", lambda w: again(w, {A: [FAILED, FAILED, PASSED]}), GateCode.TOO_FLAKY),
    ("retry-everything", lambda w: again(w, {one: [FAILED, PASSED] for one in (A, B, MUST)}), GateCode.TOO_FLAKY),
    ("run-again-until-it-passes", lambda w: (redden(w), ran(w)), GateCode.TOO_FLAKY),
    ("skip-a-check", lambda w: again(w, {A: [SKIPPED]}), Code.WAS_SKIPPED),
    ("quarantine-everything", lambda w: again(w, {one: [SKIPPED] for one in (A, B, MUST)}), Code.WAS_SKIPPED),
    ("lose-a-check", lambda w: again(w, {B: []}), Code.NOT_REPORTED),
    ("break-a-check", lambda w: again(w, {B: [BROKEN]}), Code.NOT_REPORTED),
    ("run-a-part-of-a-suite", lambda w: again(w, only=(A, "uat")), GateCode.SUITE_IN_PART),
    ("interrupt-the-run", _with_record(closed=Closed.INTERRUPTED), Code.INTERRUPTED),
    ("kill-the-run", lambda w: again(w, killed=True), Code.INTERRUPTED),
    ("deploy-another-build-meanwhile", _with_record(fingerprints=_deployed("1.0", "1.1")), Code.DEPLOYMENT_CHANGED),
    (
        "deploy-another-build-for-a-second-run",
        lambda w: ran(w, change=lambda r: replace(r, fingerprints=_deployed("1.1", "1.1"))),
        GateCode.DEPLOYED_DIFFERS,
    ),
    (
        "a-system-that-died",
        _with_record(problems=(Reason.of(Code.SYSTEM_DIED, system="hub", why="w"),)),
        Code.SYSTEM_DIED,
    ),
    ("set-the-clock-back", _moved(-48), GateCode.BEFORE_DECLARATION),
    ("set-the-clock-ahead", _moved(48), GateCode.FROM_THE_FUTURE),
    ("wait-until-it-is-stale", _later(30), GateCode.RUN_STALE),
    ("ask-with-the-clock-back", _later(-48), GateCode.FROM_THE_FUTURE),
    ("take-the-sign-offs-away", lambda w: bundle(w).unlink(), GateCode.NO_BUNDLE),
    ("sign-with-another-key", lambda w: signed(w, key=FORGER), GateCode.BUNDLE_UNTRUSTED),
    (
        "offer-one-sign-off-as-a-bundle",
        lambda w: bundle(w).write_bytes(write_signoff(answer(w), PORTAL)),
        GateCode.BUNDLE_UNTRUSTED,
    ),
    ("sign-nothing", lambda w: signed(w, none=True), GateCode.NOT_SIGNED),
    ("offer-the-sign-offs-of-another-release", lambda w: signed(w, release="0.9"), GateCode.BUNDLE_ELSEWHERE),
    ("sign-another-release", _answered(release="0.9"), GateCode.SIGNED_ANOTHER_RELEASE),
    ("sign-in-the-wrong-role", _answered(role="intern"), GateCode.WRONG_ROLE),
    (
        "sign-on-a-condition-for-ever",
        _answered(answer=Answer.CONDITIONED, condition="c", due_ms=1),
        GateCode.CONDITION_OVERDUE,
    ),
    (
        "refuse-and-let-another-accept",
        lambda w: signed(w, answer(w, answer=Answer.REJECTED), answer(w, number=2, person="bob")),
        GateCode.REJECTED,
    ),
    ("waive-by-a-pattern", _waived(check="contract:hub/*"), Code.FAILED_ATTEMPT),
    ("waive-for-oneself", _waived(approved_by="dev"), GateCode.WAIVER_VOID),
    ("waive-too-late", _waived(expires_ms=1), GateCode.WAIVER_VOID),
    (
        "waive-a-must",
        lambda w: (again(w, {MUST: [FAILED]}), signed(w, waivers=(waiver(w, check=MUST),))),
        GateCode.WAIVER_VOID,
    ),
)


# --- a run on another machine ----------------------------------------------------------------------------------------


@way("redo-record-events-and-verdict-elsewhere", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    redo(elsewhere(world, {A: [FAILED]}))


@way("redo-a-run-elsewhere-and-take-its-signature-away", GateCode.RUN_UNSIGNED)
def _(world: World) -> None:
    run = elsewhere(world, {A: [FAILED]})
    redo(run)
    (run / FILE).unlink()


@way("redo-a-run-elsewhere-and-sign-it-oneself", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    run = elsewhere(world, {A: [FAILED]})
    redo(run)
    plan, sealed, record = load_run(run)
    assert record
    (run / FILE).write_bytes(statements(plan, record, sealed, (run / "record.json").read_bytes(), FORGER))


@way("borrow-the-signature-of-a-good-run", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    run = elsewhere(world, {A: [FAILED]})
    good = ran(world, note=False, key=RUNNER)
    redo(run)
    shutil.copy(good / FILE, run / FILE)
    shutil.rmtree(good)


@way("sign-in-the-portals-name", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    elsewhere(world, key=PORTAL)


@way("leave-only-the-test-results-signed", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    run = elsewhere(world)
    (run / FILE).write_bytes(b"".join((run / FILE).read_bytes().splitlines(keepends=True)[1:]))


@way("sign-two-claims-of-one-run", GateCode.RUN_MISSIGNED)
def _(world: World) -> None:
    run = elsewhere(world)
    (run / FILE).write_bytes((run / FILE).read_bytes() * 2)


@way("carry-a-signed-run-into-another-declaration", GateCode.OTHER_NONCE)
def _(world: World) -> None:
    elsewhere(world)
    declare(world.host, world.root, "1.0", (str(world.path("hub.tar")),), commit="c0ffee", again=True)
    signed(world)


@way("pin-ones-own-key-in-the-same-change", GateCode.SOURCE_CHANGED)
def _(world: World) -> None:
    redo(elsewhere(world, {A: [FAILED]}, key=FORGER))
    edit(world.path("environments/gate.toml"), public_text(RUNNER), public_text(FORGER))


# --- asking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One way: what the gate said, and whether that is right."""

    name: str
    decision: str
    codes: tuple[str, ...]
    wanted: str

    @property
    def good(self) -> bool:
        """Not passed, and the reason that belongs to the way is named. The control passes."""
        if not self.wanted:
            return self.decision == Decision.PASS.value
        return self.decision in {Decision.FAIL.value, Decision.UNDECIDED.value} and self.wanted in self.codes


def tried(name: str, act: Act, wanted: str) -> Row:
    """One way in a world of its own."""
    with tempfile.TemporaryDirectory(prefix="proof-gate-") as folder:
        world = built(Path(folder))
        act(world)
        try:
            ruling = world.ruling()
        except HarnessError as error:
            return Row(name, f"exit {int(error.exit)}", (str(error)[:80],), wanted)
        codes = {one.reason.code.value for one in (*ruling.failures, *ruling.doubts)}
        return Row(name, ruling.decision.value, tuple(sorted(codes)), wanted)


def main() -> int:
    """Print the table and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    names = [name for name in WAYS if not args.only or name in args.only.split(",")]
    names = names[::3] if args.scaled and not args.only else names
    print(f"N = {len(names)} ways of {len(WAYS)}, 3 controls", flush=True)
    rows = [tried("(untouched)", lambda _: None, "")]
    for name in names:
        act, code = WAYS[name]
        rows.append(tried(name, act, code.value))
    rows.append(tried("(untouched)", lambda _: None, ""))
    rows.append(tried("(signed elsewhere, untouched)", elsewhere, ""))
    for row in rows:
        mark = "ok " if row.good else "NOT"
        print(f"{mark} {row.name:<46} {row.decision:<10} {row.wanted or 'passes':<24} {', '.join(row.codes)[:120]}")
    good = sum(row.good for row in rows)
    stopped = sum(row.good for row in rows if row.wanted)
    print(f"\nnot passed for the reason named: {stopped} of {len(names)}")
    print(f"{good} passed, {len(rows) - good} failed")
    return int(good < len(rows) or not names)


if __name__ == "__main__":
    sys.exit(main())
