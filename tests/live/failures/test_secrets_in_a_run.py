"""No secret that a run knew is in anything it wrote or said, although the system shouts it back in every answer.

Control: with redaction switched off the very same search finds it.
"""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from harness.actions import keeping
from harness.actions.running import run
from harness.adapters.host import Host
from harness.cli.live import Silent
from harness.formats.redact_scan import survivors
from harness.rules.redacting import Redacted, Redactor, redactor_for

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

TOKEN = "c4n4ry-T0ken/with+signs=and-length"
PASSWORD = "c4n4ry pass&word"
SEARCH = redactor_for({"TOKEN": TOKEN, "PASSWORD": PASSWORD}, key=b"search")
BEARER = 'kind = "bearer"\ntoken = { env = "SHOP_TOKEN" }'
BASIC = 'kind = "basic"\nuser = "tester"\npassword = { env = "SHOP_PASSWORD" }'
ENVIRONMENT = {"SHOP_TOKEN": TOKEN, "SHOP_PASSWORD": PASSWORD, "FAULT": "echoes"}


def signed_in(shop: Any, auth: str) -> None:
    shop.edit("environments/test.toml", "[systems.shop.start]", f"[systems.shop.auth]\n{auth}\n[systems.shop.start]")


def found_in(folder: Path) -> set[str]:
    """Files in which the search finds a secret, and those that hold it as it is."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            raw = any(secret.encode() in body for secret in (TOKEN, PASSWORD))
            pair = base64.b64encode(f"tester:{PASSWORD}".encode()) in body
            if raw or pair or any(survivors(SEARCH, body, path.name)):
                found.add(path.name)
    return found


@pytest.mark.parametrize("auth", [BEARER, BASIC], ids=["bearer", "basic"])
def test_a_secret_that_the_system_shouts_back_is_in_nothing_that_was_written_or_said(shop: Any, auth: str) -> None:
    signed_in(shop, auth)
    said = shop.ask("run", "test", "--no-report", **ENVIRONMENT)
    assert said.exit == 1, said.all
    assert found_in(shop.root / ".harness") == set()
    assert not any(SEARCH.survivors(said.out + said.err, "terminal"))
    # the finding is still there to be read, and its request can be sent again
    assert "500" in said.out
    assert re.search(r'curl .*(-H "Authorization: Bearer \$|-u "tester:\$)', said.out)


def test_without_redaction_the_same_search_finds_it(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(_redactor: Redactor, body: bytes, _media_type: str, _name: str) -> Redacted:
        return Redacted(body=body)

    monkeypatch.setattr(keeping, "redact_body", untouched)
    monkeypatch.setattr(Redactor, "redact_text", lambda _self, text, _counts=None: text)
    signed_in(shop, BEARER)
    host = Host(environ={"PATH": Host().environ["PATH"], **ENVIRONMENT})
    run(host, shop.root, "test", Silent(), release=None)
    assert found_in(shop.root / ".harness")


def test_a_run_that_was_asked_wrongly_in_mid_start_leaves_nothing(shop: Any) -> None:
    shop.edit("environments/test.toml", "env = { FAULT", 'env = { SHOP_TOKEN = { env = "SHOP_TOKEN" }, FAULT')
    shop.edit("environments/test.toml", "[policy]", f"{SECOND}[policy]")
    shop.edit(
        "server.py", "parser = argparse", 'print("my key:", os.environ["SHOP_TOKEN"], flush=True)\nparser = argparse'
    )
    said = shop.run(SHOP_TOKEN=TOKEN)
    assert said.exit == 2, said.all
    assert "TILL_KEY" in said.err
    assert list((shop.root / ".harness" / "drafts").iterdir()) == []
    assert list((shop.root / ".harness").rglob("log.txt")) == []
    assert found_in(shop.root / ".harness") == set()


SECOND = """\
[systems.till]
base-url = "http://127.0.0.1:{port}"
[systems.till.start]
command = ["python", "server.py", "--port", "{port}"]
env = { TILL_KEY = { env = "TILL_KEY" } }
"""


class Listener(Silent):
    """Keeps what is told while a run goes on."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def job_progress(self, job_id: str, text: str) -> None:
        self.heard.append(text)

    def note(self, text: str) -> None:
        self.heard.append(text)


NAMED = "c4n4ry_told_as_a_name"
SCRIPT = f"""\
from harness.kit.uat import check, step


def test_{NAMED}():
    with step("Say it"):
        check(True, "it is said")
"""
CRITERION = f"""\
[[criteria]]
id = "SHP-1"
title = {{ en = "It is said", zh = "已说明" }}
statement = {{ en = "I hear it.", zh = "我听到了。" }}
priority = "must"
owner = "shop-keeper"
demonstration = "test_said.py::test_{NAMED}"
"""


@pytest.mark.needs("browser")
@pytest.mark.parametrize("token", [NAMED, "another-token-altogether"], ids=["known", "control"])
def test_what_is_told_while_a_run_goes_on_holds_no_secret(shop: Any, token: str) -> None:
    signed_in(shop, BEARER)
    shop.edit("environments/test.toml", 'suites = ["contract"]', 'suites = ["uat"]')
    (shop.root / "uat").mkdir()
    (shop.root / "uat" / "criteria.toml").write_text(CRITERION)
    (shop.root / "uat" / "test_said.py").write_text(SCRIPT)
    listener = Listener()
    run(Host(environ={**Host().environ, "SHOP_TOKEN": token}), shop.root, "test", listener, release=None)
    told = "\n".join(listener.heard)
    assert "test_said.py::test_" in told
    assert (NAMED in told) is (token != NAMED)


def test_a_secret_too_short_to_hide_everywhere_is_named(shop: Any) -> None:
    signed_in(shop, BEARER)
    said = shop.run(SHOP_TOKEN="abc")
    assert "the secret SHOP_TOKEN has only 3 characters" in said.all


def test_what_a_tier_grants_to_scripts_reaches_them_and_nothing_else_of_ours_and_is_hidden(shop: Any) -> None:
    granted = '[scripts.env]\nCRM_SECRET = { env = "SHOP_PASSWORD" }\nHUB = "{systems.shop.url}/x"\n[policy]'
    shop.edit("environments/test.toml", "[policy]", granted)
    hooks = "import os\nfor name in ('CRM_SECRET', 'HUB', 'SHOP_TOKEN'):\n    print(name, 'is', os.environ.get(name))\n"
    contract = next((shop.root / "contracts").glob("*.openapi.*")).name.partition(".openapi")[0]
    (shop.root / "contracts" / f"{contract}_hooks.py").write_text(hooks)
    said = shop.ask("run", "test", "--no-report", "--only", "contract", **{**ENVIRONMENT, "FAULT": ""})
    printed = next((shop.root / ".harness" / "runs").glob("*/jobs/contract-*/stdout.txt")).read_text()
    assert "CRM_SECRET is [redacted:SHOP_PASSWORD]" in printed, said.all
    assert re.search(r"HUB is http://127.0.0.1:\d+/x", printed)
    assert "SHOP_TOKEN is None" in printed
    assert found_in(shop.root / ".harness") == set()


def test_a_secret_that_scripts_need_and_that_is_not_there_is_told_before_anybody_is_asked(shop: Any) -> None:
    shop.edit("environments/test.toml", "[policy]", '[scripts.env]\nCRM_SECRET = { env = "CRM" }\n[policy]')
    said = shop.ask("run", "test", "--no-report")
    assert said.exit == 2, said.all
    assert "`CRM_SECRET` in [scripts.env] needs env `CRM`, which is not there" in said.all
    assert shop.runs() == []
    assert shop.drafts() == []


def test_a_failure_is_told_before_its_job_has_ended(shop: Any) -> None:
    said = shop.ask("run", "test", "--no-report", "--only", "contract", **ENVIRONMENT)
    lines = said.err.splitlines()
    found = next(number for number, line in enumerate(lines) if re.match(r"contract:shop   found   \w+ /", line))
    failed = next(number for number, line in enumerate(lines) if re.match(r"contract:shop/\w+   failed   ", line))
    ended = next(number for number, line in enumerate(lines) if re.match(r"contract:shop   .* in \d", line))
    assert found < failed < ended
    healthy = shop.ask("run", "test", "--no-report", "--only", "contract", **{**ENVIRONMENT, "FAULT": ""})
    assert not re.search("   found   |   failed   ", healthy.err)
