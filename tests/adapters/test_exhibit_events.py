"""Whether a run's events and its record say the same: by their bytes where we wrote both, else by what they mean."""

import json

import pytest

from harness.adapters.exhibit_events import disagree, seen_in
from harness.formats.documents import canonical, write_document
from harness.formats.shape import to_json
from harness.model.evidence import Closed, Code, Outcome, Reason, Record, Seen

SEEN = tuple(
    Seen(
        check=f"contract:hub/{name}",
        job="contract:hub",
        outcome=outcome,
        reasons=(Reason.of(Code.ASSERTION_FAILED, message='"event":"seen", in words'),) if name == "b" else (),
        started_ms=1,
        ended_ms=2,
    )
    for name, outcome in (("a", Outcome.PASSED), ("b", Outcome.FAILED), ("c", Outcome.PASSED))
)
RECORD = Record(run="r", tier="test", plan_sha256="0", started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=SEEN)
BODY = write_document(RECORD)
ENDED = b'{"event":"job-ended","job":"contract:hub"}\n'
LINES = [canonical({"event": "seen", **to_json(one)}) for one in SEEN]


def told(*lines: bytes) -> bytes:
    return b"".join((*lines, ENDED))


@pytest.mark.parametrize(
    "events",
    [
        told(*LINES),
        b"".join((LINES[0], ENDED, *LINES[1:])),
        told(*(json.dumps(json.loads(line), indent=None).encode() + b"\n" for line in LINES)),
        told(*(line.replace(b'"reasons":[],', b"") for line in LINES)),
    ],
    ids=["as we write them", "a job ended in between", "written otherwise", "empty lists left out"],
)
def test_events_that_say_what_the_record_says_agree(events):
    assert not disagree(BODY, RECORD, events)
    assert seen_in(events, lenient=False) == SEEN


@pytest.mark.parametrize(
    "events",
    [
        b"",
        told(),
        told(*LINES[:2]),
        told(*LINES, LINES[2]),
        told(LINES[1], LINES[0], LINES[2]),
        told(LINES[0], LINES[1].replace(b'"outcome":"failed"', b'"outcome":"passed"'), LINES[2]),
        told(LINES[0], LINES[1].replace(b"in words", b"in other words"), LINES[2]),
        told(LINES[0], LINES[1].replace(b'"event":"seen"', b'"event":"job-ended"'), LINES[2]),
    ],
    ids=["none", "jobs only", "one less", "one twice", "another order", "turned green", "another word", "hidden"],
)
def test_events_that_say_anything_else_disagree(events):
    assert disagree(BODY, RECORD, events)


@pytest.mark.parametrize(
    "line", [b"{", b'{"check":"contract:hub/a"}\n', b"[1]\n", b'"seen"\n'], ids=["torn", "no event", "list", "text"]
)
def test_a_line_that_cannot_be_read_is_told_by_its_number(line):
    with pytest.raises(ValueError, match=r"line 2 of events\.ndjson"):
        disagree(BODY, RECORD, LINES[0] + line)


def test_half_a_last_line_of_a_killed_run_is_let_go_and_half_a_line_before_it_is_not():
    assert seen_in(LINES[0] + LINES[1][:40], lenient=True) == SEEN[:1]
    with pytest.raises(ValueError, match="line 1"):
        seen_in(LINES[0][:40] + b"\n" + LINES[1], lenient=True)


def test_a_record_with_the_list_of_the_events_in_another_place_does_not_agree():
    other = RECORD.__class__(**{**{name: getattr(RECORD, name) for name in RECORD.__slots__}, "seen": SEEN[:1]})
    forged = write_document(other, seen=[json.loads(line.replace(b'"event":"seen",', b"")) for line in LINES])
    assert disagree(forged, other, told(*LINES))
