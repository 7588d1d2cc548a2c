"""DSSE envelopes with Ed25519: bytes, their type, and signatures over both.

What is opened was signed by a key that the opener named; everything else is refused, with the sentence why.
Follows the DSSE protocol 1.0 (pre-authentication encoding `DSSEv1`).
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness.formats.documents import canonical

_PREFIX = "ed25519:"
_MOST_BYTES = 64 * 1024**2


class NotTrusted(ValueError):
    """An envelope that can't be believed."""


def seal(payload: bytes, payload_type: str, key: Ed25519PrivateKey) -> bytes:
    """An envelope around `payload`, signed."""
    public = key.public_key().public_bytes_raw()
    signature = key.sign(_encoded(payload_type, payload))
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": _key_id(public), "sig": base64.b64encode(signature).decode()}],
        }
    )


def unseal(body: bytes, payload_type: str, keys: tuple[str, ...]) -> bytes:
    """The payload of an envelope that one of `keys` signed as `payload_type`; NotTrusted where none did."""
    if len(body) > _MOST_BYTES:
        raise NotTrusted(f"it is larger than {_MOST_BYTES // 2**20} MiB")
    data = _read(body)
    if data["payloadType"] != payload_type:
        raise NotTrusted(f"it holds {str(data['payloadType'])[:80]!r}, not {payload_type!r}")
    payload = _bytes(data["payload"], "payload")
    said = _encoded(payload_type, payload)
    signatures = [_bytes(one.get("sig") if isinstance(one, dict) else None, "sig") for one in data["signatures"]]
    publics = [Ed25519PublicKey.from_public_bytes(public_bytes(key)) for key in keys]
    if not any(_signed(public, signature, said) for public in publics for signature in signatures):
        raise NotTrusted("no signature on it is by a key that the policy names")
    return payload


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half as it is pinned in a policy."""
    return _PREFIX + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def public_bytes(text: str) -> bytes:
    """The 32 bytes of a pinned key; ValueError with a sentence where it is none."""
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not text.startswith(_PREFIX) or len(raw) != 32:
        raise ValueError(f"{text[:60]!r} is not a public key; write it like `{_PREFIX}<base64 of 32 bytes>`")
    return raw


def _read(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotTrusted("it is not JSON") from error
    if not isinstance(data, dict) or set(data) != {"payload", "payloadType", "signatures"}:
        raise NotTrusted("it is not a DSSE envelope")
    if not isinstance(data["signatures"], list) or not 0 < len(data["signatures"]) <= 16:
        raise NotTrusted("it is not signed")
    return data


def _bytes(text: object, name: str) -> bytes:
    try:
        return base64.b64decode(str(text) if isinstance(text, str) else "!", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotTrusted(f"`{name}` is not base64") from error


def _signed(public: Ed25519PublicKey, signature: bytes, said: bytes) -> bool:
    try:
        public.verify(signature, said)
    except InvalidSignature:
        return False
    return True


def _encoded(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()
