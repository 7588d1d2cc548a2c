"""The contract suite as people use it: findings read, sent again, accepted; and requests recorded for production."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
SPECIMEN = Path(__file__).with_name("specimen.py")
HEALTH = "GET /"  # what the harness itself asks first: whether the system is up
TIER = """
[systems.shop]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/shop.openapi.json"
auth     = { kind = "bearer", token = { env = "SHOP_TOKEN" } }

[systems.shop.start]
command = ["python", "SPECIMEN", "{port}"]
env     = { FAULTS = { env = "FAULTS", default = "" }, LOG = { env = "LOG", default = "" } }

[policy]
suites = ["contract"]
contract-examples = 5
contract-deadline = "120 s"
"""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A workspace around the specimen."""

    root: Path

    def ask(self, *words: str, **more: str) -> tuple[int, str]:
        """`harness …`: its exit status and all that it said."""
        env: Mapping[str, str] = {**os.environ, "SHOP_TOKEN": "specimen-token", "COLUMNS": "400", **more}
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def findings(self) -> dict[str, str]:
        """Short names of the findings that decide, with their titles."""
        _, said = self.ask("contract", "findings", "--json", "-q")
        causes = json.loads(said)["causes"]
        return {one["findings"][0]["short"]: one["title"] for one in causes if one["decides"]}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    root = tmp_path / "w"
    for folder in ("environments", "contracts"):
        (root / folder).mkdir(parents=True)
    shutil.copy(SPECIMEN, root / "specimen.py")
    document = json.loads(json.dumps(_specimen().DOCUMENT))
    document["paths"]["/items/{id}"]["parameters"][0]["example"] = "i1"
    (root / "contracts/shop.openapi.json").write_text(json.dumps(document, indent=1))
    tier = "order = 1\n" + TIER.replace("SPECIMEN", str(root / "specimen.py"))
    (root / "environments/test.toml").write_text(tier)
    start = tier[tier.index("[systems.shop.start]") : tier.index("[policy]")]
    prod = tier.replace(start, "").replace("order = 1", "order = 3").replace("{port}", "9")
    prod += 'methods = ["GET", "HEAD"]\n'
    (root / "environments/prod.toml").write_text(prod)
    return Shop(root=root)


def test_a_finding_is_sent_again_on_a_fresh_system_and_does_not_come_from_a_mended_one(shop: Shop) -> None:
    broken = {"FAULTS": "stale,crash-on-header"}
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", **broken)
    assert exit_ == 1, said
    found = shop.findings()
    stale = next(short for short, title in found.items() if "still finds what was deleted" in title)
    header = next(short for short, title in found.items() if "header X-Trace" in title)
    for short in (stale, header):
        exit_, said = shop.ask("replay", short, **broken)
        assert exit_ == 1, f"ids are new on a fresh system, and it comes all the same: {said}"
    exit_, said = shop.ask("replay", stale)
    assert (exit_, "it did not come again" in said) == (0, True), said
    assert shop.ask("replay", "00000000")[0] == 2


def test_a_request_that_ends_the_server_is_found_and_the_rest_goes_on_where_it_is_started_again(shop: Shop) -> None:
    ending = {"FAULTS": "ends-itself"}
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", **ending)
    assert (exit_, "died: stopping what still runs" in said) == (3, True), "the control: nobody starts it again"
    tier = shop.root / "environments/test.toml"
    tier.write_text(tier.read_text().replace("[systems.shop.start]\n", "[systems.shop.start]\nrestarts = 9\n"))
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", **ending)
    assert (exit_, "shop ended by itself and was started again" in said) == (1, True), said
    titles = list(shop.findings().values())
    assert len(titles) == 1, titles
    assert titles[0].startswith(("POST /items ends the server", "POST /items breaks the connection off")), titles
    assert "contract:shop/createItem" in said
    assert "contract:shop/listItems " not in said, "what others promise is proved all the same"
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", FAULTS="ends-by-itself")
    assert (exit_, "which request did that was not found" in " ".join(said.split())) == (3, True), said


def test_what_is_accepted_decides_nothing_and_hides_nothing_new(shop: Shop) -> None:
    shop.ask("run", "test", "--no-report", "--seed", "1", FAULTS="empty-accepted")
    for short in shop.findings():
        exit_, said = shop.ask(
            "contract", "accept", short, "--owner", "shop team", "--reason", "known", "--until", _day()
        )
        assert exit_ == 0, said
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", FAULTS="empty-accepted")
    assert (exit_, "are accepted and decide nothing" in said) == (0, True), said
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", FAULTS="empty-accepted,illegal-accepted")
    assert exit_ == 1, "the same status at the same operation, and a new finding all the same"
    baseline = shop.root / "contracts/shop.baseline.toml"
    baseline.write_text(re.sub(r"expires = \S+", "expires = 2020-01-01", baseline.read_text()))
    exit_, said = shop.ask("run", "test", "--no-report", "--seed", "1", FAULTS="empty-accepted")
    assert (exit_, "ask shop team" in said) == (1, True), "what has expired decides again"


def test_on_production_exactly_the_sealed_requests_arrive_and_a_changed_list_is_not_sent(shop: Shop) -> None:
    specimen = _specimen()
    listed = shop.root / "contracts/shop.probes.toml"
    tier = shop.root / "environments/prod.toml"
    with specimen.serving() as (url, server):
        tier.write_text(tier.read_text().replace("http://127.0.0.1:9", url))
        exit_, said = shop.ask("contract", "probes", "prod")
        assert exit_ == 0, said
        wanted = re.findall(r'^request +. "(.+)"$', listed.read_text(), re.MULTILINE)
        assert wanted == ["GET /items", "GET /items/i1"]
        exit_, said = shop.ask("run", "prod", "--no-report")
        assert (exit_, "nobody has sealed yet" in said) == (3, True), said
        assert _arrived(server) == [], "a proposal is not sent"
        assert shop.ask("contract", "probes", "prod")[0] == 2, "what a person may have changed is not written over"
        assert shop.ask("contract", "seal", "contracts/shop.probes.toml")[0] == 0
        exit_, said = shop.ask("run", "prod", "--no-report")
        assert exit_ == 0, said
        assert _arrived(server) == wanted, "nothing else arrives: no probe of an engine, no other method"

        sealed = listed.read_text()
        listed.write_text(sealed.replace("/items/i1", "/items/i2"))
        exit_, said = shop.ask("run", "prod", "--no-report")
        assert (exit_, "changed after it was sealed" in said) == (3, True), said
        assert _arrived(server) == [], "a list that nobody sealed is not sent"
        assert shop.ask("contract", "seal", "contracts/shop.probes.toml")[0] == 0
        shop.ask("run", "prod", "--no-report")
        assert _arrived(server) == ["GET /items", "GET /items/i2"]

        listed.write_text(sealed)
        server.faults = frozenset(("wrong-type",))
        exit_, said = shop.ask("run", "prod", "--no-report")
        assert (exit_, "breaks its schema" in said) == (1, True), "recorded requests find a broken answer too"

        _arrived(server)
        tier.write_text(tier.read_text().replace('methods = ["GET", "HEAD"]', ""))
        shop.ask("run", "prod", "--no-report")
        methods = {line.split(" ")[0] for line in _arrived(server)}
        assert {"POST", "DELETE", "TRACE"} <= methods, "the control: without limits a generator sends what it likes"


def _arrived(server: Any) -> list[str]:
    """What the server was sent since it was last asked."""
    seen = [f"{method} {path}" for method, path in server.seen]
    server.seen.clear()
    return seen[1:] if seen[:1] == [HEALTH] else seen


def _specimen() -> Any:
    sys.path.insert(0, str(SPECIMEN.parent))
    try:
        return importlib.import_module("specimen")
    finally:
        sys.path.pop(0)


def _day() -> str:
    return (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
