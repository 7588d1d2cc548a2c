"""The parts of a request that its author gives: body, headers, and what a redirect makes of them."""

import json as json_format
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def body_and_headers(
    data: Any, json: Any, headers: Mapping[str, str] | None, auth: tuple[str, str] | None
) -> tuple[bytes, Mapping[str, str] | None]:
    """The bytes to send and the headers that go with them."""
    if data is None and json is None and auth is None:
        return b"", headers
    extra = dict(headers or {})
    said = {name.lower() for name in extra}
    if auth is not None:
        extra["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode("ascii")
    if data is None and json is None:
        return b"", extra
    if data is None:
        kind, body = "application/json", json_format.dumps(json, separators=(",", ":")).encode()
    elif isinstance(data, bytes | bytearray | memoryview):
        kind, body = "", bytes(data)
    elif isinstance(data, str):
        kind, body = "", data.encode()
    else:
        kind, body = "application/x-www-form-urlencoded", urlencode(data, doseq=True).encode()
    if kind and "content-type" not in said:
        extra["Content-Type"] = kind
    return body, extra


def redirected(
    status: int, method: str, body: bytes, extra: Mapping[str, str] | None
) -> tuple[str, bytes, Mapping[str, str] | None]:
    """Method, body and headers of the request that follows a redirect (RFC 9110, 15.4), without credentials."""
    kept = {name: value for name, value in (extra or {}).items() if name.lower() not in {"authorization", "cookie"}}
    if status == 303 or (status in {301, 302} and method == "POST"):
        method = "HEAD" if method == "HEAD" else "GET"
        return method, b"", {name: value for name, value in kept.items() if name.lower() != "content-type"}
    return method, body, kept


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Header fields as they go over the wire; `ValueError` where one would break out of its line."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or "\0" in lines:
        raise ValueError("a header must be one line")
    return lines.encode("utf-8")
