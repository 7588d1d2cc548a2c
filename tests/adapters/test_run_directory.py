"""A run on disk: whole, or never a run; and evidence that was touched says so."""

import dataclasses
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adapters.run_directory import Draft, drafts, find_run, load_run, remove_draft, runs
from harness.errors import AskedWrongly, CouldNotTell, HarnessError
from harness.formats.documents import write_document
from harness.model.evidence import Attachment, Closed, JobEnd, Outcome, Record, Seen
from harness.model.plan import Plan
from harness.model.tier import Policy, Suite
from harness.model.verdict import Decision
from harness.rules.judging import judge

ID = "20261120T170301Z-7f3a"


def a_plan(run: str = ID) -> Plan:
    return Plan(run=run, tier="test", release=None, seed=1, jobs=(), policy=Policy(), digests=())


def a_record(sealed: str, *seen: Seen, run: str = ID, jobs: tuple[JobEnd, ...] = ()) -> Record:
    return Record(
        run=run,
        tier="test",
        plan_sha256=sealed,
        started_ms=1,
        ended_ms=2,
        closed=Closed.COMPLETE,
        seen=seen,
        jobs=jobs,
    )


@pytest.fixture
def draft(tmp_path) -> Iterator[Draft]:
    made = Draft(tmp_path, ID)
    yield made
    made.abandon()


def a_run(root: Path, run: str = ID, body: bytes = b"<p>seen</p>") -> Path:
    draft = Draft(root, run)
    sealed = draft.seal_plan(write_document(a_plan(run)))
    draft.append({"event": "job-ended", "job": "uat:orders"})
    stored = Attachment(name="page", media_type="text/html", sha256=draft.store(body), size=len(body))
    draft.link(stored.sha256, "jobs/uat-orders/page.html")
    seen = Seen(check="uat:orders/ORD-1", job="uat:orders", outcome=Outcome.PASSED, attachments=(stored,))
    return draft.close(write_document(a_record(sealed, seen, run=run)))


def test_a_closed_run_is_read_back_as_it_was(tmp_path):
    path = a_run(tmp_path)
    assert path == tmp_path / ".harness/runs" / ID
    plan, sealed, record = load_run(path)
    assert plan == a_plan()
    assert record is not None
    assert record.plan_sha256 == sealed
    assert (path / "jobs/uat-orders/page.html").read_bytes() == b"<p>seen</p>"
    assert json.loads((path / "events.ndjson").read_text()) == {"event": "job-ended", "job": "uat:orders"}
    assert (tmp_path / ".harness/.gitignore").read_text() == "*\n"
    assert list(drafts(tmp_path)) == []
    assert not list(path.rglob("*.part"))
    assert not (path / "lock").exists()


def test_a_draft_is_no_run_and_is_private(draft, tmp_path):
    sealed = draft.seal_plan(write_document(a_plan()))
    assert runs(tmp_path) == ()
    assert list(drafts(tmp_path)) == [(draft.path, True)]
    assert draft.path.stat().st_mode & 0o777 == 0o700
    plan, found, record = load_run(draft.path)
    assert (plan, found, record) == (a_plan(), sealed, None)
    assert judge(plan, record, found).decision is Decision.UNDECIDED


def test_a_record_that_lies_in_a_draft_does_not_count(draft, tmp_path):
    sealed = draft.seal_plan(write_document(a_plan()))
    draft.write("record.json", write_document(a_record(sealed)))
    assert load_run(draft.path)[2] is None


def test_an_abandoned_draft_stays_and_is_held_by_nobody(tmp_path):
    made = Draft(tmp_path, ID)
    made.abandon()
    assert list(drafts(tmp_path)) == [(made.path, False)]


def test_two_drafts_at_once_do_not_meet(tmp_path):
    one, two = Draft(tmp_path, "20261120T170301Z-aaaa"), Draft(tmp_path, "20261120T170301Z-bbbb")
    for draft in (two, one):
        sealed = draft.seal_plan(write_document(a_plan(draft.run)))
        draft.close(write_document(a_record(sealed, run=draft.run)))
    assert [path.name[-4:] for path in runs(tmp_path)] == ["aaaa", "bbbb"]
    assert all(load_run(path)[2] is not None for path in runs(tmp_path))


def test_the_same_run_twice_is_refused_with_its_place(draft, tmp_path):
    with pytest.raises(HarnessError) as refused:
        Draft(tmp_path, ID)
    assert ID in refused.value.problems[0].place.file
    assert draft.path.is_dir()


def test_the_same_evidence_is_kept_once(draft):
    assert draft.store(b"same") == draft.store(b"same")
    assert len(list((draft.path / "evidence").iterdir())) == 1


def test_any_text_of_an_event_is_kept(draft):
    draft.append({"said": "half \ud800, 取消"})
    assert json.loads((draft.path / "events.ndjson").read_bytes()) == {"said": "half \ud800, 取消"}


# --- what was touched -------------------------------------------------------------------------------------------------


def test_evidence_that_was_changed_is_told(tmp_path):
    path = a_run(tmp_path)
    (stored,) = (path / "evidence").iterdir()
    stored.write_bytes(b"<p>else</p>")
    with pytest.raises(CouldNotTell, match="evidence `page` was changed") as told:
        load_run(path)
    assert told.value.problems[0].place.file == str(stored)


def test_evidence_that_is_missing_is_told(tmp_path):
    path = a_run(tmp_path)
    shutil.rmtree(path / "evidence")
    with pytest.raises(CouldNotTell, match="evidence `page` is missing"):
        load_run(path)


def test_output_of_a_job_is_evidence_too(tmp_path):
    draft = Draft(tmp_path, ID)
    sealed = draft.seal_plan(write_document(a_plan()))
    log = Attachment(name="stdout", media_type="text/plain", sha256=draft.store(b"log"), size=3)
    job = JobEnd(
        job="a",
        suite=Suite.UAT,
        exit_status=0,
        killed_by=None,
        timed_out=False,
        started_ms=1,
        ended_ms=2,
        files=(log,),
    )
    path = draft.close(write_document(a_record(sealed, jobs=(job,))))
    (path / "evidence" / log.sha256).write_bytes(b"lag")
    with pytest.raises(CouldNotTell, match="evidence `stdout` was changed"):
        load_run(path)


def test_what_was_withheld_need_not_be_there(tmp_path):
    draft = Draft(tmp_path, ID)
    sealed = draft.seal_plan(write_document(a_plan()))
    held = Attachment(name="trace", media_type="application/zip", sha256="0" * 64, size=0, withheld="unreadable")
    seen = Seen(check="c", job="j", outcome=Outcome.PASSED, attachments=(held,))
    assert load_run(draft.close(write_document(a_record(sealed, seen))))[2] is not None


@pytest.mark.parametrize("name", ["../../../etc/passwd", "", ".", "a/b", "A" * 64])
def test_a_record_cannot_send_us_elsewhere_for_its_evidence(tmp_path, name):
    draft = Draft(tmp_path, ID)
    sealed = draft.seal_plan(write_document(a_plan()))
    astray = Attachment(name="page", media_type="text/html", sha256=name, size=1)
    seen = Seen(check="c", job="j", outcome=Outcome.PASSED, attachments=(astray,))
    with pytest.raises(CouldNotTell, match="evidence `page`"):
        load_run(draft.close(write_document(a_record(sealed, seen))))


def test_a_plan_that_was_changed_makes_the_verdict_undecided(tmp_path):
    path = a_run(tmp_path)
    changed = write_document(dataclasses.replace(a_plan(), seed=2))
    (path / "plan.json").write_bytes(changed)
    plan, found, record = load_run(path)
    assert judge(plan, record, found).decision is Decision.UNDECIDED
    assert "plan-differs" in {ground.reason.code for ground in judge(plan, record, found).doubts}


@pytest.mark.parametrize("name", ["plan.json", "record.json"])
@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"\xff", b'{"kind":"harness/plan","version":1}'])
def test_a_document_that_was_cut_is_told_with_its_place(tmp_path, name, body):
    path = a_run(tmp_path)
    (path / name).write_bytes(body)
    with pytest.raises(HarnessError) as told:
        load_run(path)
    assert told.value.problems[0].place.file == str(path / name)


def test_a_run_without_a_plan_is_told(tmp_path):
    path = a_run(tmp_path)
    (path / "plan.json").unlink()
    with pytest.raises(CouldNotTell, match="can't read"):
        load_run(path)


def test_a_run_without_a_record_was_never_closed(tmp_path):
    path = a_run(tmp_path)
    (path / "record.json").unlink()
    assert load_run(path)[2] is None


# --- finding ----------------------------------------------------------------------------------------------------------


def test_a_run_is_found_by_its_beginning_and_the_newest_without_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    older, newer = a_run(tmp_path, "20261120T170301Z-aaaa"), a_run(tmp_path, "20261121T170301Z-bbbb")
    assert find_run(tmp_path, None) == newer
    assert find_run(tmp_path, "20261120") == older
    assert find_run(tmp_path, str(older)) == older


@pytest.mark.parametrize(
    ("name", "said"), [("2026", "several runs begin with"), ("2027", "there is no run '2027'"), ("", "several")]
)
def test_a_name_that_names_no_one_run_is_refused_with_those_that_are_here(tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    a_run(tmp_path, "20261120T170301Z-aaaa")
    a_run(tmp_path, "20261121T170301Z-bbbb")
    with pytest.raises(AskedWrongly, match=said) as refused:
        find_run(tmp_path, name)
    assert "20261121T170301Z-bbbb" in (refused.value.problems[0].hint or "")


def test_no_run_yet_is_said_with_the_way_to_one(tmp_path):
    with pytest.raises(AskedWrongly, match="no run yet") as refused:
        find_run(tmp_path, None)
    assert refused.value.problems[0].hint == "harness run <tier>"


# --- killed, and full -------------------------------------------------------------------------------------------------

ENDLESS = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import test_run_directory as t
root, n = Path(sys.argv[1]), 0
while True:
    t.a_run(root, f"20261120T170301Z-{n:06d}", body=b"x" * (n * 1000 % 70000))
    n += 1
    print(n, flush=True)
"""


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_it_leaves_drafts_and_whole_runs_and_nothing_between(tmp_path, seed):
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path), here], stdout=subprocess.PIPE) as writing:
        assert writing.stdout is not None
        for _ in range(2):
            writing.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, 0.2))
        writing.send_signal(signal.SIGKILL)
    assert len(runs(tmp_path)) >= 2
    for path in runs(tmp_path):
        plan, sealed, record = load_run(path)
        assert record is not None
        assert (record.plan_sha256, record.run, plan.run) == (sealed, path.name, path.name)
    left = list(drafts(tmp_path))
    assert len(left) <= 1
    for path, held in left:
        assert not held
        assert not (tmp_path / ".harness/runs" / path.name).exists()
        if (path / "plan.json").exists():
            assert load_run(path)[2] is None
        remove_draft(path)
    assert list(drafts(tmp_path)) == []


FULL = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import test_run_directory as t
from harness.errors import CouldNotTell
root = Path(sys.argv[1])
small = sys.argv[3] == "small"
try:
    if small:
        t.Draft(root, t.ID)
    else:
        draft = t.Draft(root, t.ID)
        draft.seal_plan(t.write_document(t.a_plan()))
        for number in range(100):
            draft.store(number.to_bytes(2, "big") * 1_000_000)
    print("no error")
except CouldNotTell as error:
    print(int(error.exit), error.problems[0].message, "--", error.problems[0].place, "--", error.problems[0].hint)
print(len(t.runs(root)), sum(1 for _ in root.rglob("*.part")), len(list(t.drafts(root))))
"""


@pytest.mark.live
@pytest.mark.needs("namespaces")
@pytest.mark.parametrize(("size", "kind", "drafts_left"), [("1m", "small", "0"), ("40m", "roomy", "1")])
def test_a_full_disk_is_said_with_the_place_and_never_a_run(tmp_path, size, kind, drafts_left):
    script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift && exec "$2" -c "$3" "$1" "$4" "$5"'
    argv = ["unshare", "--mount", "sh", "-c", script, "sh", size, str(tmp_path), sys.executable, FULL]
    if os.geteuid() != 0:
        argv[1:1] = ["--user", "--map-root-user"]
    ended = subprocess.run([*argv, str(Path(__file__).parent), kind], capture_output=True, text=True)
    said, left = ended.stdout.splitlines()
    assert said.startswith(f"3 no space left where the run is written: {tmp_path}/.harness/drafts")
    assert "make room" in said
    # no run, and no file half-written under its final name
    assert left.split()[0] == "0"
    assert left.split()[2] == drafts_left


def test_a_place_where_nothing_may_be_written_is_said(tmp_path):
    (tmp_path / ".harness").write_text("a file where a folder belongs")
    with pytest.raises(CouldNotTell) as told:
        Draft(tmp_path, ID)
    assert str(tmp_path) in told.value.problems[0].place.file
