"""A checkpoint: written as C2SP says, believed from a trusted key alone."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.checkpoint import read_checkpoint, verifier_key, write_checkpoint
from harness.formats.dsse import NotTrusted, public_text
from harness.model.ledger import Checkpoint

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TRUSTED = (public_text(KEY),)
POINT = Checkpoint(origin="orders.example/harness", size=42, root=bytes(range(32)))
NOTE = write_checkpoint(POINT, KEY)


def test_it_reads_as_the_standard_says():
    lines = NOTE.decode().split("\n")
    assert lines[:4] == ["orders.example/harness", "42", base64.b64encode(POINT.root).decode(), ""]
    mark, name, blob = lines[4].split(" ")
    public = KEY.public_key().public_bytes_raw()
    raw = base64.b64decode(blob)
    assert (mark, name, lines[5:]) == ("—", POINT.origin, [""])
    assert raw[:4] == hashlib.sha256(POINT.origin.encode() + b"\n\x01" + public).digest()[:4]
    KEY.public_key().verify(raw[4:], "\n".join(lines[:3]).encode() + b"\n")
    assert verifier_key(POINT.origin, public).split("+", 2)[1] == raw[:4].hex()


def test_the_published_example_of_a_key_is_named_as_there():
    # From the documentation of Go's x/mod/sumdb/note.
    public = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    assert verifier_key("PeterNeumann", public) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_what_was_written_is_read_by_whoever_trusts_the_key():
    assert read_checkpoint(NOTE, TRUSTED, POINT.origin) == POINT
    assert read_checkpoint(NOTE, (public_text(OTHER), *TRUSTED)) == POINT


def test_a_witness_beside_us_changes_nothing():
    other = write_checkpoint(Checkpoint(origin=POINT.origin, size=42, root=POINT.root), OTHER)
    both = NOTE + other.split(b"\n\n")[1]
    assert read_checkpoint(both, TRUSTED) == POINT
    assert read_checkpoint(both, (public_text(OTHER),)) == POINT


@pytest.mark.parametrize(
    ("body", "keys", "origin"),
    [
        (NOTE, (), ""),
        (NOTE, (public_text(OTHER),), ""),
        (NOTE, TRUSTED, "another/log"),
        (NOTE.replace(b"\n42\n", b"\n43\n"), TRUSTED, ""),
        (NOTE.replace(b"\n42\n", b"\n042\n"), TRUSTED, ""),
        (NOTE.split(b"\n\n")[0] + b"\n", TRUSTED, ""),
        (NOTE.split(b"\n\n")[0] + b"\n\n", TRUSTED, ""),
        (NOTE[:-1], TRUSTED, ""),
        (NOTE + b"\n", TRUSTED, ""),
        (b"", TRUSTED, ""),
    ],
)
def test_anything_else_is_not_believed(body, keys, origin):
    with pytest.raises(NotTrusted):
        read_checkpoint(body, keys, origin)


@given(st.integers(0, len(NOTE) * 8 - 1))
def test_no_flipped_bit_is_believed(bit):
    changed = bytearray(NOTE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotTrusted):
        read_checkpoint(bytes(changed), TRUSTED)


def test_a_name_that_breaks_the_note_is_refused():
    with pytest.raises(ValueError):
        write_checkpoint(Checkpoint(origin="two words", size=0, root=bytes(32)), KEY)
