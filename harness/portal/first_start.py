"""What the first start makes: the data directory, the portal's key and Django's secret, each in a 0600 file."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY, SECRET = "portal.key", "secret.key"


def make_keys(data: Path) -> None:
    """Make what is not there yet; what is there stays."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(data / KEY, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    _keep(data / SECRET, os.urandom(48).hex())


def _keep(path: Path, text: str) -> None:
    """Write a file that is not there yet; of two that start at once one wins whole."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
