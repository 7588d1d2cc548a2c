"""The contract engine judges our mocks: an honest one holds, a lying one does not, and state is no lie."""

import json
from pathlib import Path

import pytest

from harness.actions.verifying_mock import verify_mock
from harness.adapters.host import Host
from harness.errors import AskedWrongly
from harness.formats.documents import read_document, write_document
from harness.model.mock import Certificate

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
ERP = Path(__file__).parents[2] / "contracts" / "erp.openapi.yaml"


def folder(tmp_path: Path, *mappings: dict[str, object], stateful: bool = False) -> Path:
    made = tmp_path / "mock"
    (made / "mappings").mkdir(parents=True)
    (tmp_path / "erp.yaml").write_text(ERP.read_text())
    (made / "mock.toml").write_text(f'contract = "../erp.yaml"\nstateful = {"true" if stateful else "false"}\n')
    (made / "mappings" / "all.json").write_text(json.dumps({"mappings": mappings}))
    return made


@pytest.mark.parametrize("stateful", [False, True])
def test_an_honest_mock_holds(tmp_path: Path, stateful: bool) -> None:
    certificate = verify_mock(Host(), folder(tmp_path, stateful=stateful), seed=1, max_examples=10)
    assert (certificate.holds, certificate.findings, certificate.unproved) == (True, (), ())
    assert certificate.requests > 100
    assert read_document(Certificate, write_document(certificate), "c.json") == certificate


def test_a_lying_stub_costs_the_certificate(tmp_path: Path) -> None:
    lie = {"request": {"urlPath": "/stock"}, "response": {"status": 200, "jsonBody": {"items": "many"}}}
    certificate = verify_mock(Host(), folder(tmp_path, lie), seed=1, max_examples=5)
    assert certificate.holds is False
    assert any("listStock" in finding for finding in certificate.findings)


def test_a_stub_that_hides_an_operation_leaves_it_unproved_or_broken(tmp_path: Path) -> None:
    closed = {"request": {"urlPathPattern": "/stock/.*"}, "response": {"status": 404, "headers": {
        "Content-Type": "application/problem+json"}, "jsonBody": {
        "type": "about:blank", "title": "Not Found", "status": 404, "detail": "None."}}}  # fmt: skip
    certificate = verify_mock(Host(), folder(tmp_path, closed), seed=1, max_examples=5)
    assert certificate.holds is not True
    assert "contract:mock/getStock" in certificate.unproved or certificate.findings


def test_a_mock_without_a_contract_cannot_be_judged(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "mock.toml").write_text("")
    with pytest.raises(AskedWrongly, match="no contract"):
        verify_mock(Host(), made)


def test_stubs_and_contract_have_digests_of_their_own(tmp_path: Path) -> None:
    one = verify_mock(Host(), folder(tmp_path / "a"), seed=1, max_examples=1)
    answer = {"request": {"urlPath": "/none"}, "response": {"status": 404}}
    other = verify_mock(Host(), folder(tmp_path / "b", answer), seed=1, max_examples=1)
    assert one.contract_sha256 == other.contract_sha256
    assert one.stubs_sha256 != other.stubs_sha256
