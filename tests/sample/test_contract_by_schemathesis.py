"""The clean hub and its contract agree, says a tool that did not write either; with a fault it says what is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from harness.sample.faults import Fault
from tests.sample.live_hub import ROOT, SECRET, running_hub

pytestmark = pytest.mark.live


def findings(url: str, folder: Path, *more: str) -> list[str]:
    """The codes of what Schemathesis found, with all phases and all checks."""
    form = {"grant_type": "client_credentials", "client_id": "harness", "client_secret": SECRET}
    with urlopen(Request(f"{url}/auth/token", urlencode(form).encode())) as reply:
        token = json.load(reply)["access_token"]
    (folder / "schemathesis.toml").write_text(f'headers = {{ Authorization = "Bearer {token}" }}\n')
    report = folder / "report.json"
    command = [str(Path(sys.executable).parent / "st"), "run", str(ROOT / "contracts" / "orders.openapi.yaml")]
    options = ["--url", url, "--seed", "1", "--report", "json", "--report-json-path", str(report), *more]
    ended = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, timeout=300)
    document = json.loads(report.read_text())
    assert document["complete"], ended.stdout
    assert document["errors"] == []
    return [failure["code"] for failure in document["failures"]]


def test_the_clean_hub_keeps_its_contract(tmp_path: Path) -> None:
    with running_hub() as url:
        assert findings(url, tmp_path, "-n", "30") == []


@pytest.mark.parametrize("fault", [Fault.TOTAL_AS_TEXT, Fault.ORDERS_WITHOUT_TOKEN, Fault.CREATED_NOT_FOUND])
def test_a_fault_of_the_contract_is_found(tmp_path: Path, fault: Fault) -> None:
    with running_hub(fault) as url:
        assert findings(url, tmp_path, "-n", "30")
