"""`harness contract diff` from files to who is affected, and its exit status."""

import json
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parents[2]
ERP = ROOT / "contracts" / "erp.openapi.yaml"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    new = tmp_path / "new.yaml"
    new.write_text(ERP.read_text().replace("operationId: reserveStock", "operationId: holdStock"))
    return new


def diff(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    status = main(["contract", "diff", *words, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_the_same_document_has_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, str(ERP), str(ERP)) == (
        0,
        {"kind": "harness/contract-changes", "version": 1, "breaking": False, "changes": []},
    )


def test_a_workspace_names_the_stubs_that_stand_for_what_changed(
    changed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    status, told = diff(capsys, str(ERP), str(changed))
    (change,) = told["changes"]
    assert status == 0
    assert (change["rule"], change["weight"]) == ("operation-id-changed", "risky")
    assert any(place.startswith("mocks/erp/mappings/out-of-stock.json") for place in change["affected"])


def test_outside_a_workspace_nobody_is_named(
    changed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    _, told = diff(capsys, str(ERP), str(changed))
    assert "affected" not in told["changes"][0]


def test_what_breaks_a_consumer_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(ERP.read_text().replace("  /reservations:", "  /bookings:"))
    status, told = diff(capsys, str(ERP), str(new))
    assert status == 1
    assert told["breaking"] is True


@pytest.mark.parametrize("words", [["only-one.yaml"], ["none.yaml", "none.yaml"], [str(ERP), str(ROOT / "README.md")]])
def test_what_can_not_be_compared_is_asked_wrongly(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", *words]) == 2
    assert "error:" in capsys.readouterr().err
