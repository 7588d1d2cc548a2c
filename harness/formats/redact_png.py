"""A PNG without its texts: the picture stays, what was written beside it goes.

Text, EXIF and unknown ancillary chunks, and anything after the end, are left out; pixels can't be
redacted here: whoever takes the picture masks it.
"""

import zlib
from collections.abc import Iterator

MAGIC = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"sBIT",
        b"bKGD",
        b"pHYs",
        b"acTL",
        b"fcTL",
        b"fdAT",
    )
)


def without_texts(body: bytes) -> bytes | None:
    """The picture alone, unchanged where there was nothing else; None where this is no whole PNG."""
    if not body.startswith(MAGIC):
        return None
    kept = [MAGIC]
    last = b""
    for kind, chunk in _chunks(body):
        last = kind
        if kind in _KEPT:
            kept.append(chunk)
    return b"".join(kept) if last == b"IEND" else None


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(MAGIC)
    while at + 12 <= len(body):
        length = int.from_bytes(body[at : at + 4], "big")
        kind = body[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(body) or zlib.crc32(body[at + 4 : end - 4]).to_bytes(4, "big") != body[end - 4 : end]:
            return
        yield kind, body[at:end]
        if kind == b"IEND":
            return
        at = end
