"""The portal as a client of ours sees it: bring a run and its evidence, fetch what people signed.

Nothing goes out over plain HTTP but to this very machine, and no redirect is followed: the token would go with it.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from harness.adapters.http import Answer, NoAnswerError, fetch
from harness.errors import AskedWrongly, CouldNotTell

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_BUNDLE = 256 * 1024**2
_SLOWEST_BYTES_S = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A portal by its address, and a token of one project and one purpose."""

    url: str
    token: str

    def bring_run(self, project: str, publication: bytes) -> tuple[bool, tuple[str, ...]]:
        """Whether the run is new there, and which evidence files it still lacks."""
        path = f"/api/v1/projects/{quote(project, safe='')}/runs"
        answer = self._send("POST", path, publication, "application/json")
        try:
            missing = json.loads(answer.body)["missing"]
            return answer.status == 201, tuple(str(one) for one in missing)
        except (ValueError, KeyError, TypeError) as error:
            raise CouldNotTell(f"{self.url} is no portal of this version", hint="check the address") from error

    def bring_evidence(self, sha256: str, body: bytes) -> None:
        """One file by its content."""
        self._send("PUT", f"/api/v1/evidence/{sha256}", body, "application/octet-stream")

    def signoffs(self, release: str, nonce: str) -> bytes:
        """What people signed of a release, whole, with the proof of each signature."""
        path = f"/api/v1/releases/{quote(release, safe='')}/bundle?nonce={quote(nonce, safe='')}"
        return self._send("GET", path, None, "application/zip").body

    def offer_walks(self, package: str, criteria: tuple[str, ...], links: tuple[str, ...]) -> None:
        """Lay links of a walkthrough ready for those who are asked about these criteria."""
        body = json.dumps({"criteria": criteria, "links": links}).encode()
        self._send("PUT", self._walks(package), body, "application/json")

    def withdraw_walks(self, package: str) -> None:
        """The walkthrough ended: what was laid ready is taken away."""
        self._send("DELETE", self._walks(package), None, "application/json")

    def _walks(self, package: str) -> str:
        return f"/api/v1/packages/{quote(package, safe='')}/walks"

    def _send(self, method: str, path: str, body: bytes | None, media_type: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": media_type if body is None else "*/*"}
        if body is not None:
            said = base64.b64encode(hashlib.sha256(body).digest()).decode()
            headers |= {"Content-Type": media_type, "Content-Digest": f"sha-256=:{said}:"}
        seconds = 30.0 + len(body or b"") / _SLOWEST_BYTES_S
        try:
            answer = fetch(
                self.url + path, method=method, headers=headers, body=body, deadline_s=seconds, most_bytes=_MOST_BUNDLE
            )
        except NoAnswerError as error:
            raise CouldNotTell(f"the portal at {self.url} did not answer: {error}", hint="ask again later") from error
        if answer.status not in {200, 201}:
            raise _refused(self.url, answer)
        return answer


def portal_at(url: str, token: str) -> Portal:
    """A portal by its address; AskedWrongly where the token would travel in the clear or to a page of it."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        whole = (
            safe
            and parts.hostname
            and parts.path in {"", "/"}
            and not (parts.query or parts.fragment or parts.username)
        )
    except ValueError:
        whole = False
    if not whole:
        hint = "write https://host, or http://localhost:PORT for a portal on this machine; nothing behind it"
        raise AskedWrongly(f"{url[:200]!r} can't be a portal's address", hint=hint)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise AskedWrongly("the portal's token has characters that no token has", hint="copy it again, whole")
    return Portal(url=url.rstrip("/"), token=token)


def _refused(url: str, answer: Answer) -> CouldNotTell | AskedWrongly:
    try:
        why = str(json.loads(answer.body)["error"])[:300]
    except (ValueError, KeyError, TypeError):
        why = f"it answered {answer.status}"
    if answer.status in {401, 403}:
        return AskedWrongly(f"{url} refused: {why}", hint="make a token on the portal's board, for this purpose")
    if answer.status in {400, 404, 413}:
        return AskedWrongly(f"{url} refused: {why}", hint="harness help portal")
    return CouldNotTell(f"{url} could not take it: {why}", hint="ask again later")
