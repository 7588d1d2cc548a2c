"""gzip and zlib bodies opened and closed again, within a bound: a bomb is refused, not swallowed."""

import zlib

GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 256 * 1024 * 1024


class TooLarge(ValueError):
    """It grew beyond the bound while it was opened; the message is a whole sentence."""


def is_zlib(body: bytes) -> bool:
    """Whether a body begins as RFC 1950 has it: method 8, a header divisible by 31."""
    return len(body) > 8 and body[0] & 0x0F == 8 and body[0] >> 4 <= 7 and int.from_bytes(body[:2], "big") % 31 == 0


def opened(body: bytes, *, most_bytes: int = MOST_BYTES) -> bytes:
    """What a gzip (of one or more members) or zlib body holds. `zlib.error` where it is neither or cut off."""
    pieces: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        piece = stream.decompress(body, most_bytes - size + 1)
        size += len(piece)
        if size > most_bytes:
            raise TooLarge("what is compressed in it is too large to look through")
        if not stream.eof:
            raise zlib.error("the compressed body is cut off")
        pieces.append(piece)
        body = stream.unused_data.lstrip(b"\0")
        if body and not body.startswith(GZIP_MAGIC):
            raise zlib.error("something follows the compressed body")
    return b"".join(pieces)


def closed_like(original: bytes, inner: bytes) -> bytes:
    """`inner` compressed as `original` was; no time of day in the header."""
    wbits = zlib.MAX_WBITS | 16 if original.startswith(GZIP_MAGIC) else zlib.MAX_WBITS
    stream = zlib.compressobj(wbits=wbits)
    return stream.compress(inner) + stream.flush()
