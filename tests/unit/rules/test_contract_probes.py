"""What may be asked of production: what only reads, is listed, sealed, and of this very contract."""

from dataclasses import replace

import pytest

from harness.model.contract import Contract, Dialect, Operation
from harness.model.probes import Probe, Probes
from harness.model.tier import Policy
from harness.rules.contract_probes import may_be_probed, refusal_of
from harness.rules.contract_probing import probe_for

READ = Operation(id="read", method="GET", path="/items/{id}", statuses=("200", "404"))
MAKE = Operation(id="make", method="POST", path="/items", statuses=("201",), safe=True)
END = Operation(id="end", method="GET", path="/logout", statuses=("200",), safe=False)
LIMITED = Policy(methods=("GET", "HEAD"), operations=("make",))
CONTRACT = Contract(
    path="c", dialect=Dialect.OPENAPI_31, title="", version="", sha256="c1", document={}, operations=(READ, MAKE, END)
)
PROBE = Probe(operation="read", method="GET", path="/items/i1?full=1", status="200")
LISTED = Probes(contract_sha256="c1", sha256="d", sealed="d", probes=(PROBE,))


@pytest.mark.parametrize(("operation", "may"), [(READ, True), (MAKE, False), (END, False)])
def test_only_what_reads_and_is_not_called_unsafe_may_be_probed(operation: Operation, may: bool) -> None:
    assert may_be_probed(operation, LIMITED) is may


def test_a_sealed_list_of_this_contract_may_be_sent() -> None:
    assert refusal_of(LISTED, CONTRACT, LIMITED) is None


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (replace(LISTED, sealed="other"), "changed after it was sealed"),
        (replace(LISTED, sha256=""), "nobody has sealed yet"),
        (replace(LISTED, contract_sha256="old"), "another version of the contract"),
        (replace(LISTED, probes=(replace(PROBE, method="DELETE"),)), "is no DELETE operation"),
        (replace(LISTED, probes=(replace(PROBE, operation="gone"),)), "is no GET operation"),
        (replace(LISTED, probes=(replace(PROBE, operation="end", path="/logout"),)), "is not safe to ask"),
        (replace(LISTED, probes=(replace(PROBE, path="/admin"),)), "is not a request for `read`"),
        (replace(LISTED, probes=(replace(PROBE, path="/items/.."),)), "is not a request for `read`"),
        (replace(LISTED, probes=(replace(PROBE, path="/items/a%2Fb"),)), "is not a request for `read`"),
    ],
)
def test_anything_else_is_not_sent(listed: Probes, said: str) -> None:
    assert said in str(refusal_of(listed, CONTRACT, LIMITED))


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
PAGE = {"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "default": 1}}
TRACE = {"name": "X-Trace", "in": "header", "required": True, "examples": {"a": {"value": "t"}}}


def test_examples_of_the_contract_fill_a_request_in() -> None:
    probe, why = probe_for(READ, ({**ID, "example": "a b"}, PAGE, TRACE), None)
    assert why == ""
    assert probe == Probe(
        operation="read",
        method="GET",
        path="/items/a%20b?page=1",
        status="200",
        headers=(("X-Trace", "t"),),
        source="examples of the contract",
    )


def test_what_was_recorded_stands_in_where_there_is_no_example_and_nothing_is_made_up() -> None:
    assert probe_for(READ, (ID,), PROBE) == (PROBE, "")
    probe, why = probe_for(READ, (ID,), None)
    assert probe is None
    assert "no example for path id" in why
