"""The schema for editors and the parser are of one mind about what one file may say."""

import json
import tomllib
from importlib import resources

import jsonschema_rs
import pytest

from harness.errors import HarnessError
from harness.formats.tier_toml import read_tier

SCHEMA = json.loads((resources.files("harness.formats") / "schemas" / "tier.schema.json").read_text())
HEAD = '[systems.hub]\nbase-url = "http://127.0.0.1:{port}"\nstart = { command = ["python", "-m", "hub"] }\n'
LOGIN = (
    '[systems.hub.auth]\nkind = "login"\nrequest = "POST /login"\nfields = { user = "u", password = { env = "P" } }\n'
)
DB = '[services.db]\npreset = "postgresql"\n'

GOOD = [
    "",
    'order = 2\npurpose = "acceptance"\ndata-class = "synthetic"',
    'release = { version-from = "GET /version", field = "build.version" }',
    '[systems.other]\nbase-url = "https://other.example"\nhealth = "HEAD /health"\ncontract = "../contracts/o.yaml"',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = { env = "T" }',
    '[systems.hub.auth]\nkind = "basic"\nuser = "u"\npassword = { file = "secret" }',
    '[systems.hub.auth]\nkind = "api-key"\nheader = "X-Key"\nvalue = { command = ["pass", "key"] }',
    '[systems.hub.auth]\nkind = "oauth2-client-credentials"\ntoken-url = "t"\nclient-id = "c"\nclient-secret.env = "S"',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = { env = "T", default = "demo" }',
    '[systems.hub.auth]\nkind = "jwt"\nkey = { env = "K" }\nclaims = { aud = ["a"], n = 1, b = true }\nfor = "5 min"',
    '[systems.hub.auth]\nkind = "jwt"\nkey.file = "k.pem"\nalgorithm = "EdDSA"\nkey-id = "1"',
    LOGIN + 'token = "/data/token"\nheader = "X-Session"',
    LOGIN + 'cookie = "sid"\nfields-as = "form"',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = { keyring = "orders/harness" }',
    '[dependencies.erp]\nmock = "../mocks/erp"\ncontract = "../contracts/erp.yaml"',
    '[dependencies.erp]\nreal = "https://erp.example"\nhealth = "GET /"',
    '[dependencies.erp]\nreal = "https://erp.example"\nauth = { kind = "bearer", token = { env = "T" } }',
    '[dependencies.erp]\nstart = { command = "erp", env = { A = "b", S = { env = "S" } }, ready = "5 s" }',
    '[scripts.env]\nCRM_SECRET = { env = "CRM_SECRET" }\nDESK = "north"',
    DB,
    DB + 'kinds = ["container", "process"]\nimage = "postgres:16"\nport = 5433\nready = "2 min"',
    DB + 'kinds = "external"\nurl = { env = "DB_URL" }',
    DB + 'kinds = ["external", "embedded"]\nurl = "postgresql://db.example/orders"\nembedded = "sqlite://"',
    DB
    + 'binaries = "/usr/lib/postgresql/16/bin"\ninit = ["../db/tables.sql"]\nenv = { TZ = "UTC", S = { env = "S" } }',
    '[services.queue]\npreset = "rabbitmq"\nkinds = ["process"]',
    DB + 'dockerfile = "../db/Dockerfile"\nvolumes = "../db/files:/files"\nreuse = true',
    DB + 'kinds = ["external"]\nurl = { env = "DB_URL" }\nown-database = true',
    '[policy]\nsuites = ["contract", "uat"]\nmocks = "allowed"\nhosts = ["a.example"]\nmethods = "GET"\nrate = "5 /s"',
    '[policy]\nsuites = "load"\nconcurrency = 4\nconfirm = true\ncontract-examples = 3\ncontract-deadline = "1 min"',
    '[policy]\nwindows = ["mon-fri 08:00-18:00 Europe/Berlin", "sat 00:00-24:00 UTC"]\nwho-may-run = ["ci", "anna"]',
    '[policy]\noperations = ["getOrder"]\nbody = "64 KiB"\nload = { rate = "50 /s", users = 5, for = "1 min" }',
    '[policy]\nalarm = "https://alerts.example/api/v2/alerts?active=true"',
    '[coverage]\nstatuses = ["success", "404", "getOrder@409"]',
]
BAD = [
    "orders = 2",
    'order = "second"',
    'data-class = "secret"',
    'release = { version-from = "POST /version" }',
    'release = { field = "version" }',
    '[systems.other]\nbase-url = "ftp://other.example"',
    '[systems.other]\nbase-url = "https://user@other.example"',
    '[systems.other]\nbase-ulr = "https://other.example"',
    '[systems.other]\nbase-url = "https://o.example"\ncontract = "/etc/passwd"',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = "s3cr3t"',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = { env = "T", file = "t" }',
    '[systems.hub.auth]\nkind = "bearer"\ntoken = { keyring = "orders" }',
    '[systems.hub.auth]\nkind = "magic"\ntoken = { env = "T" }',
    '[systems.hub.auth]\nkind = "jwt"\nkey = "a secret itself"',
    '[systems.hub.auth]\nkind = "jwt"\nkey = { env = "K" }\nalgorithm = "none"',
    '[systems.hub.auth]\nkind = "jwt"\nkey = { env = "K" }\nclaims = { sub = { a = 1 } }',
    LOGIN,
    LOGIN + 'token = "/t"\ncookie = "c"',
    LOGIN + 'token = "t"',
    '[systems.hub.auth]\nkind = "login"\nrequest = "/login"\ntoken = "/t"\nfields = { a = "b" }',
    '[systems.hub.auth]\nkind = "login"\nrequest = "POST /login"\ntoken = "/t"',
    '[systems.hub.auth]\nkind = "basic"\nuser = "u"',
    '[dependencies.erp]\nmock = "../mocks/erp"\nurl = "https://erp.example"',
    '[dependencies.erp]\nstart = { ready = "5 s" }',
    '[services.db]\npreset = "oracle"',
    DB + 'volumes = ["files"]',
    '[policy]\nalarm = "https://anna@alerts.example"',
    DB + 'reuse = "yes"',
    DB + 'kinds = ["container", "vm"]',
    DB + 'kinds = ["container", "container"]',
    DB + "kinds = []",
    DB + 'image = ""',
    DB + 'image = "a b"',
    DB + "port = 0",
    DB + 'kinds = ["external"]\nurl = "https://db.example"',
    DB + 'ready = "soon"',
    DB + "ready = 5",
    DB + 'volume = "x"',
    DB + "env = { A = 1 }",
    '[policy]\nsuites = ["smoke"]',
    '[policy]\nmocks = "maybe"',
    '[policy]\nrate = "5"',
    "[policy]\nrate = 5",
    '[policy]\nconfirm = "yes"',
    "[policy]\ncontract-examples = 0",
    '[policy]\nwindows = ["always"]',
    "[policy]\nload = { }",
    '[policy]\nload = { rate = "fast" }',
    '[policy]\nload = { speed = "5 /s" }',
    '[policy]\nbody = "big"',
    '[coverage]\nstatuses = ["9xx"]',
]
ONLY_THE_PARSER = {  # what needs the other file, another key or arithmetic
    "a preset may stand in defaults.toml": "[services.db]\nport = 5432",
    "who answers may stand in defaults.toml": '[dependencies.erp]\ncontract = "../contracts/erp.yaml"',
    "a kind and what it needs": DB + 'kinds = ["external"]',
    "what would never be tried": DB + 'kinds = ["embedded", "process"]\nembedded = "sqlite://"',
    "a password inside a URL": DB + 'kinds = ["external"]\nurl = "postgresql://u:p@db.example/x"',
    "a broker plays no SQL": '[services.q]\npreset = "rabbitmq"\ninit = ["a.sql"]',
    "a password in a field of a log-in": LOGIN.replace('{ env = "P" }', '"s3cr3t"') + 'cookie = "c"',
    "a path out of the workspace": '[systems.other]\nbase-url = "https://o.example"\ncontract = "../../x.yaml"',
    "a day that is none": '[policy]\nwindows = ["someday 08:00-18:00 UTC"]',
    "a zone that is none": '[policy]\nwindows = ["mon 08:00-18:00 Moon/Sea"]',
}


def parsed(text: str) -> bool:
    environment = {} if "suites" in text else {"HARNESS_POLICY_SUITES": "contract"}
    try:
        read_tier("test", (("environments/test.toml", whole(text).encode()),), environment)
    except HarnessError:
        return False
    return True


def whole(text: str) -> str:
    """A file that is complete but for what the sample adds; top keys stand before tables."""
    top, bracket, tables = text.partition("[")
    return f"{top}\n{HEAD}{bracket}{tables}" if not top.strip() or "=" not in top else f"{text}\n{HEAD}"


def valid(text: str) -> bool:
    return jsonschema_rs.validator_for(SCHEMA).is_valid(tomllib.loads(whole(text)))


@pytest.mark.parametrize("text", GOOD)
def test_what_the_parser_takes_the_schema_takes(text):
    assert (parsed(text), valid(text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_what_the_parser_refuses_the_schema_refuses(text):
    assert (parsed(text), valid(text)) == (False, False)


@pytest.mark.parametrize("text", ONLY_THE_PARSER.values(), ids=ONLY_THE_PARSER)
def test_what_one_file_cannot_show_is_left_to_the_parser(text):
    assert (parsed(text), valid(text)) == (False, True)
