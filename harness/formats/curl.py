"""A request as a `curl` line that sends exactly it, in any POSIX shell.

Credentials are never in it: the line names the variable that the workspace names, else `$HARNESS_TOKEN`.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

_SCHEMES = ("Bearer", "Basic", "Token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    `credentials` pairs a header's name with how its value begins ("Bearer ", or nothing), or with the whole
    arguments that sign in (`-u "admin:$PASSWORD"`).
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    is_cut: bool = False


def scheme_of(value: str) -> str:
    """How a credential begins, if that part is no secret: `Bearer `, `Basic `, or nothing."""
    first = value.partition(" ")[0]
    return f"{first} " if first.capitalize() in _SCHEMES and " " in value else ""


def curl_line(request: Request) -> str:
    """The line. Globbing and path clean-up are off, so that odd addresses arrive as they are."""
    parts = ["curl", "-gsi", "--path-as-is", "-X", request.method, shlex.quote(request.url)]
    if request.method == "HEAD":
        parts[3:5] = ["-I"]
    for name, value in request.headers.items():
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    for name, scheme in request.credentials:
        parts += [scheme] if scheme.startswith("-") else ["-H", f'"{name}: {scheme}$HARNESS_TOKEN"']
    if request.body is None:
        return " ".join(parts)
    if not any(name.lower() == "content-type" for name in request.headers):
        parts += ["-H", "'Content-Type:'"]
    text = _plain(request.body)
    if text is not None:
        return " ".join([*parts, "--data-raw", shlex.quote(text)])
    escaped = "".join(f"\\{byte:03o}" for byte in request.body)
    return f"printf '{escaped}' | " + " ".join([*parts, "--data-binary", "@-"])


def _plain(body: bytes) -> str | None:
    """The body as text that a terminal shows and a shell takes unchanged; None where it is not."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\n\t" for character in text) else None
