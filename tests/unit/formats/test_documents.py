"""Our documents: equal values give equal bytes, and what is not whole is refused with the file's name."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.documents import canonical, digest, read_document, write_document
from harness.model.evidence import Closed, Code, Measure, Outcome, Reason, Record, Seen, Step
from harness.model.verdict import Decision, Ground, Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
HALF = st.sampled_from("\ud800\udfff")  # half a pair: JSON from a server may hold one
ANY_TEXT = st.text(st.characters() | HALF, max_size=6)
_EACH = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def a_verdict() -> Verdict:
    ground = Ground(check="contract:hub/取消", reason=Reason.of(Code.FINDING, title="500 on “ü”", curl="curl …"))
    return Verdict(decision=Decision.FAIL, failures=(ground,))


def a_record(*seen: Seen) -> Record:
    return Record(run="r", tier="t", plan_sha256="0" * 64, started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=seen)


@given(data=JSON)
@_EACH
def test_the_same_value_gives_the_same_bytes_whatever_order_its_keys_came_in(data):
    assert canonical(data) == canonical(_backwards(data))
    assert canonical(data) == canonical(json.loads(canonical(data)))
    assert canonical(data).endswith(b"\n")
    assert canonical(data).count(b"\n") == 1


@given(words=st.lists(ANY_TEXT, min_size=1, max_size=3))
@_EACH
def test_any_text_that_an_engine_can_tell_is_written_and_read_back(words):
    reason = Reason.of(Code.ASSERTION_FAILED, message="".join(words))
    record = a_record(Seen(check=words[0], job="j", outcome=Outcome.FAILED, reasons=(reason,)))
    body = write_document(record)
    assert body.decode("utf-8")
    assert read_document(Record, body, "record.json") == record


def test_the_format_is_as_it_was_when_version_1_was_made():
    """These bytes are in people's archives: they are read for ever, and written the same."""
    body = write_document(a_verdict(), run="r")
    assert body.decode() == (
        '{"about":{"run":"r"},"decision":"fail","failures":[{"check":"contract:hub/取消",'
        '"reason":{"code":"finding","values":[["title","500 on “ü”"],["curl","curl …"]]}}],'
        '"kind":"harness/verdict","version":1}\n'
    )
    assert read_document(Verdict, body, "verdict.json") == a_verdict()


def test_a_digest_is_sha_256_of_the_bytes():
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest(write_document(a_verdict())) != digest(write_document(a_verdict(), run="r"))


GOOD = write_document(a_verdict()).decode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe{}", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"kind": "harness/verdict"', "is not JSON"),
        (b"[]", "is not a harness/verdict document"),
        (b"null", "is not a harness/verdict document"),
        (b'{"kind": "harness/record", "version": 1}', "is not a harness/verdict document"),
        (GOOD.replace('"version":1', '"version":2').encode(), "version 2; this harness reads version 1"),
        (GOOD.replace('"version":1', '"version":"1"').encode(), "version '1'"),
        (GOOD.replace('"version":1', '"version":true').encode(), "version True"),
        (GOOD.replace(',"version":1', "").encode(), "version None"),
        (GOOD.replace('"decision":"fail"', '"decision":"passed"').encode(), "Verdict.decision is 'passed'"),
        (GOOD.replace('"decision":"fail"', '"verdict":"fail"').encode(), "unknown key `verdict`"),
        (GOOD.replace('"decision":"fail",', "").encode(), "lacks `decision`"),
        (
            GOOD.replace('"decision":"fail"', '"decision":"fail","decision":"pass"').encode(),
            "`decision` is given twice",
        ),
    ],
)
def test_a_document_that_is_not_whole_is_refused_with_the_name_of_the_file(body, said):
    with pytest.raises(HarnessError) as refused:
        read_document(Verdict, body, "runs/x/verdict.json")
    problem = refused.value.problems[0]
    assert said in problem.message
    assert problem.message.startswith("runs/x/verdict.json")
    assert problem.place.file == "runs/x/verdict.json"
    assert problem.hint


def test_a_figure_that_is_no_number_is_refused():
    seen = Seen(check="c", job="j", outcome=Outcome.PASSED, measures=(Measure(name="p95", value=1.5, unit="ms"),))
    body = write_document(a_record(seen)).replace(b"1.5", b"NaN")
    with pytest.raises(HarnessError, match="NaN"):
        read_document(Record, body, "record.json")


def test_steps_without_end_are_refused_and_not_a_crash():
    deep = Step(title="t", outcome=Outcome.PASSED)
    body = write_document(a_record(Seen(check="c", job="j", outcome=Outcome.PASSED, steps=(deep,))))
    step = b'{"ended_ms":0,"outcome":"passed","started_ms":0,"title":"t"'
    endless = body.replace(step, (step + b',"steps":[') * 400 + step + b"}]" * 400, 1)
    with pytest.raises(HarnessError, match="nested too deep"):
        read_document(Record, endless, "record.json")


def _backwards(data):
    if isinstance(data, dict):
        return {key: _backwards(data[key]) for key in reversed(list(data))}
    return [_backwards(one) for one in data] if isinstance(data, list) else data
