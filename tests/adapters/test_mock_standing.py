"""A mock says what it serves and shows its certificate; what changes afterwards makes that stale."""

import json
from pathlib import Path

import pytest

from harness.adapters.mock_server.loading import load_mock
from harness.adapters.mock_server.standing import standing_of
from harness.formats.documents import write_document
from harness.mocks.standing import stood_in
from harness.model.evidence import Certified, StoodIn
from harness.model.mock import Certificate

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": ""}}}}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A certified mock with a stub and a body file."""
    made = tmp_path / "mock"
    (made / "mappings").mkdir(parents=True)
    (made / "__files").mkdir()
    (made / "__files" / "body.txt").write_text("hello")
    (tmp_path / "c.json").write_text(json.dumps(CONTRACT))
    (made / "mock.toml").write_text('contract = "../c.json"\n')
    stub = {"request": {"urlPath": "/a"}, "response": {"bodyFileName": "body.txt"}}
    (made / "mappings" / "a.json").write_text(json.dumps(stub))
    loaded = load_mock(made)
    assert loaded.contract is not None
    certificate = Certificate(
        mock="mock", contract_sha256=loaded.contract.sha256, stubs_sha256=loaded.stubs_sha256, engine="e", seed=1,
        requests=9, operations=1,
    )  # fmt: skip
    (made / "certificate.json").write_bytes(write_document(certificate))
    return made


def now(folder: Path) -> StoodIn:
    return stood_in("erp", "mocks/erp", standing_of(folder, load_mock(folder)), ())


def test_an_untouched_mock_stands_on_its_certificate(folder: Path) -> None:
    found = now(folder)
    assert found.certified is Certified.HOLDS
    assert found.certificate_sha256


@pytest.mark.parametrize(
    ("file", "change", "differs"),
    [
        ("../c.json", ('"t"', '"T"'), "contract"),
        ("mappings/a.json", ("/a", "/b"), "stubs"),
        ("__files/body.txt", ("hello", "hullo"), "stubs"),
        ("mock.toml", ("contract", "# \ncontract"), "stubs"),
    ],
)
def test_a_change_of_any_file_makes_the_certificate_stale(
    folder: Path, file: str, change: tuple[str, str], differs: str
) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(*change))
    found = now(folder)
    assert (found.certified, found.differs) == (Certified.STALE, (differs,))


def test_a_file_more_makes_it_stale_and_another_split_of_the_same_bytes_does_too(folder: Path) -> None:
    text = (folder / "mappings" / "a.json").read_text()
    (folder / "mappings" / "a.json").write_text(text[:-1] + "\n}")
    one = now(folder)
    assert one.certified is Certified.STALE
    (folder / "mappings" / "b.json").write_text(text)
    assert now(folder).stubs_sha256 != one.stubs_sha256


def test_a_certificate_that_cannot_be_read_is_none(folder: Path) -> None:
    (folder / "certificate.json").write_text("{}")
    assert now(folder).certified is Certified.NONE


def test_a_document_alone_has_no_certificate(folder: Path) -> None:
    document = folder.parent / "c.json"
    assert "certificate" not in standing_of(document, load_mock(document))
