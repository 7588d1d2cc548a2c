"""An archive without secrets: each member redacted as what it is, the archive written anew.

For Playwright's trace.zip first of all: its members keep their names, so the trace viewer still opens it.
What could not be rewritten inside is left out and named. A hostile archive (a bomb, encrypted, names that
climb out, the same name twice) is not rewritten at all.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from harness.rules.redacting import Redacted

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
MOST_MEMBERS = 20_000
MOST_BYTES = 512 * 1024 * 1024

RedactMember = Callable[[bytes, str], Redacted]


class CannotRewrite(ValueError):
    """The archive can't be taken apart safely; the message is a whole sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The new archive, and the members that are no longer in it."""

    body: bytes
    left_out: tuple[str, ...]


def rewritten(body: bytes, redact_member: RedactMember) -> Rewritten:
    """The archive with each member's body replaced by its redacted form."""
    left_out = []
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            members = source.infolist()
            _refuse_hostile(members)
            for member in members:
                after = redact_member(_content(source, member), member.filename)
                if after.body is None:
                    left_out.append(member.filename)
                    continue
                info = zipfile.ZipInfo(member.filename, member.date_time)
                info.external_attr = 0o644 << 16
                info.compress_type = (
                    zipfile.ZIP_STORED if member.filename.endswith((".png", ".jpeg", ".jpg")) else zipfile.ZIP_DEFLATED
                )
                new.writestr(info, after.body)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise CannotRewrite(f"the archive can't be read ({type(error).__name__})") from error
    return Rewritten(body=target.getvalue(), left_out=tuple(left_out))


def contents(body: bytes) -> tuple[tuple[str, bytes], ...]:
    """Every member by name, under the same limits."""
    with zipfile.ZipFile(io.BytesIO(body)) as source:
        members = source.infolist()
        _refuse_hostile(members)
        return tuple((member.filename, _content(source, member)) for member in members)


def _content(source: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """At most what the member promises: one that says less than it holds is a bomb."""
    with source.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) > member.file_size:
        raise CannotRewrite("a member of the archive is larger than it says")
    return content


def _refuse_hostile(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise CannotRewrite("the archive is too large to look through")
    if len(set(names)) < len(names):
        raise CannotRewrite("the archive holds the same name twice")
    if any(member.flag_bits & 1 for member in members):
        raise CannotRewrite("the archive is encrypted")
    if any(name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/") for name in names):
        raise CannotRewrite("the archive holds names that lead out of it")
