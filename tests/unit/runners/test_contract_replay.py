"""What a run kept of its findings is read whole or refused, and half a body is never sent again."""

import json

import pytest

from harness.formats.contract_replay import read_stored
from harness.runners.contract_replay import stored_in

KIND = "harness/contract-findings"


@pytest.mark.parametrize(
    "document",
    [
        [],
        7,
        {"kind": "harness/contract-findings", "findings": [{}]},
        {"kind": "harness/contract-findings", "findings": 3},
    ],
)
def test_a_damaged_list_is_refused_with_a_sentence(document):
    with pytest.raises((ValueError, KeyError)):
        stored_in(json.dumps(document).encode())


def test_a_whole_list_is_read():
    document = {"kind": KIND, "findings": [{"id": "1", "operation": "GET /a", "more": 1}]}
    assert len(stored_in(json.dumps(document).encode())) == 1


@pytest.mark.parametrize("cut", [True, False])
def test_that_a_body_was_cut_is_kept(cut):
    stored = {
        "id": "1",
        "operation": "POST /a",
        "rule": "r",
        "kind": "k",
        "status": 200,
        "detail": {},
        "before": [],
        "request": {"method": "POST", "url": "{base}/a", "headers": {}, "signs-in-by": [], "body": {"text": "half"}},
    }
    if cut:
        stored["request"]["cut"] = True
    read = read_stored(stored, "http://127.0.0.1:9")
    assert read.request.is_cut is cut
