"""Whether a line of a file that people write may hold a secret, misspelt or not: such a line is named, never shown.

Errors end up in logs. A key that was misspelt is unknown, and still stands before what was meant to be hidden.
"""

import difflib
import re
from collections.abc import Iterable

_MEANT = ("auth", "token", "password", "passphrase", "secret", "client-secret", "credentials", "api-key", "bearer")
_SIGNS = re.compile(r"://[^/\s\"']*@|auth|token|secret|passw|passphr|pwd|credential|bearer|api.?key", re.IGNORECASE)
_KEY = re.compile(r"[\"']?([A-Za-z0-9_-]+)[\"']?(?=\s*[=.\]])")
_NEAR = 0.74


def may_hold_a_secret(line: str, path: Iterable[str] = ()) -> bool:
    """Whether a line, or the path of the key that stands on it, speaks of something secret or nearly does."""
    if _SIGNS.search(line):
        return True
    keys = {key.lower().replace("_", "-") for key in (*path, *_KEY.findall(line))}
    return any(difflib.get_close_matches(key, _MEANT, n=1, cutoff=_NEAR) for key in keys)
