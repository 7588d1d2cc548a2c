"""A checkpoint of the log as text (C2SP tlog-checkpoint in a signed note): origin, size, root, and who says so.

    orders.example/harness
    42
    3vVb5Q7…=

    — orders.example/harness hK2…=

Whoever keeps one can later show that the log was rewritten. Signatures are Ed25519; others may stand beside ours.
"""

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness.formats.dsse import NotTrusted, public_bytes
from harness.model.ledger import Checkpoint

_ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_MOST_BYTES, _MOST_SIGNATURES = 16_384, 16


def write_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The checkpoint, signed in the log's own name."""
    if not _NAME.fullmatch(checkpoint.origin):
        raise ValueError(f"{checkpoint.origin!r} can't be the name of a log")
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"
    public = key.public_key().public_bytes_raw()
    blob = key_hash(checkpoint.origin, public) + key.sign(text.encode())
    return f"{text}\n— {checkpoint.origin} {base64.b64encode(blob).decode()}\n".encode()


def read_checkpoint(body: bytes, keys: tuple[str, ...], origin: str = "") -> Checkpoint:
    """A checkpoint that one of `keys` (as pinned: `ed25519:…`) signed; NotTrusted otherwise, or of another log."""
    text, signatures = _split(body)
    checkpoint = _parsed(text)
    if origin and checkpoint.origin != origin:
        raise NotTrusted(f"it is of the log {checkpoint.origin!r}, not {origin!r}")
    publics = [public_bytes(key) for key in keys]
    if not any(_signed(checkpoint.origin, public, text, signatures) for public in publics):
        raise NotTrusted("no signature on it is by a key that is trusted")
    return checkpoint


def key_hash(name: str, public: bytes) -> bytes:
    """The four bytes by which a note names a key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """A public key as other tools of that ecosystem take it: `name+hash+key`."""
    return f"{name}+{key_hash(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def _split(body: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    head, gap, tail = body.rpartition(b"\n\n")
    if len(body) > _MOST_BYTES or not gap or not tail.endswith(b"\n"):
        raise NotTrusted("it is not a signed note")
    signatures = []
    for line in tail[:-1].split(b"\n"):
        try:
            mark, name, blob = line.decode().split(" ")
            raw = base64.b64decode(blob, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NotTrusted("it is not a signed note") from error
        if mark != "—" or len(raw) < 5 or base64.b64encode(raw).decode() != blob:
            raise NotTrusted("it is not a signed note")
        signatures.append((name, raw))
    if len(signatures) > _MOST_SIGNATURES:
        raise NotTrusted("it has too many signatures")
    return head + b"\n", signatures


def _parsed(text: bytes) -> Checkpoint:
    try:
        origin, size, root, *rest = text.decode().split("\n")
        raw = base64.b64decode(root, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotTrusted("it is not a checkpoint") from error
    if rest[-1:] != [""] or not _NAME.fullmatch(origin) or not _SIZE.fullmatch(size) or len(raw) != 32:
        raise NotTrusted("it is not a checkpoint")
    return Checkpoint(origin=origin, size=int(size), root=raw)


def _signed(name: str, public: bytes, text: bytes, signatures: list[tuple[str, bytes]]) -> bool:
    wanted = key_hash(name, public)
    for said, blob in signatures:
        if said == name and blob[:4] == wanted:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], text)
            except InvalidSignature:
                continue
            return True
    return False
