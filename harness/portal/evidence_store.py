"""Evidence files by their content: `evidence/<first two>/<sha256>` in the data directory, written once.

A file counts when its bytes hash to its name; it is on the disk before anybody is told that it is kept.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

from harness.model.evidence import Attachment, Record
from harness.portal.settings import PORTAL

_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK = 256 * 1024
_IN_MEMORY = 8 * 1024**2


class OtherContent(ValueError):
    """The bytes are not what the name says."""


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        ...


def wanted_of(record: Record) -> dict[str, int]:
    """The files that a signer may want to see: those of criteria, with their size."""
    return {one.sha256: one.size for one in shown_of(record) if one.size <= PORTAL.most_upload_bytes}


def shown_of(record: Record) -> tuple[Attachment, ...]:
    """The attachments of what was demonstrated."""
    return tuple(
        one
        for seen in record.seen
        if seen.check.startswith("uat:")
        for one in seen.attachments
        if one.withheld is None and _NAME.fullmatch(one.sha256)
    )


def path_of(sha256: str) -> Path:
    """Where a file is; only for what is a digest."""
    if not _NAME.fullmatch(sha256):
        raise OtherContent("that is no digest")
    return PORTAL.data / "evidence" / sha256[:2] / sha256


def opened(sha256: str) -> IO[bytes]:
    """A copy of a kept file whose bytes were looked at: OtherContent where they are not what the name says."""
    copy, hashed = SpooledTemporaryFile(max_size=_IN_MEMORY), hashlib.sha256()  # noqa: SIM115 - the reader closes it
    try:
        with path_of(sha256).open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
                copy.write(chunk)
    except OSError as error:
        copy.close()
        raise OtherContent("the file can't be read") from error
    if hashed.hexdigest() != sha256:
        copy.close()
        raise OtherContent("the bytes are not those that the name says")
    copy.seek(0)
    return copy


def keep(source: Readable, sha256: str, size: int) -> None:
    """Write a file as it comes; OtherContent, and nothing kept, where it is longer, shorter or another."""
    path = path_of(sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{sha256}.{secrets.token_hex(6)}")
    seen, hashed = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while seen <= size and (chunk := source.read(min(_CHUNK, size + 1 - seen))):
                seen += len(chunk)
                hashed.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if seen != size or hashed.hexdigest() != sha256:
            raise OtherContent("the bytes are not those that the name says")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
