"""Keys that sign: by reference to the environment or to a file that only its owner reads, never by value."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.adapters.secrets import Secrets
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.model.tier import SecretRef

KEY, KEY_FILE = "HARNESS_RUNNER_KEY", "HARNESS_RUNNER_KEY_FILE"
_PREFIX = "ed25519-private:"


def runner_key(environ: Mapping[str, str], root: Path) -> Ed25519PrivateKey | None:
    """This machine's key, None where it has none; AskedWrongly where there is one that can't be used."""
    if environ.get(KEY):
        return read_key(f"env:{KEY}", environ, root)
    if environ.get(KEY_FILE):
        return read_key(f"file:{environ[KEY_FILE]}", environ, root)
    return None


def read_key(reference: str, environ: Mapping[str, str], root: Path) -> Ed25519PrivateKey:
    """The key that `env:NAME` or `file:PATH` stands for. Its value is in no message."""
    kind, _, at = reference.partition(":")
    if kind not in {"env", "file"} or not at:
        raise AskedWrongly(f"{kind!r} is no reference to a key", hint="--key env:NAME or --key file:PATH")
    value = Secrets(environ, root).value(SecretRef(kind=kind, at=at), where="the signing key").strip()
    try:
        raw = base64.b64decode(value.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not value.startswith(_PREFIX) or len(raw) != 32:
        raise AskedWrongly(f"what {reference} holds is no signing key", hint="harness attest --new-key FILE makes one")
    return Ed25519PrivateKey.from_private_bytes(raw)


def new_key(target: Path, raw: bytes) -> Ed25519PrivateKey:
    """Write a new key (`raw`: 32 random bytes) into a file of mode 0600 that must not be there yet."""
    text = _PREFIX + base64.b64encode(raw).decode() + "\n"
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise AskedWrongly(
            f"{target} is there already", place=Place(file=str(target)), hint="name a new file"
        ) from error
    except OSError as error:
        raise CouldNotTell(f"could not write {target}: {error.strerror}", place=Place(file=str(target))) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Ed25519PrivateKey.from_private_bytes(raw)
