"""A browser of our own making, with a passkey in it: cookies, forms, and headers that no page can forge."""

import hashlib
import html
import json
import re
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.formats.webauthn_assertion import decoded, encoded
from tests.unit.passkeys import Passkey, cbor

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_GIVEN = re.compile(r'data-given="([^"]+)"')


@dataclass
class SoftKey:
    """A device with one passkey; every part of what it says can be had wrong."""

    key: Passkey = field(default_factory=Passkey.new)
    origin: str = "https://portal.test"
    rp: str = "portal.test"
    count: int = 0

    @property
    def credential(self) -> str:
        return encoded(hashlib.sha256(self.key.cose).digest())

    def made(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        raw = self._client("webauthn.create", options["challenge"], wrong)
        cose, id_ = self.key.cose, decoded(self.credential, "id")
        data = self._authenticator(0x45, wrong) + bytes(16) + struct.pack(">H", len(id_)) + id_ + cose
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": data})
        said = {"clientDataJSON": encoded(raw), "attestationObject": encoded(attestation)}
        return {"id": self.credential, "rawId": self.credential, "type": "public-key", "response": said}

    def used(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        raw = self._client("webauthn.get", options["challenge"], wrong)
        data = self._authenticator(0x05, wrong)
        signature = self.key._signed(data + hashlib.sha256(raw).digest())
        said = {
            "clientDataJSON": encoded(raw),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": None,
        }
        return {"id": self.credential, "rawId": self.credential, "type": "public-key", "response": said}

    def _client(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        client = {
            "type": wrong.get("kind", kind),
            "challenge": wrong.get("challenge", challenge),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(client, separators=(",", ":")).encode()

    def _authenticator(self, flags: int, wrong: dict[str, Any]) -> bytes:
        self.count += 1
        rp_hash = hashlib.sha256(str(wrong.get("rp", self.rp)).encode()).digest()
        return rp_hash + bytes([wrong.get("flags", flags)]) + struct.pack(">I", self.count)


class Browser:
    """One profile: its cookies and its device."""

    def __init__(self, client: httpx.Client, url: str = "https://portal.test") -> None:
        self.client, self.url = client, url
        self.cookies: dict[str, str] = {}
        self.device = SoftKey(origin=url, rp=(urlsplit(url).hostname or ""))
        self.token = ""
        self.last: httpx.Response | None = None

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {
            "Host": urlsplit(self.url).netloc,
            "Sec-Fetch-Site": "same-origin",
            "Origin": self.url,
            **more.pop("headers", {}),
        }
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.client.cookies.clear()  # each profile keeps its own
        request = self.client.build_request(method, path, headers=headers, **more)
        answer = self.client.send(request, follow_redirects=False)
        for name, value in answer.headers.multi_items():
            if name == "set-cookie":
                self._keep(value)
        self.last = answer
        if found := _TOKEN.search(answer.text if "html" in answer.headers.get("content-type", "") else ""):
            self.token = found[1]
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **data: Any) -> httpx.Response:
        return self.ask("POST", path, data={"csrfmiddlewaretoken": self.token, **data})

    def post_json(self, path: str, body: Any, **headers: str) -> httpx.Response:
        said = {"X-CSRFToken": self.token, "Accept": "application/json", **headers}
        return self.ask("POST", path, json=body, headers=said)

    def given(self) -> dict[str, Any]:
        """The challenge that the last page carries for the device."""
        assert self.last is not None
        found = _GIVEN.search(self.last.text)
        assert found, self.last.text
        options: dict[str, Any] = json.loads(html.unescape(found[1]))
        return options

    def join(self, link: str, password: str) -> None:
        """Follow an invitation, set a password, enrol the device."""
        path = link.removeprefix(self.url)
        self.get(path)
        assert self.post(path, password=password).status_code == 302
        self.get("/account")
        options = self.post_json("/account/passkeys/options", {}).json()
        answer = self.post_json("/account/passkeys", {"credential": self.device.made(options), "label": "device"})
        assert answer.status_code == 200, answer.text

    def sign_in(self, email: str, password: str) -> httpx.Response:
        self.get("/sign-in")
        return self.post("/sign-in", email=email, password=password, next="/tasks")

    def prove(self) -> None:
        """Confirm with the device that it is you, on the account page."""
        self.get("/account")
        options = self.post_json("/sign-in/passkey/options", {}).json()
        assert self.post_json("/sign-in/passkey?next=/account", self.device.used(options)).status_code == 200
        self.get("/account")

    def answer_all(self, code: str, role: str, **said: str) -> None:
        """Say yes to everything but what is told otherwise."""
        page = self.get(f"/packages/{code}")
        for one in dict.fromkeys(
            re.findall(rf"/packages/{code}/{role}/try/([\w-]+)", self.get(self._check(code, role)).text)
        ):
            self.get(f"/packages/{code}/{role}/try/{one}")
            self.post(f"/packages/{code}/{role}/try/{one}", said=said.get(one, "yes"), words="", asked="1")
        assert page.status_code == 200

    def decide(self, code: str, role: str, decision: str, reason: str = "") -> httpx.Response:
        self.get(self._check(code, role))
        return self.post(self._check(code, role), decision=decision, reason=reason)

    def sign(self, code: str, role: str, **wrong: Any) -> httpx.Response:
        """Open the page, touch the device, send what it says."""
        self.get(f"/packages/{code}/{role}/sign")
        return self.post_json(f"/packages/{code}/{role}/sign", self.device.used(self.given(), **wrong))

    def accept(self, code: str, role: str) -> httpx.Response:
        """The whole way, all well."""
        self.answer_all(code, role)
        assert self.decide(code, role, "accept").status_code == 302
        return self.sign(code, role)

    @staticmethod
    def _check(code: str, role: str) -> str:
        return f"/packages/{code}/{role}/check"

    def _keep(self, cookie: str) -> None:
        pair, _, rest = cookie.partition(";")
        name, _, value = pair.partition("=")
        if "max-age=0" in rest.lower() or not value.strip('"'):
            self.cookies.pop(name.strip(), None)
        else:
            self.cookies[name.strip()] = value
