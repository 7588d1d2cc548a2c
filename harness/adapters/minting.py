"""A JSON web token signed by ourselves (RFC 7515, 7519), for tiers whose systems trust a key instead of a service."""

import base64
import hashlib
import hmac
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.errors import CouldNotTell
from harness.model.auth import Algorithm, MintedToken

_EARLIER_S = 5  # clocks differ: a token issued in a server's future is refused


def minted_token(asked: MintedToken, key: str, now_s: float) -> str:
    """The token, good from now on; CouldNotTell where the key does not fit the algorithm."""
    header = {"alg": asked.algorithm.value, "typ": "JWT"}
    if asked.key_id is not None:
        header["kid"] = asked.key_id
    times = {"iat": int(now_s) - _EARLIER_S, "exp": int(now_s + asked.lives_s), "jti": secrets.token_hex(8)}
    claims = {**times, **{name: list(value) if isinstance(value, tuple) else value for name, value in asked.claims}}
    signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{signed}.{_part(_signature(asked.algorithm, key, signed.encode()))}"


def _signature(algorithm: Algorithm, key: str, signed: bytes) -> bytes:
    if algorithm is Algorithm.HS256:
        return hmac.new(key.encode(), signed, hashlib.sha256).digest()
    try:
        private = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise _unfit(algorithm, "it is no private key in PEM without a password") from error
    match algorithm, private:
        case Algorithm.RS256, rsa.RSAPrivateKey():
            return private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        case Algorithm.ES256, ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            first, second = decode_dss_signature(private.sign(signed, ec.ECDSA(hashes.SHA256())))
            return first.to_bytes(32, "big") + second.to_bytes(32, "big")
        case Algorithm.EDDSA, ed25519.Ed25519PrivateKey():
            return private.sign(signed)
        case _:
            raise _unfit(algorithm, "it is a key of another kind")


def _unfit(algorithm: Algorithm, why: str) -> CouldNotTell:
    hint = "RS256 takes an RSA key, ES256 one on P-256, EdDSA an Ed25519 key, HS256 a shared secret"
    return CouldNotTell(f"the key does not fit {algorithm.value}: {why}", hint=hint)


def _part(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
