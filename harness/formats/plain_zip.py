"""A zip archive that can be written in one way only, so that no byte of it can change unseen.

Members are stored, not packed; times, flags and attributes are fixed; names are plain. Reading walks the bytes and then
writes the archive again: what differs in a single byte is refused. Any unzip tool opens it.
"""

import re
import struct
import zlib
from collections.abc import Mapping

from harness.formats.dsse import NotTrusted

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
_DATE = 0x0021  # 1980-01-01
_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_MOST_MEMBERS, _MOST_BYTES = 60_000, 2**32 - 2**20


def write_zip(members: Mapping[str, bytes]) -> bytes:
    """The archive, members in the order given; ValueError for a name or size that it can't have."""
    parts: list[bytes] = []
    central: list[bytes] = []
    at = 0
    for name, body in members.items():
        if not _NAME.fullmatch(name) or len(name) > 200:
            raise ValueError(f"{name!r} can't be a name in an archive")
        head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, _DATE, zlib.crc32(body), len(body), len(body), len(name), 0)
        parts += [_LOCAL, head, name.encode(), body]
        central.append(_CENTRAL + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode())
        at += 30 + len(name) + len(body)
    listing = b"".join(central)
    if len(members) > _MOST_MEMBERS or at + len(listing) > _MOST_BYTES:
        raise ValueError("there is more than an archive can hold")
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(listing), at, 0)
    return b"".join((*parts, listing, _END, end))


def read_zip(body: bytes) -> dict[str, bytes]:
    """Every member by name; NotTrusted where a byte is not as `write_zip` would have written it."""
    members: dict[str, bytes] = {}
    at = 0
    while body[at : at + 4] == _LOCAL:
        head = body[at + 4 : at + 30]
        if len(head) < 26:
            raise NotTrusted("the archive breaks off")
        size, width = struct.unpack_from("<I", head, 14)[0], struct.unpack_from("<H", head, 22)[0]
        name = body[at + 30 : at + 30 + width].decode("ascii", "replace")
        if name in members:
            raise NotTrusted(f"{name!r} is in the archive twice")
        start = at + 30 + width
        members[name] = body[start : start + size]
        at = start + size
    try:
        same = write_zip(members) == body
    except ValueError as error:
        raise NotTrusted(str(error)) from error
    if not members or not same:
        raise NotTrusted("the archive itself was changed, or cut, or is of another kind")
    return members
