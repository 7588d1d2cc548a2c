"""Just enough of AMQP 0-9-1 to sign in at a broker and open a virtual host: a wait by protocol needs no client library.

Source: the AMQP 0-9-1 specification, chapter 4 (framing) and class `connection`.
"""

import socket
import ssl
import struct

from harness.adapters.services.access import Access, NoEntryError

_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD, _END = 1, 0xCE
_CLASS = 10
_START, _START_OK, _TUNE, _TUNE_OK, _OPEN, _OPEN_OK, _CLOSE, _CLOSE_OK = 10, 11, 30, 31, 40, 41, 50, 51
_MOST_BYTES = 1024**2
_NOT_SPOKEN = "what answers there does not speak AMQP 0-9-1"


def broker_version(access: Access, deadline_s: float = 5.0) -> str:
    """Sign in and open the virtual host; gives what the broker says it is. NoEntryError says what was in the way."""
    try:
        with socket.create_connection((access.host, access.port), timeout=deadline_s) as plain:
            if access.tls:
                with ssl.create_default_context().wrap_socket(plain, server_hostname=access.host) as wrapped:
                    return _Conversation(wrapped).opened(access)
            return _Conversation(plain).opened(access)
    except OSError as error:
        raise NoEntryError(error.strerror or str(error)) from error
    except (IndexError, struct.error) as error:
        raise NoEntryError(_NOT_SPOKEN, refused=True) from error


class _Conversation:
    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def opened(self, access: Access) -> str:
        self._socket.sendall(_HEADER)
        properties = self._expect(_START, "the greeting")
        version = _text_after(properties, b"\x07version") or "unknown"
        response = b"\0" + access.user.encode() + b"\0" + access.password.encode()
        self._send(_START_OK, _table(b"") + _short(b"PLAIN") + _long(response) + _short(b"en_US"))
        tune = self._expect(_TUNE, f"the sign-in as `{access.user}`")
        self._send(_TUNE_OK, tune[:6] + b"\0\0")
        self._send(_OPEN, _short(access.space.encode()) + b"\0\0")
        self._expect(_OPEN_OK, f"the virtual host `{access.space}`")
        self._send(_CLOSE, struct.pack("!H", 200) + _short(b"done") + b"\0\0\0\0")
        self._expect(_CLOSE_OK, "the good-bye")
        return version

    def _send(self, method: int, arguments: bytes) -> None:
        payload = struct.pack("!HH", _CLASS, method) + arguments
        self._socket.sendall(struct.pack("!BHI", _METHOD, 0, len(payload)) + payload + bytes([_END]))

    def _expect(self, method: int, what: str) -> bytes:
        """The arguments of the method that must come next."""
        kind, _, size = struct.unpack("!BHI", self._exactly(7, what))
        if kind != _METHOD or size > _MOST_BYTES:
            raise NoEntryError(_NOT_SPOKEN, refused=True)
        payload = self._exactly(size + 1, what)[:-1]
        of_class, found = struct.unpack("!HH", payload[:4])
        if of_class == _CLASS and found == _CLOSE:
            length = payload[6]
            said = payload[7 : 7 + length].decode("utf-8", "replace")
            raise NoEntryError(f"it refused {what}: {said}", refused=True)
        if (of_class, found) != (_CLASS, method):
            raise NoEntryError(f"it said something else where {what} was due", refused=True)
        return payload[4:]

    def _exactly(self, size: int, what: str) -> bytes:
        got = b""
        while len(got) < size:
            piece = self._socket.recv(size - len(got))
            if not piece:  # a broker that refuses a password may just hang up
                raise NoEntryError(f"it closed the connection at {what}")
            got += piece
        return got


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _long(text: bytes) -> bytes:
    return struct.pack("!I", len(text)) + text


def _table(entries: bytes) -> bytes:
    return _long(entries)


def _text_after(body: bytes, key: bytes) -> str:
    """The long string of a field table that stands under a key, without reading the whole table."""
    at = body.find(key + b"S")
    if at < 0:
        return ""
    at += len(key) + 1
    size = struct.unpack("!I", body[at : at + 4])[0]
    return body[at + 4 : at + 4 + size].decode("utf-8", "replace")
