"""Just enough of PostgreSQL's protocol (version 3) to sign in and run a statement: a wait by protocol needs no driver.

Passwords in clear text, MD5 and SCRAM-SHA-256 (RFC 5802, RFC 7677; the server's proof is checked). TLS is asked for
where the access demands it, and verified. Source: the PostgreSQL documentation, chapter "Frontend/Backend Protocol".
"""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from types import TracebackType

from harness.adapters.services.access import Access, NoEntryError

_PROTOCOL = 196608
_SSL_REQUEST = 80877103
_MOST_BYTES = 16 * 1024**2
_NOT_SPOKEN = "what answers there does not speak PostgreSQL's protocol"


class Postgres:
    """One session, for a few statements. NoEntryError says what the server said."""

    def __init__(self, access: Access, deadline_s: float = 5.0) -> None:
        self._access = access
        self.version = ""
        try:
            self._socket = socket.create_connection((access.host, access.port), timeout=deadline_s)
        except OSError as error:
            raise NoEntryError(error.strerror or str(error)) from error
        try:
            if access.tls:
                self._encrypt()
            self._sign_in()
        except OSError as error:
            self._socket.close()
            raise NoEntryError(str(error) or "the connection broke") from error
        except (ValueError, KeyError, struct.error) as error:
            self._socket.close()
            raise NoEntryError(_NOT_SPOKEN, refused=True) from error
        except NoEntryError:
            self._socket.close()
            raise

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._send(b"X", b"")
        except OSError:
            pass  # it is gone already, which is what closing wants
        finally:
            self._socket.close()

    def run(self, sql: str) -> tuple[tuple[str | None, ...], ...]:
        """Run one or more statements; gives every row that came back, as text."""
        rows: list[tuple[str | None, ...]] = []
        try:
            self._send(b"Q", sql.encode() + b"\0")
            refusal = ""
            while True:
                kind, body = self._receive()
                if kind == b"D":
                    rows.append(_row(body))
                elif kind == b"E":
                    refusal = _said(body)
                elif kind == b"Z":
                    break
        except OSError as error:
            raise NoEntryError(str(error) or "the connection broke") from error
        if refusal:
            raise NoEntryError(refusal, refused=True)
        return tuple(rows)

    def _encrypt(self) -> None:
        self._socket.sendall(struct.pack("!ii", 8, _SSL_REQUEST))
        if self._socket.recv(1) != b"S":
            raise NoEntryError("it offers no encryption, and the URL demands it", refused=True)
        context = ssl.create_default_context()
        self._socket = context.wrap_socket(self._socket, server_hostname=self._access.host)

    def _sign_in(self) -> None:
        words = {"user": self._access.user, "database": self._access.space, "application_name": "harness"}
        body = b"".join(f"{key}\0{value}\0".encode() for key, value in words.items()) + b"\0"
        self._socket.sendall(struct.pack("!ii", len(body) + 8, _PROTOCOL) + body)
        while True:
            kind, body = self._receive()
            if kind == b"R":
                self._answer(body)
            elif kind == b"E":
                raise NoEntryError(_said(body), refused=True)
            elif kind == b"S" and body.startswith(b"server_version\0"):
                self.version = body.split(b"\0")[1].decode("utf-8", "replace")
            elif kind == b"Z":
                return

    def _answer(self, body: bytes) -> None:
        wanted = struct.unpack("!i", body[:4])[0]
        user, password = self._access.user.encode(), self._access.password.encode()
        if wanted == 3:
            self._send(b"p", password + b"\0")
        elif wanted == 5:
            inner = hashlib.md5(password + user).hexdigest().encode()  # noqa: S324 - the server's choice, not ours
            self._send(b"p", b"md5" + hashlib.md5(inner + body[4:8]).hexdigest().encode() + b"\0")  # noqa: S324
        elif wanted == 10:
            self._scram(body[4:])
        elif wanted != 0:
            raise NoEntryError(f"it asks for a way of signing in that is not known here ({wanted})", refused=True)

    def _scram(self, offered: bytes) -> None:
        if b"SCRAM-SHA-256" not in offered.split(b"\0"):
            raise NoEntryError("it offers no SCRAM-SHA-256", refused=True)
        nonce = base64.b64encode(secrets.token_bytes(18)).decode()
        first = f"n=,r={nonce}"
        greeting = f"n,,{first}".encode()
        self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(greeting)) + greeting)
        server_first = self._challenge(11).decode()
        said = dict(part.split("=", 1) for part in server_first.split(",") if "=" in part)
        if not said.get("r", "").startswith(nonce):
            raise NoEntryError("it answered somebody else's sign-in", refused=True)
        salted = hashlib.pbkdf2_hmac(
            "sha256", self._access.password.encode(), base64.b64decode(said["s"]), int(said["i"])
        )
        last = f"c=biws,r={said['r']}"
        whole = f"{first},{server_first},{last}".encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), whole, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        self._send(b"p", f"{last},p={base64.b64encode(proof).decode()}".encode())
        verified = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), whole, "sha256")
        if self._challenge(12) != b"v=" + base64.b64encode(verified):
            raise NoEntryError("it does not know the password either: this is not the server it seems", refused=True)

    def _challenge(self, wanted: int) -> bytes:
        kind, body = self._receive()
        if kind == b"E":
            raise NoEntryError(_said(body), refused=True)
        if kind != b"R" or struct.unpack("!i", body[:4])[0] != wanted:
            raise NoEntryError("it broke off the sign-in", refused=True)
        return body[4:]

    def _send(self, kind: bytes, body: bytes) -> None:
        self._socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self) -> tuple[bytes, bytes]:
        head = self._exactly(5)
        size = struct.unpack("!i", head[1:])[0] - 4
        if not 0 <= size <= _MOST_BYTES:
            raise NoEntryError(_NOT_SPOKEN, refused=True)
        return head[:1], self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            piece = self._socket.recv(size - len(got))
            if not piece:
                raise NoEntryError("it closed the connection")
            got += piece
        return got


def _row(body: bytes) -> tuple[str | None, ...]:
    count, at = struct.unpack("!h", body[:2])[0], 2
    values: list[str | None] = []
    for _ in range(count):
        size = struct.unpack("!i", body[at : at + 4])[0]
        at += 4
        values.append(None if size < 0 else body[at : at + size].decode("utf-8", "replace"))
        at += max(size, 0)
    return tuple(values)


def _said(body: bytes) -> str:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return fields.get(b"M", "it refused without a word")
