"""Sixty secrets and personal data, planted wherever a system can put them: none in any byte that a run leaves or says.

Known by reference, by the name of their field, or by their shape; in bodies, pages, logs, cookies, URLs and errors.
Control: with redaction switched off the same search finds nearly all of them.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.actions import keeping
from harness.actions.running import run
from harness.adapters.host import Host
from harness.cli.live import Silent
from harness.formats.redact_scan import survivors
from harness.rules.redacting import Redacted, Redactor, redactor_for

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

DICE = random.Random(20261120)


def word(length: int) -> str:
    return "".join(DICE.choice("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(length))


def luhn(prefix: str) -> str:
    digits = prefix + "".join(str(DICE.randrange(10)) for _ in range(15 - len(prefix)))
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def chinese_id() -> str:
    body = f"110101{DICE.randrange(1960, 2000)}0{DICE.randrange(1, 10)}1{DICE.randrange(10)}{DICE.randrange(100, 999)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


KNOWN = {name: word(24) for name in ("SHOP_TOKEN", "SHOP_DB", "SHOP_MAIL", "SHOP_SIGN")}
FIELDS = ("password", "client_secret", "access_token", "refresh_token", "api_key", "apiKey", "secret", "session_id")
NAMED = {name: word(20) for name in FIELDS}
COOKIES = {name: word(26) for name in ("session", "sid", "auth", "remember")}
QUERY = {name: word(22) for name in ("token", "code", "key", "sig")}
JWT = [f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI{word(18)}In0.{word(43)}" for _ in range(4)]
KEYS = [f"AKIA{word(16).upper()}", f"ghp_{word(36)}", f"xoxb-{DICE.randrange(10**11, 10**12)}-{word(24)}"]
URLS = [f"postgresql://app:{word(18)}@db.internal/orders", f"amqp://mq:{word(18)}@queue.internal/v"]
CARDS = [luhn(prefix) for prefix in ("4", "51", "4", "52", "4")]
MAILS = [f"{word(8).lower()}.{word(6).lower()}@{word(7).lower()}.shop-mail.io" for _ in range(10)]
PHONES = [f"+49 151 {DICE.randrange(10**7, 10**8)}" for _ in range(4)] + [
    f"138{DICE.randrange(10**7, 10**8)}" for _ in range(4)
]
IDS = [chinese_id() for _ in range(8)]
PASSWORDS_IN_URLS = [one.partition("@")[0].rpartition(":")[2] for one in URLS]
PLANTED = (
    *KNOWN.values(), *NAMED.values(), *COOKIES.values(), *QUERY.values(),
    *JWT, *KEYS, *PASSWORDS_IN_URLS, *CARDS, *MAILS, *PHONES, *IDS,
)  # fmt: skip
SEARCH = redactor_for({f"planted-{i}": value for i, value in enumerate(PLANTED)}, key=b"search")

SERVER = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

P = json.loads(os.environ["PLANTED"])
KNOWN = {name: os.environ[name] for name in ("SHOP_TOKEN", "SHOP_DB", "SHOP_MAIL", "SHOP_SIGN")}

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        bare = self.path.partition("?")[0]
        print("request", self.path, self.headers.get("Authorization"), *KNOWN.values(), *P["keys"], *P["urls"],
              *P["jwt"], *P["mails"], *P["cards"], *P["phones"], *P["ids"], json.dumps(P["named"]), flush=True)
        status, kind, more = 200, "application/json", []
        if bare == "/page":
            texts = [*P["mails"], *P["phones"], *P["ids"], *P["cards"], *P["keys"], *P["jwt"], *P["urls"]]
            rows = "".join(f"<li>{text}</li>" for text in texts)
            link = "/list?" + "&".join(f"{name}={value}" for name, value in P["query"].items())
            body, kind = f'<!doctype html><html lang="en"><title>Shop</title><h1>All</h1><ul>{rows}</ul>' \\
                f'<a href="{link}">list</a>' \\
                f'<script>fetch("{link}"); console.error("{P["mails"][0]}")</script></html>', "text/html"
        elif bare == "/health":
            body = "{}"
        else:
            status = 500 if bare == "/orders" else 200
            people = [dict(email=m, note=f"{i} {c} {t}") for m, i, c, t in
                      zip(P["mails"] * 2, P["ids"] * 2, P["cards"] * 2, P["phones"] * 2)]
            body = json.dumps(dict(P["named"], people=people, keys=P["keys"], jwt=P["jwt"], urls=P["urls"],
                                   known=list(KNOWN.values())))
        for name, value in P["cookies"].items():
            more.append(("Set-Cookie", f"{name}={value}; Path=/; HttpOnly"))
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body.encode()))), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
"""
TIER = """
[systems.shop]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/shop.openapi.yaml"
health = "GET /health"
auth = { kind = "bearer", token = { env = "SHOP_TOKEN" } }
[systems.shop.start]
command = ["python", "server.py", "{port}"]
[systems.shop.start.env]
SHOP_TOKEN = { env = "SHOP_TOKEN" }
SHOP_DB = { env = "SHOP_DB" }
SHOP_MAIL = { env = "SHOP_MAIL" }
SHOP_SIGN = { env = "SHOP_SIGN" }
PLANTED = { env = "PLANTED", default = "" }
[policy]
suites = ["contract", "uat"]
rate = "200 /s"
contract-deadline = "10 s"
contract-examples = 3
"""
CONTRACT = """
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders:
    get:
      operationId: listOrders
      responses: { "200": { description: all } }
"""
SCRIPT = """
from harness.kit.uat import check, expect, step

def test_shown(page, api):
    with step("Open", zh="打开"):
        page.goto("/page")
        page.get_by_role("link").click()
    with step("Ask", zh="询问"):
        check(api.get("/orders").status == 200, "the shop answers: " + api.get("/list").text())
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in ("environments", "contracts", "uat"):
        (tmp_path / name).mkdir()
    (tmp_path / "environments" / "test.toml").write_text(TIER)
    (tmp_path / "contracts" / "shop.openapi.yaml").write_text(CONTRACT)
    (tmp_path / "uat" / "test_shop.py").write_text(SCRIPT)
    (tmp_path / "server.py").write_text(SERVER)
    return tmp_path


def environment() -> dict[str, str]:
    planted: dict[str, Any] = {"named": NAMED, "cookies": COOKIES, "query": QUERY, "jwt": JWT, "keys": KEYS}
    planted |= {"urls": URLS, "cards": CARDS, "mails": MAILS, "phones": PHONES, "ids": IDS}
    return {**os.environ, **KNOWN, "PLANTED": json.dumps(planted, ensure_ascii=False)}


def found_in(bodies: dict[str, bytes]) -> dict[str, set[str]]:
    """Which planted values are still there, and where: as they are, or in anything that can be opened."""
    found: dict[str, set[str]] = {}
    for name, body in bodies.items():
        hits = {hit.name for hit in survivors(SEARCH, body, name)}
        hits |= {f"planted-{i}" for i, value in enumerate(PLANTED) if value.encode() in body}
        for hit in hits:
            found.setdefault(PLANTED[int(hit.partition("-")[2])], set()).add(name)
    return found


def written(root: Path) -> dict[str, bytes]:
    files = (path for path in (root / ".harness").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_sixty_planted_secrets_are_in_no_byte_of_a_run_nor_on_the_terminal(workspace: Path) -> None:
    assert len(set(PLANTED)) >= 60
    argv = [sys.executable, "-m", "harness", "run", "test"]
    said = subprocess.run(argv, cwd=workspace, env=environment(), capture_output=True)
    bodies = written(workspace)
    assert len(bodies) > 10, said.stderr.decode()
    assert b"contract:shop/listOrders" in said.stdout
    assert found_in({**bodies, "stdout": said.stdout, "stderr": said.stderr}) == {}


def test_control_with_redaction_off_nearly_all_are_found(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(_redactor: Redactor, body: bytes, _media_type: str, _name: str) -> Redacted:
        return Redacted(body=body)

    monkeypatch.setattr(keeping, "redact_body", untouched)
    monkeypatch.setattr(Redactor, "redact_text", lambda _self, text, _counts=None: text)
    run(Host(environ=environment()), workspace, "test", Silent(), release=None)
    missed = set(PLANTED) - set(found_in(written(workspace)))
    assert missed <= set(COOKIES.values()), missed
