"""A bundle of sign-offs as a file: our document inside a DSSE envelope that the portal signed.

One signature is over the whole, so that an answer that was taken out is noticed like one that was put in.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.errors import HarnessError
from harness.formats.documents import read_document, write_document
from harness.formats.dsse import NotTrusted, seal, unseal
from harness.model.signoff import Bundle, Signoff

BUNDLE_TYPE = "application/vnd.harness.bundle+json"
SIGNOFF_TYPE = "application/vnd.harness.signoff+json"


def write_bundle(bundle: Bundle, key: Ed25519PrivateKey) -> bytes:
    """A bundle, signed."""
    return seal(write_document(bundle), BUNDLE_TYPE, key)


def read_bundle(body: bytes, keys: tuple[str, ...]) -> Bundle:
    """A bundle that one of `keys` signed; NotTrusted for anything else."""
    try:
        return read_document(Bundle, unseal(body, BUNDLE_TYPE, keys), "bundle")
    except HarnessError as error:
        raise NotTrusted(str(error)) from error


def write_signoff(signoff: Signoff, key: Ed25519PrivateKey) -> bytes:
    """One sign-off by itself, signed: what a signer can keep."""
    return seal(write_document(signoff), SIGNOFF_TYPE, key)


def read_signoff(body: bytes, keys: tuple[str, ...]) -> Signoff:
    """A sign-off that one of `keys` signed; NotTrusted for anything else."""
    try:
        return read_document(Signoff, unseal(body, SIGNOFF_TYPE, keys), "sign-off")
    except HarnessError as error:
        raise NotTrusted(str(error)) from error
