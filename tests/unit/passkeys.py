"""A passkey in software: what an authenticator would sign, with every part to be had wrong."""

import hashlib
import json
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from harness.formats.webauthn_assertion import encoded
from harness.model.ledger import Assertion

RP, ORIGIN = "localhost", "http://localhost:8000"


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    if number < 256:
        return bytes([kind << 5 | 24, number])
    return bytes([kind << 5 | 25]) + struct.pack(">H", number)


def cbor(value) -> bytes:
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            return _head(5, len(value)) + b"".join(cbor(key) + cbor(one) for key, one in value.items())


@dataclass(frozen=True)
class Passkey:
    """A key pair of one of the three kinds."""

    private: object

    @classmethod
    def new(cls, kind: str = "ES256") -> "Passkey":
        match kind:
            case "ES256":
                return cls(ec.generate_private_key(ec.SECP256R1()))
            case "EdDSA":
                return cls(Ed25519PrivateKey.generate())
            case _:
                return cls(rsa.generate_private_key(65537, 2048))

    @property
    def cose(self) -> bytes:
        match self.private:
            case ec.EllipticCurvePrivateKey():
                numbers = self.private.public_key().public_numbers()
                return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
            case Ed25519PrivateKey():
                return cbor({1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()})
            case _:
                numbers = self.private.public_key().public_numbers()
                return cbor({1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)})

    def sign(self, challenge: bytes, **wrong) -> Assertion:
        """An assertion; `wrong` may give flags, rp (hashed), type, origin_said, cross."""
        client = {
            "type": wrong.get("type", "webauthn.get"),
            "challenge": encoded(challenge),
            "origin": wrong.get("origin_said", ORIGIN),
            "crossOrigin": wrong.get("cross", False),
        }
        raw = json.dumps(client, separators=(",", ":")).encode()
        rp_hash = hashlib.sha256(wrong.get("rp", RP).encode()).digest()
        said = rp_hash + bytes([wrong.get("flags", 0x05)]) + struct.pack(">I", 1)
        return Assertion(
            credential="Y3JlZA",
            public_key=encoded(self.cose),
            client_data=encoded(raw),
            authenticator_data=encoded(said),
            signature=encoded(self._signed(said + hashlib.sha256(raw).digest())),
            rp_id=RP,
            origin=ORIGIN,
        )

    def _signed(self, body: bytes) -> bytes:
        match self.private:
            case ec.EllipticCurvePrivateKey():
                return self.private.sign(body, ec.ECDSA(SHA256()))
            case Ed25519PrivateKey():
                return self.private.sign(body)
            case _:
                return self.private.sign(body, padding.PKCS1v15(), SHA256())
