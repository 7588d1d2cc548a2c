"""Base64 (RFC 4648, both alphabets) in running text: found, read, and written back the same way.

A secret inside it shows only as a middle part that depends on where it stands, one of three; those are its cores.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator

_SEPARATOR = re.compile(r"[/_+-]")
_PREFIX = 24
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

Clean = Callable[[str], str]


def base64_cores(value: str) -> Iterator[str]:
    """What is left of Base64(prefix + value + suffix) whatever prefix and suffix are; RFC 4648 both alphabets."""
    raw = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode("ascii")
        end = (shift + len(raw)) * 8 // 6
        core = encoded[-(-shift * 8 // 6) : end]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def decoded_base64(run: str) -> tuple[str, Callable[[str], str]] | None:
    """The UTF-8 text that a Base64 run holds, and how to write another text the same way; None if it holds none.

    What stands before the first separator may be no Base64: `path/eyJ…`.
    """
    starts = (0, *(match.end() for match in _SEPARATOR.finditer(run, 0, _PREFIX)))
    for start in starts:
        text = _text_in(run[start:])
        if text is not None:
            return text, lambda inner, start=start: run[:start] + _base64_like(run[start:], inner)
    return None


def _text_in(run: str) -> str | None:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return None if not text or _CONTROL.search(text, 0, 200) else text


def _base64_like(run: str, inner: str) -> str:
    raw = inner.encode("utf-8", "surrogatepass")
    url_safe = "-" in run or "_" in run
    encoded = (base64.urlsafe_b64encode(raw) if url_safe else base64.b64encode(raw)).decode("ascii")
    return encoded if run.endswith("=") or len(run) % 4 == 0 else encoded.rstrip("=")


def replace_runs(text: str, core: str, clean: Clean, mask: str) -> tuple[str, int]:
    """Each Base64 run that holds `core`: decoded, cleaned and encoded again, or replaced as a whole."""
    pieces: list[str] = []
    done = count = 0
    while (found := text.find(core, done)) >= 0:
        start, end = found, found + len(core)
        while start > done and text[start - 1] in _ALPHABET:
            start -= 1
        while end < len(text) and text[end] in _ALPHABET:
            end += 1
        while end < len(text) and text[end] == "=":
            end += 1
        pieces += (text[done:start], _cleaned_run(text[start:end], core, clean, mask))
        done = end
        count += 1
    return "".join((*pieces, text[done:])), count


def _cleaned_run(run: str, core: str, clean: Clean, mask: str) -> str:
    if decoded := decoded_base64(run):
        inner, write = decoded
        again = write(clean(inner))
        if core not in again and clean(again) == again:
            return again
    return mask
