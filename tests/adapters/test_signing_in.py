"""Ways to sign in: minted tokens that an independent library accepts, log-ins gone through at a real server."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from harness.adapters.credentials import headers_for
from harness.adapters.minting import minted_token
from harness.adapters.secrets import Secrets
from harness.errors import CouldNotTell
from harness.model.auth import Algorithm, FieldsAs, Login, MintedToken
from harness.model.tier import SecretRef, System

SHARED = "a shared secret of thirty-two bytes!"
NOW = 1_900_000_000.0
PASSWORD = SecretRef(kind="env", at="PASSWORD")


def pem(key: Any) -> str:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, form, none).decode())


KEYS: dict[Algorithm, Any] = {
    Algorithm.RS256: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    Algorithm.ES256: ec.generate_private_key(ec.SECP256R1()),
    Algorithm.EDDSA: ed25519.Ed25519PrivateKey.generate(),
}


def asked(algorithm: Algorithm) -> MintedToken:
    claims = (("sub", "tester"), ("aud", ("orders", "stock")), ("admin", False))
    return MintedToken(key=PASSWORD, algorithm=algorithm, claims=claims, key_id="k1", lives_s=60)


def opened(token: str, key: Any, algorithm: Algorithm) -> dict[str, Any]:
    unbound = {"verify_exp": False, "verify_iat": False}
    return dict(jwt.decode(token, key, algorithms=[algorithm.value], audience="orders", options=unbound))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_minted_token_is_good_to_whoever_has_the_key_and_to_nobody_else(algorithm: Algorithm) -> None:
    private = KEYS.get(algorithm)
    token = minted_token(asked(algorithm), SHARED if private is None else pem(private), NOW)
    said = opened(token, SHARED if private is None else private.public_key(), algorithm)
    assert (said["sub"], said["aud"], said["admin"]) == ("tester", ["orders", "stock"], False)
    assert said["iat"] <= NOW < said["exp"] == NOW + 60
    assert jwt.get_unverified_header(token) == {"alg": algorithm.value, "typ": "JWT", "kid": "k1"}
    head, body, signature = token.split(".")
    with pytest.raises(jwt.InvalidTokenError):
        opened(f"{head}.{body[:-2]}{'AA' if body[-2:] != 'AA' else 'BB'}.{signature}", "x" * 40, Algorithm.HS256)


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_key_of_another_kind_is_told(algorithm: Algorithm) -> None:
    other = KEYS[Algorithm.EDDSA if algorithm is Algorithm.RS256 else Algorithm.RS256]
    for key in (SHARED, pem(other)):
        with pytest.raises(CouldNotTell, match=f"does not fit {algorithm.value}"):
            minted_token(asked(algorithm), key, NOW)


class _Door(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = self.headers["Content-Type"] != "application/json"
        given = {name: values[0] for name, values in parse_qs(body).items()} if form else json.loads(body)
        good = given == {"user": "tester", "password": "pw-of-tester"}
        self.send_response((302 if form else 200) if good else 401)
        if good:
            self.send_header("Set-Cookie", "theme=dark; Path=/")
            self.send_header("Set-Cookie", "sid=cookie-value-1; Path=/; HttpOnly")
        self.end_headers()
        self.wfile.write(json.dumps({"data": [{"token": "token-value-1"}]} if good else {}).encode())


@pytest.fixture
def door() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Door) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def login(**how: Any) -> Login:
    fields: tuple[tuple[str, str | SecretRef], ...] = (("user", "tester"), ("password", PASSWORD))
    return Login(method="POST", url="/login", fields=fields, **how)


def signed_in(way: Login, base_url: str, password: str = "pw-of-tester") -> tuple[dict[str, str], Secrets]:
    secrets = Secrets({"PASSWORD": password}, Path())
    system = System(name="shop", base_url=base_url, auth=way)
    return headers_for(system, base_url, secrets, now_s=NOW), secrets


@pytest.mark.parametrize(
    ("way", "header"),
    [
        (login(token="/data/0/token"), {"Authorization": "Bearer token-value-1"}),
        (login(token="/data/0/token", header="X-Session"), {"X-Session": "token-value-1"}),
        (login(cookie="sid"), {"Cookie": "sid=cookie-value-1"}),
        (login(cookie="sid", fields_as=FieldsAs.FORM), {"Cookie": "sid=cookie-value-1"}),
    ],
)
def test_what_a_log_in_gives_is_carried_and_hidden(door: str, way: Login, header: dict[str, str]) -> None:
    headers, secrets = signed_in(way, door)
    assert headers == header
    assert {"pw-of-tester", *(value.rpartition("=")[2].rpartition(" ")[2] for value in header.values())} <= set(
        secrets.known().values()
    )


@pytest.mark.parametrize("way", [login(token="/data/9/token"), login(token="/data"), login(cookie="other")])
def test_a_log_in_that_gives_nothing_is_told_without_the_password(door: str, way: Login) -> None:
    with pytest.raises(CouldNotTell, match="it answered 200 without") as told:
        signed_in(way, door)
    assert "pw-of-tester" not in str(told.value)


def test_a_log_in_that_is_refused_is_told(door: str) -> None:
    with pytest.raises(CouldNotTell, match="it answered 401 without the cookie `sid`"):
        signed_in(login(cookie="sid"), door, "wrong")
