"""What was reported is in the list whether its run was closed or killed, once, with what was decided about it."""

import json

from harness.actions.findings_list import improvements
from harness.formats.documents import write_document
from harness.model.evidence import Attachment, Closed, Outcome, Record, Seen
from harness.model.walk import FindingState

REPORT = {
    "id": "F-1",
    "criterion": "ORD-3",
    "version": "c",
    "kind": "wish",
    "words": "bigger letters",
    "hurts": "could",
    "step": "",
    "picture": "",
    "at": 5,
}


def closed(root, run, *reports):
    folder = root / ".harness" / "runs" / run
    (folder / "evidence").mkdir(parents=True)
    sha256 = "a" * 64
    (folder / "evidence" / sha256).write_text(json.dumps(reports))
    attachment = Attachment(name="feedback", media_type="application/json", sha256=sha256, size=1)
    seen = Seen(check="uat:orders/ORD-3", job="uat:orders", outcome=Outcome.PASSED, attachments=(attachment,))
    record = Record(
        run=run, tier="test", plan_sha256="", started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=(seen,)
    )
    (folder / "record.json").write_bytes(write_document(record))


def killed(root, run, *lines):
    folder = root / ".harness" / "drafts" / run
    folder.mkdir(parents=True)
    (folder / "walk.ndjson").write_bytes(b"\n".join(lines))


def line(**values):
    return json.dumps({"event": "report", **REPORT, **values}).encode()


def test_a_report_of_a_killed_run_is_in_the_list_even_if_its_last_line_is_half_written(tmp_path):
    killed(tmp_path, "r2", line(id="F-2", at=9), b'{"event": "answer", "answer": "yes"}', line(id="F-3")[:30])
    closed(tmp_path, "r1", REPORT)
    found = improvements(tmp_path)
    assert [(one.feedback.id, one.run, one.tier) for one in found] == [("F-1", "r1", "test"), ("F-2", "r2", "")]
    assert {one.ruled.state for one in found} == {FindingState.NEW}


def test_a_decision_changes_the_state_and_the_same_report_is_listed_once(tmp_path):
    closed(tmp_path, "r1", REPORT)
    killed(tmp_path, "r0", line())
    (tmp_path / "uat").mkdir()
    (tmp_path / "uat" / "findings.toml").write_text(
        '[[decisions]]\nfinding = "F-1"\nstate = "planned"\nreason = "soon"\n'
    )
    [one] = improvements(tmp_path)
    assert (one.ruled.state, one.ruled.reason) == (FindingState.PLANNED, "soon")
