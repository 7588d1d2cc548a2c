"""The portal's own key: Ed25519, in a 0600 file that is made at the first start and never leaves the machine.

It countersigns entries, signs checkpoints and the bundles that the gate reads. It can't sign for a person.
"""

import os
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.dsse import public_text
from harness.portal.first_start import KEY
from harness.portal.settings import PORTAL

ORIGIN = f"{PORTAL.origin.netloc}/harness"


class NoKey(RuntimeError):
    """There is no usable key: nothing can be countersigned."""


def portal_key() -> Ed25519PrivateKey:
    """The key; NoKey where the file is missing or others may read it."""
    return _read(PORTAL.data / KEY)


def public_key() -> str:
    """The public half as gate.toml pins it."""
    return public_text(portal_key())


@lru_cache(maxsize=4)
def _read(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise NoKey(f"{path} can be read by others: chmod 600 {path}")
            raw = bytes.fromhex(file.read().decode().strip())
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, ValueError) as error:
        raise NoKey(f"{path} can't be read: {error}") from error
