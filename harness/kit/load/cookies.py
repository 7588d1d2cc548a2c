"""Cookies of one user: kept by the server that set them, sent back to it alone.

Enough of RFC 6265 for sessions: path, Max-Age, Secure, deletion. A cookie never goes to another host, so
`Domain` is not widened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import time

from harness.kit.load.origin import Origin

_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie and where it goes."""

    value: str
    host: str
    path: str
    secure: bool
    until_s: float | None


class Cookies(Mapping[str, str]):
    """What servers asked to have back; reads as a mapping of names to values."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], Cookie] = {}

    def __getitem__(self, name: str) -> str:
        for (_, _, known), cookie in self._kept.items():
            if known == name:
                return cookie.value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for _, _, name in self._kept})

    def __len__(self) -> int:
        return len(self._kept)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()

    def take(self, origin: Origin, line: str, target: str) -> None:
        """Keep what a Set-Cookie field says; what it can't say is left out."""
        pair, *attributes = line.split(";")
        name, equals, value = pair.strip().partition("=")
        if not equals or not name:
            return
        said = {key.strip().lower(): inner.strip() for key, _, inner in (part.partition("=") for part in attributes)}
        path = said.get("path", "") or target.partition("?")[0].rpartition("/")[0] or "/"
        until_s = _until(said)
        key = (origin.host, path, name)
        if until_s is not None and until_s <= time():
            self._kept.pop(key, None)
        elif key in self._kept or len(self._kept) < _MOST:
            self._kept[key] = Cookie(value=value, host=origin.host, path=path, secure="secure" in said, until_s=until_s)

    def line_for(self, origin: Origin, target: str) -> bytes:
        """The Cookie line of a request, empty where nothing goes along."""
        path = target.partition("?")[0]
        now = time()
        pairs = [
            f"{name}={cookie.value}"
            for (_, _, name), cookie in self._kept.items()
            if cookie.host == origin.host
            and (origin.scheme == "https" or not cookie.secure)
            and (cookie.until_s is None or cookie.until_s > now)
            and _covers(cookie.path, path)
        ]
        return f"Cookie: {'; '.join(pairs)}\r\n".encode("latin-1", "replace") if pairs else b""


def _until(said: Mapping[str, str]) -> float | None:
    if "max-age" in said:
        try:
            return time() + int(said["max-age"])
        except ValueError:
            return None
    return 0.0 if "1970" in said.get("expires", "") else None


def _covers(cookie_path: str, path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path if cookie_path.endswith("/") else cookie_path + "/")
