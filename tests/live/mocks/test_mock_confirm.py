"""What a run relied on a mock for, asked of the real ERP: it holds there, or the difference is named."""

import json

import pytest

from tests.live.asked import Asked

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]


@pytest.fixture(scope="module")
def relied(workspace: Asked) -> str:
    """The run that relied on the mock."""
    assert workspace.ask("release", "add", "R1").exit == 0
    said = workspace.run("--only", "load", "--only", "mock", "--release", "R1")
    assert said.exit == 0, said.all
    return workspace.runs()[-1]


def confirmed(workspace: Asked, run: str, tier: str, *words: str) -> tuple[int, str]:
    said = workspace.ask("mock", "confirm", "erp", "--tier", tier, "--run", run, *words)
    return said.exit, said.all


def test_the_real_erp_answers_as_its_mock_did(workspace: Asked, relied: str) -> None:
    status, said = confirmed(workspace, relied, "preprod")
    assert status == 0, said
    (used,) = (workspace.root / ".harness" / "runs" / relied / "jobs" / "mock-erp").glob("contract-of-use.json")
    kinds = {name for name, _ in json.loads(used.read_bytes())["kinds"]}
    assert {"reserveStock@201", "reserveStock@409", "createSalesOrder@201", "releaseReservation@204"} <= kinds
    assert "PASS 4 checks" in said
    plan = json.loads((workspace.root / ".harness" / "runs" / workspace.runs()[-1] / "plan.json").read_bytes())
    assert (plan["release"]["name"], plan["only"]) == ("R1", ["mock:erp/confirm"])  # the gate of R1 sees it
    assert "nothing confirms: a large number of tins, counted by hand" in said


def test_a_fault_of_the_real_erp_is_named(workspace: Asked, relied: str) -> None:
    status, said = confirmed(workspace, relied, "short")
    assert status == 1, said
    assert "the real `erp` answers POST /reservations in another way than the mock did" in said
    assert "status 409, the mock answered 201" in said


def test_a_lie_of_the_mock_that_keeps_the_contract_is_named(workspace: Asked, relied: str) -> None:
    lie = workspace.root / "mocks" / "erp" / "mappings" / "lie.json"
    wanted = {"matchesJsonPath": "$.lines[?(@.sku == 'POT-300')]"}
    answer = {"id": "res-000000000777", "reference": "ord-000000000777", "status": "reserved"}
    stub = {
        "name": "pots without end", "priority": 1,
        "request": {"method": "POST", "urlPath": "/reservations", "bodyPatterns": [wanted]},
        "response": {"status": 201, "jsonBody": answer},
    }  # fmt: skip
    lie.write_text(json.dumps(stub))
    try:
        assert workspace.run("--only", "load", "--only", "mock").exit == 0
    finally:
        lie.unlink()
    run = workspace.runs()[-1]
    assert run != relied
    status, said = confirmed(workspace, run, "preprod")
    assert status == 1, said
    assert "in another way than the stub `pots without end` did: status 409, the mock answered 201" in said


def test_only_what_the_tier_permits_is_sent_and_the_rest_is_named(workspace: Asked, relied: str) -> None:
    status, said = confirmed(workspace, relied, "careful", "--confirm", "careful")
    assert status == 0, said
    assert "guard:" in said
    assert "left out mock:erp/confirm/createSalesOrder@201: the tier's policy does not allow POST" in said
    assert "left out mock:erp/confirm/releaseReservation@204: the tier's policy does not allow DELETE" in said
    assert confirmed(workspace, relied, "careful")[0] == 2  # nobody said its name once more


def test_a_tier_with_a_mock_has_nobody_to_ask(workspace: Asked, relied: str) -> None:
    status, said = confirmed(workspace, relied, "test")
    assert (status, "there is nobody to ask" in said) == (2, True)
