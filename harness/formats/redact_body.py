"""Any body without secrets, or withheld: the one door through which bytes come into a run directory.

Text, JSON and NDJSON are rewritten; gzip, zlib and zip are opened, rewritten inside and closed again; a PNG
loses its texts. What can't be rewritten is looked through, and kept only if no known secret is in it and it
is no container that could hide one. Afterwards the result is searched by other means than it was redacted
by (`redact_scan`); what still holds a secret is withheld. So is anything on which this fails.
"""

import base64
import binascii
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field

from harness.formats import redact_png, redact_zip, redact_zlib
from harness.formats.redact_json import redact_json
from harness.formats.redact_scan import COMPRESSED_IN_TEXT, survivors
from harness.formats.redact_text import Decoded, decoded
from harness.rules.redacting import Redacted, Redactor, with_secrets

_OPAQUE = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7-zip",
    b"Rar!\x1a\x07": "rar",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x1f\x9d": "compress",
}
_OPAQUE_ENDINGS = (".br", ".zst", ".xz", ".bz2", ".7z", ".rar", ".tar", ".lz4", ".age", ".gpg", ".p12", ".pfx", ".jks")
_JSON_ENDINGS = (".json", ".ndjson", ".jsonl", ".har", ".trace", ".network", ".stacks", ".map")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class _State:
    """What one body came to: how often what was hidden, and what was seen to be typed as a password."""

    counts: Counter[str] = field(default_factory=Counter)
    typed: set[str] = field(default_factory=set)


class _CannotRewrite(ValueError):
    """A sentence why this body is withheld."""


def redact_body(redactor: Redactor, body: bytes, media_type: str, name: str) -> Redacted:
    """The body as it may be kept. `media_type` and `name` are hints; what the bytes are decides.

    What was typed into a password field (a browser's trace shows it) counts as secret all through the body.
    """
    state = _State()
    try:
        after = _redacted(redactor, body, media_type, name, state, 0)
        if state.typed:
            redactor = with_secrets(redactor, {"typed-password": tuple(sorted(state.typed))})
            state = _State()
            after = _redacted(redactor, body, media_type, name, state, 0)
        left = next(survivors(redactor, after, name), None)
        if left is not None:
            return _withheld(f"a secret was found in it ({left.name}, as {left.encoding}) and can't be taken out")
    except (_CannotRewrite, redact_zip.CannotRewrite, redact_zlib.TooLarge) as error:
        return _withheld(str(error))
    except Exception as error:  # noqa: BLE001 - fails closed: whatever went wrong, nothing unredacted gets through
        return _withheld(f"it could not be redacted ({type(error).__name__})")
    return Redacted(body=after, counts=tuple(sorted(state.counts.items())))


def _withheld(sentence: str) -> Redacted:
    return Redacted(body=None, counts=(("withheld", 1),), withheld=sentence)


def _redacted(redactor: Redactor, body: bytes, media_type: str, name: str, state: _State, depth: int) -> bytes:
    if depth > _DEEPEST:
        raise _CannotRewrite("it is packed into itself too many times")
    if body.startswith(redact_zip.MAGIC):
        return _archive(redactor, body, state, depth)
    if body.startswith(redact_zlib.GZIP_MAGIC) or (redact_zlib.is_zlib(body) and _opens(body)):
        inner = redact_zlib.opened(body)
        after = _redacted(redactor, inner, media_type, name.removesuffix(".gz"), state, depth + 1)
        return body if after == inner else redact_zlib.closed_like(body, after)
    if body.startswith(redact_png.MAGIC):
        picture = redact_png.without_texts(body)
        if picture is None:
            raise _CannotRewrite("the picture is damaged")
        return picture
    _refuse_opaque(body, name)
    text = decoded(body, media_type, name)
    return body if text is None else _text(redactor, text, body, media_type, name, state, depth)


def _refuse_opaque(body: bytes, name: str) -> None:
    kind = next((kind for magic, kind in _OPAQUE.items() if body.startswith(magic)), None)
    if kind or body[257:262] == b"ustar" or name.lower().endswith(_OPAQUE_ENDINGS):
        raise _CannotRewrite(f"it is an archive that can't be opened here ({kind or name.rsplit('.', 1)[-1]})")


def _archive(redactor: Redactor, body: bytes, state: _State, depth: int) -> bytes:
    def member(content: bytes, name: str) -> Redacted:
        if redactor.redact_text(name) != name and any(value.occurs_in((name,)) for value in redactor.values):
            raise _CannotRewrite("the name of a file in it holds a secret")
        try:
            after = _redacted(redactor, content, "", name, state, depth + 1)
        except (ValueError, zlib.error) as error:
            return Redacted(body=None, withheld=str(error))
        return Redacted(body=None if any(survivors(redactor, after, name)) else after)

    result = redact_zip.rewritten(body, member)
    if result.left_out:
        state.counts["withheld-member"] += len(result.left_out)
    return result.body


def _text(
    redactor: Redactor, text: Decoded, body: bytes, media_type: str, name: str, state: _State, depth: int
) -> bytes:
    narrow = redactor.narrowed(text.text)

    def nested(run: str) -> str | None:
        return _inside_base64(redactor, narrow, run, state, depth)

    before = text.text
    if _is_json(before, media_type, name):
        after = redact_json(before, narrow, state.counts, nested=nested, typed=state.typed)
        if any(value.occurs_in((after,)) for value in narrow.values):
            after = narrow.redact_piece(after, state.counts)
    else:
        packed = COMPRESSED_IN_TEXT.sub(lambda run: nested(run[0]) or run[0], before)
        after = narrow.redact_piece(packed, state.counts)
    return body if after == before else text.encode(after)


def _is_json(text: str, media_type: str, name: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if "json" in media_type or name.lower().endswith(_JSON_ENDINGS):
        return start in {"{", "[", '"'}
    if start not in {"{", "["}:
        return False
    for part in (text, text.lstrip().partition("\n")[0]):
        try:
            json.loads(part)
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _inside_base64(redactor: Redactor, narrow: Redactor, run: str, state: _State, depth: int) -> str | None:
    """A Base64 run that holds text or something packed, redacted inside; None where it holds neither."""
    url_safe = b"-_" if "-" in run or "_" in run else None
    try:
        inner = base64.b64decode(run + "=" * (-len(run) % 4), altchars=url_safe, validate=True)
    except (binascii.Error, ValueError):
        return None
    packed = inner.startswith((*redact_zip.MAGIC, redact_zlib.GZIP_MAGIC)) or redact_zlib.is_zlib(inner)
    if not packed and decoded(inner, "", "") is None:
        return None
    try:
        after = _redacted(redactor if packed else narrow, inner, "", "", state, depth + 1)
    except (_CannotRewrite, redact_zip.CannotRewrite, redact_zlib.TooLarge) as error:
        return f"[withheld: {error}]"
    except zlib.error:
        return None
    return run if after == inner else base64.b64encode(after).decode("ascii")


def _opens(body: bytes) -> bool:
    try:
        redact_zlib.opened(body)
    except zlib.error:
        return False
    return True
