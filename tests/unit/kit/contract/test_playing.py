"""A recorded request whose answer could not be read is never a good one."""

from types import SimpleNamespace

import pytest

from harness.kit.contract.bounds import MARK
from harness.kit.contract.playing import Player
from harness.mocks.contracts import compile_contract

DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"content": {"text/csv": {}}}}}}},
}
PROBE = {"operation": "a", "method": "GET", "path": "/a", "headers": {}, "status": "200"}


@pytest.mark.parametrize(("marks", "rules"), [({}, []), ({MARK: "was cut at 10 MiB"}, ["readable_answer"])])
def test_a_cut_answer_is_told(marks, rules):
    compiled = compile_contract(DOCUMENT)
    player = Player.__new__(Player)
    object.__setattr__(player, "compiled", compiled)
    answer = SimpleNamespace(status_code=200, headers={"content-type": "text/csv", **marks}, content=b"")
    assert [rule for rule, *_ in player._wrong(PROBE, answer)] == rules
