"""A passkey's signature, checked years later without the site, the browser or a library of theirs.

Web Authentication level 3, section 7.2, without what only a session knows: type, challenge, origin, site, that the
person was there and proved it (UP and UV), and the signature by the enrolled key. COSE keys: ES256, EdDSA, RS256.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from harness.formats.cbor import read_cbor
from harness.formats.dsse import NotTrusted
from harness.model.ledger import Assertion

_UP, _UV = 0x01, 0x04
_MOST_BYTES = 16_384
_MARK = "passkey:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What the authenticator said. `count` 0 = it counts nothing, as most passkeys."""

    count: int
    backed_up: bool


def fingerprint(public_key: str) -> str:
    """What a policy names a passkey by: `passkey:` and the SHA-256 of its COSE key; NotTrusted where it is none."""
    return f"{_MARK}{hashlib.sha256(decoded(public_key, 'publicKey')).hexdigest()}"


def is_fingerprint(text: str) -> bool:
    """Whether this reads as one."""
    digits = text.removeprefix(_MARK)
    return text.startswith(_MARK) and len(digits) == 64 and set(digits) <= set("0123456789abcdef")


def verify_assertion(assertion: Assertion, challenge: bytes) -> Verified:
    """That the assertion's key signed `challenge` for its site, the person verified; NotTrusted with the reason."""
    client = _client(assertion, challenge)
    said = decoded(assertion.authenticator_data, "authenticatorData")
    if len(said) < 37 or said[:32] != hashlib.sha256(assertion.rp_id.encode()).digest():
        raise NotTrusted("the passkey signed for another site")
    if not said[32] & _UP:
        raise NotTrusted("the passkey did not notice anybody there")
    if not said[32] & _UV:
        raise NotTrusted("the passkey did not check who it was")
    _check_signature(assertion, said + hashlib.sha256(client).digest())
    return Verified(count=int.from_bytes(said[33:37]), backed_up=bool(said[32] & 0x10))


def decoded(text: str, name: str) -> bytes:
    """Unpadded base64url, written in the one way there is."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotTrusted(f"`{name}` is not base64url") from error
    if encoded(raw) != text or len(raw) > _MOST_BYTES:
        raise NotTrusted(f"`{name}` is not base64url")
    return raw


def encoded(raw: bytes) -> str:
    """As browsers write bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _client(assertion: Assertion, challenge: bytes) -> bytes:
    raw = decoded(assertion.client_data, "clientDataJSON")
    try:
        data: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotTrusted("clientDataJSON is not JSON") from error
    if not isinstance(data, dict) or data.get("type") != "webauthn.get":
        raise NotTrusted("the passkey was asked for something else than a signature")
    if data.get("challenge") != encoded(challenge):
        raise NotTrusted("the passkey signed something else than this document")
    if data.get("origin") != assertion.origin or data.get("crossOrigin") not in (None, False):
        raise NotTrusted("the passkey was asked from another page")
    if not _belongs(assertion.origin, assertion.rp_id):
        raise NotTrusted("the page does not belong to the site that the passkey is for")
    return raw


def _belongs(origin: str, rp_id: str) -> bool:
    scheme, _, rest = origin.partition("://")
    host = rest.rpartition(":")[0] if rest.rpartition(":")[2].isdigit() else rest
    safe = scheme == "https" or (scheme == "http" and (host == "localhost" or host.endswith(".localhost")))
    return safe and bool(rp_id) and (host == rp_id or host.endswith("." + rp_id))


def _check_signature(assertion: Assertion, said: bytes) -> None:
    signature = decoded(assertion.signature, "signature")
    try:
        key = read_cbor(decoded(assertion.public_key, "public key"))
        match key:
            case {1: 2, 3: -7, -1: 1, -2: bytes(x), -3: bytes(y)} if len(x) == len(y) == 32:
                point = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
                point.public_key().verify(signature, said, ec.ECDSA(SHA256()))
            case {1: 1, 3: -8, -1: 6, -2: bytes(x)} if len(x) == 32:
                Ed25519PublicKey.from_public_bytes(x).verify(signature, said)
            case {1: 3, 3: -257, -1: bytes(n), -2: bytes(e)} if len(n) >= 256:
                public = rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
                public.verify(signature, said, padding.PKCS1v15(), SHA256())
            case _:
                raise NotTrusted("the passkey's key is of a kind that is not known here")
    except InvalidSignature as error:
        raise NotTrusted("the signature is not by this person's passkey") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if isinstance(error, NotTrusted):
            raise
        raise NotTrusted(f"the passkey's key can't be read: {error}") from error
