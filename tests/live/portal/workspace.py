"""The demo's own workspace, where `make demo` left it: test, preprod and prod ran, and the gate waits for signatures.

Files, plans, declaration and gate are the real ones; only the engines' work is told instead of done, each check seen to
pass.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from harness.actions.releasing import declare
from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.adapters.releases import note_run
from harness.adapters.run_directory import Draft
from harness.formats.documents import digest, write_document
from harness.formats.shape import to_json
from harness.model.evidence import Attachment, Cell, Closed, Fingerprint, Outcome, Record, Seen
from harness.model.plan import ContractWork, Plan, UatWork
from harness.rules.judging import judge

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDERS = ("environments", "contracts", "mocks", "load", "uat")
RELEASE, NEEDED = "demo", ("test", "preprod")


def make_workspace(root: Path, *trust: str) -> Path:
    """The repository's own workspace, copied; its gate believes the portal that `trust` names."""
    for folder in FOLDERS:
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    if trust:
        told = harness(root, "portal", "trust", "--only", *trust)
        assert told.returncode == 0, told.stderr
    (root / "order-hub.zip").write_bytes(b"the build")
    return root


def run_all(root: Path, pictures: dict[str, bytes]) -> dict[str, str]:
    """Declare the release and run what the gate needs; gives the runs by tier."""
    declare(Host(), root, RELEASE, (str(root / "order-hub.zip"),), again=(root / ".harness" / "releases").exists())
    return {tier: _ran(root, tier, pictures) for tier in NEEDED}


def _ran(root: Path, tier: str, pictures: dict[str, bytes]) -> str:
    host = Host()
    _, _, plan = prepare(host, root, tier, seed=1, release=RELEASE)
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    note_run(root, plan.release, plan.run, sealed)
    shown = tuple(
        Attachment(name=name, media_type=_kind(name), sha256=draft.store(body), size=len(body))
        for name, body in pictures.items()
    )
    now = host.now_ms()
    seen = tuple(_seen(plan, check.id, check.suite, shown, now) for check in plan.checks)
    for one in seen:
        draft.append({"event": "seen", **to_json(one)})
    record = Record(
        run=plan.run,
        tier=tier,
        plan_sha256=sealed,
        started_ms=now,
        ended_ms=host.now_ms(),
        closed=Closed.COMPLETE,
        seen=seen,
        cells=tuple(Cell(operation=name, status="200", count=1) for name in _operations(plan)),
        fingerprints=(Fingerprint(system="orders", before="1.0.0", after="1.0.0"),),
    )
    draft.write("verdict.json", write_document(judge(plan, record, sealed)))
    body = write_document(record)
    note_run(root, plan.release, plan.run, sealed, digest(body))
    draft.close(body)
    return plan.run


def _seen(plan: Plan, check: str, suite: str, shown: tuple[Attachment, ...], now: int) -> Seen:
    versions = {
        one.id: one.sha256[:12] for job in plan.jobs if isinstance(job.work, UatWork) for one in job.work.criteria
    }
    version = versions.get(check.rpartition("/")[2]) if suite == "uat" else None
    return Seen(
        check=check,
        job=next(job.id for job in plan.jobs if any(one.id == check for one in job.checks)),
        outcome=Outcome.PASSED,
        attachments=shown if version else (),
        labels=(("criterion-version", version),) if version else (),
        started_ms=now,
        ended_ms=now + 5,
    )


def _operations(plan: Plan) -> list[str]:
    works = [job.work for job in plan.jobs if isinstance(job.work, ContractWork)]
    return sorted({one.id for work in works for one in work.operations})


def harness(root: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The command line, in the workspace."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=root,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _kind(name: str) -> str:
    return "image/png" if name.endswith("screenshot") else "text/plain"
