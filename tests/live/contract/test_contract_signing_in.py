"""Every way to sign in, end to end: let in where the secret is good, told where not, and the secret nowhere else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
SECRETS = {
    "STATIC_TOKEN": "static-token-5d1f0c",
    "BASIC_PASSWORD": "basic-password-77e2",
    "CLIENT_SECRET": "client-secret-a90b3",
    "SIGNING_KEY": "signing-key-of-more-than-32-bytes",
    "LOGIN_PASSWORD": "login-password-41cc",
}
GIVEN = {"oauth2": "token-of-oauth2-91f", "cookie": "cookie-of-login-8ad", "form": "token-of-form-3b6"}
WAYS = {
    "static": 'kind = "bearer"\ntoken = { env = "STATIC_TOKEN" }',
    "basic": 'kind = "basic"\nuser = "tester"\npassword = { env = "BASIC_PASSWORD" }',
    "oauth2": 'kind = "oauth2-client-credentials"\ntoken-url = "token"\nclient-id = "tests"\n'
    'client-secret = { env = "CLIENT_SECRET" }',
    "jwt": 'kind = "jwt"\nkey = { env = "SIGNING_KEY" }\nclaims = { sub = "tester" }\nfor = "5 min"',
    "cookie": 'kind = "login"\nrequest = "POST /log-in"\ncookie = "sid"\n'
    'fields = { user = "tester", password = { env = "LOGIN_PASSWORD" } }',
    "form": 'kind = "login"\nrequest = "POST /log-in"\nfields-as = "form"\ntoken = "/data/token"\n'
    'header = "X-Session"\n'
    'fields = { user = "tester", password = { env = "LOGIN_PASSWORD" } }',
}
_PROBLEM = {"description": "who are you", "content": {"application/json": {"schema": {"type": "object"}}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Me", "version": "1"},
    "components": {"securitySchemes": {"one": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/me": {
            "get": {
                "operationId": "me",
                "security": [{"one": []}],
                "responses": {"200": {"description": "you"}, "401": _PROBLEM, "405": _PROBLEM},
            }
        }
    },
}


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        way, _, what = self.path.partition("?")[0].removeprefix("/").partition("/")
        if what in {"token", "log-in"} and self.command == "POST":
            self._sign_in(way, body)
        elif what == "health":
            self._send(200)
        elif what != "me":
            self._send(404)
        elif self.command != "GET":
            self._send(405, Allow="GET")
        else:
            self._send(200 if self._is_let_in(way) else 401)

    def _sign_in(self, way: str, body: str) -> None:
        given = json.loads(body) if way == "cookie" else {key: value[0] for key, value in parse_qs(body).items()}
        wanted = {"client_secret": "CLIENT_SECRET"} if way == "oauth2" else {"password": "LOGIN_PASSWORD"}
        if any(given.get(field) != SECRETS[name] for field, name in wanted.items()):
            self._send(401)
        elif way == "cookie":
            self._send(200, **{"Set-Cookie": f"sid={GIVEN['cookie']}; HttpOnly"})
        else:
            self._send(200, {"access_token": GIVEN["oauth2"], "data": {"token": GIVEN["form"]}})

    def _is_let_in(self, way: str) -> bool:
        said = self.headers.get("Authorization", "")
        match way:
            case "static":
                return said == f"Bearer {SECRETS['STATIC_TOKEN']}"
            case "basic":
                return said == "Basic dGVzdGVyOmJhc2ljLXBhc3N3b3JkLTc3ZTI="
            case "oauth2":
                return said == f"Bearer {GIVEN['oauth2']}"
            case "jwt":
                try:
                    token = jwt.decode(said.removeprefix("Bearer "), SECRETS["SIGNING_KEY"], algorithms=["HS256"])
                except jwt.InvalidTokenError:
                    return False
                return bool(token["sub"] == "tester")
            case "cookie":
                return self.headers.get("Cookie") == f"sid={GIVEN['cookie']}"
            case _:
                return self.headers.get("X-Session") == GIVEN["form"]

    def _send(self, status: int, value: object = None, **headers: str) -> None:
        body = b"" if self.command == "HEAD" else json.dumps(value or {}).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def door() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Door) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def workspace(tmp_path: Path, door: str) -> Path:
    for folder in ("environments", "contracts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "contracts/me.json").write_text(json.dumps(DOCUMENT))
    tier = "".join(
        f'[systems.{name}]\nbase-url = "{door}/{name}"\ncontract = "../contracts/me.json"\nhealth = "GET /health"\n'
        f"[systems.{name}.auth]\n{way}\n"
        for name, way in WAYS.items()
    )
    policy = '[policy]\nsuites = ["contract"]\ncontract-examples = 1\n'
    (tmp_path / "environments/test.toml").write_text(f"order = 1\n{tier}{policy}")
    return tmp_path


def test_each_way_is_let_in_and_its_secret_stays_where_it_was(workspace: Path) -> None:
    with Watch([*SECRETS.values(), *GIVEN.values()]) as watch:
        exit_, said = run(workspace, SECRETS)
    assert exit_ == 0, said
    assert "6 jobs, 18 checks" in said, "the operation, its success and a refusal without credentials of each"
    assert watch.seen == set(), "nobody on the machine may read it beside a process"
    for path in workspace.rglob("*"):
        kept = path.read_bytes() if path.is_file() else b""
        assert not [secret for secret in (*SECRETS.values(), *GIVEN.values()) if secret.encode() in kept], path
    assert not [secret for secret in (*SECRETS.values(), *GIVEN.values()) if secret in said]


def test_the_control_what_stands_in_an_argument_is_seen() -> None:
    with Watch(["seen-by-everybody-3fd1"]) as watch:
        argv = [sys.executable, "-c", "input()", "seen-by-everybody-3fd1"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
            while not watch.seen:
                watch.pause(0.05)
            process.communicate(b"\n")
    assert watch.seen == {b"seen-by-everybody-3fd1"}


def test_the_control_a_wrong_secret_is_let_in_nowhere_and_each_system_says_so(workspace: Path) -> None:
    exit_, said = run(workspace, {name: f"wrong-{name.lower()}-of-some-length-0123456789" for name in SECRETS})
    assert exit_ == 3, said
    assert said.count("no log-in at") >= 2
    assert "no token from" in said
    assert "the credentials of `jwt` are missing or not good" in said
    assert "the credentials of `static` are missing or not good" in said


def run(workspace: Path, secrets: dict[str, str]) -> tuple[int, str]:
    """`harness run test`: its exit status and all that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "run", "test", "--no-report", "--seed", "1"],
        cwd=workspace,
        env={**os.environ, **secrets, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


class Watch:
    """Looks at the arguments of every process while something goes on."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._over = Event()
        self._thread = Thread(target=self._look)
        self.seen: set[bytes] = set()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def pause(self, seconds: float) -> None:
        """Wait a moment."""
        self._over.wait(seconds)

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = place.read_bytes()
                except OSError:
                    continue
                self.seen |= {secret for secret in self._secrets if secret in line}
