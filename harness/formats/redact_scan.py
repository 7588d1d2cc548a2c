"""What is still there: a search for secrets in finished bodies, apart from what redacts them.

It opens what can be opened (zip, gzip, zlib, Base64 of these, streams in PDF) and names each hit by the
secret's name, how it is written and where. `survivors` looks for the values a run knows; `scan` for what
looks like a credential as well. A container that can't be opened raises: the caller fails closed.
"""

import base64
import binascii
import re
import zlib
from collections import Counter
from collections.abc import Iterator

from harness.formats import redact_png, redact_zip, redact_zlib
from harness.formats.redact_text import decoded
from harness.rules.redacting import Hit, Redactor
from harness.rules.redacting_shapes import hide_secret_shapes
from harness.rules.redacting_values import TINY_BELOW

# gzip, zip and zlib (levels 1, 6, 9) as their Base64 begins
COMPRESSED_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:H4sI|UEsD|UEsF|eAE|eJy|eJw|eJz|eNp|eNo|eNq)[A-Za-z0-9+/_-]{12,}={0,2}"
)
_STREAM = re.compile(rb"stream\r?\n")
_DEEPEST = 5
_MOST_STREAMS = 2_000
_STREAM_BYTES = 64 * 1024 * 1024


def survivors(redactor: Redactor, body: bytes, name: str) -> Iterator[Hit]:
    """Known secrets in a body, in any encoding, at any depth."""
    for part, where in _parts(body, name, 0):
        text = decoded(part, "", where)
        if text is not None:
            yield from redactor.survivors(text.text, where)
        else:
            yield from _in_binary(redactor, part, where)


def scan(redactor: Redactor, body: bytes, name: str) -> tuple[Hit, ...]:
    """Known secrets and whatever looks like a credential."""
    hits = list(survivors(redactor, body, name))
    for part, where in _parts(body, name, 0):
        text = decoded(part, "", where)
        if text is not None:
            found: Counter[str] = Counter()
            hide_secret_shapes(text.text, lambda kind, found=found: found.update((kind,)))  # type: ignore[misc]
            hits += (Hit(name=kind, encoding="shape", where=where, offset=0) for kind in found)
    return tuple(hits)


def _parts(body: bytes, where: str, depth: int) -> Iterator[tuple[bytes, str]]:
    """The body, and every body inside it."""
    yield body, where
    if depth > _DEEPEST:
        raise ValueError("packed into itself too many times")
    if body.startswith(redact_zip.MAGIC):
        for name, content in redact_zip.contents(body):
            yield name.encode("utf-8", "surrogateescape"), f"{where}!names"
            yield from _parts(content, f"{where}!{name}", depth + 1)
        return
    for inner in _inner(body):
        yield from _parts(inner, where, depth + 1)


def _inner(body: bytes) -> Iterator[bytes]:
    if body.startswith(redact_png.MAGIC):
        return
    if body.startswith(redact_zlib.GZIP_MAGIC) or redact_zlib.is_zlib(body):
        yield from _tried(body)
    text = decoded(body, "", "")
    if text is not None:
        for run in COMPRESSED_IN_TEXT.finditer(text.text):
            plain = run[0].rstrip("=").replace("-", "+").replace("_", "/")
            try:
                yield base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            except (binascii.Error, ValueError):
                continue
    elif body.startswith(b"%PDF"):
        for at, match in enumerate(_STREAM.finditer(body)):
            if at >= _MOST_STREAMS:
                raise ValueError("too many streams to look through")
            yield from _tried(body[match.end() :])


def _tried(body: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        inner = stream.decompress(body, _STREAM_BYTES)
    except zlib.error:
        return
    if stream.unconsumed_tail:
        raise redact_zlib.TooLarge("what is compressed in it is too large to look through")
    yield inner


def _in_binary(redactor: Redactor, body: bytes, where: str) -> Iterator[Hit]:
    """Bytes that are no text: as one-byte text, with the zeros of UTF-16 taken out, and in other encodings."""
    texts = (body.decode("latin-1"), body.replace(b"\0", b"").decode("latin-1"))
    for value in redactor.values:
        if len(value.value) < TINY_BELOW:
            continue
        if found := value.written_in(texts[0]) or value.written_in(texts[1]):
            yield Hit(name=value.name, encoding=found[0], where=where, offset=found[1])
    for value in redactor.values:
        if value.value.isascii() or len(value.value) < TINY_BELOW:
            continue
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            if (offset := body.find(value.value.encode(encoding))) >= 0:
                yield Hit(name=value.name, encoding=encoding, where=where, offset=offset)
