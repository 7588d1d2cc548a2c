"""Sign-offs in an envelope: whole and by the pinned key, or not believed."""

import base64
import contextlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.bundle import BUNDLE_TYPE, read_bundle, read_signoff, write_bundle, write_signoff
from harness.formats.dsse import NotTrusted, public_bytes, public_text, seal
from harness.model.signoff import Answer, Bundle, Grade, Signoff, Waiver

KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
PINNED = (public_text(KEY),)
SIGNOFF = Signoff(
    number=1,
    release="R",
    nonce="n",
    tier="preprod",
    criterion="O-1",
    criterion_sha256="7",
    answer=Answer.CONDITIONED,
    person="安",
    role="desk",
    grade=Grade.PASSKEY,
    signed_ms=1,
    condition="c",
    due_ms=2,
)
WAIVER = Waiver(
    check="a",
    owner="o",
    reason="r",
    ticket="t",
    approved_by="b",
    approved_ms=1,
    expires_ms=2,
    release="R",
    nonce="n",
    tiers=("test",),
)
BUNDLE = Bundle(release="R", nonce="n", exported_ms=3, signoffs=(SIGNOFF,), waivers=(WAIVER,))
SEALED = write_bundle(BUNDLE, KEY)


def test_what_was_sealed_comes_back():
    assert read_bundle(SEALED, PINNED) == BUNDLE
    assert read_signoff(write_signoff(SIGNOFF, KEY), PINNED) == SIGNOFF


def test_the_envelope_is_dsse():
    data = json.loads(SEALED)
    payload = base64.b64decode(data["payload"])
    said = b"DSSEv1 %d %s %d %s" % (len(BUNDLE_TYPE), BUNDLE_TYPE.encode(), len(payload), payload)
    KEY.public_key().verify(base64.b64decode(data["signatures"][0]["sig"]), said)


@given(at=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_one_bit_changed_is_refused_or_says_the_same(at, bit):
    changed = bytearray(SEALED)
    changed[at] ^= 1 << bit
    with contextlib.suppress(NotTrusted):
        assert read_bundle(bytes(changed), PINNED) == BUNDLE  # the key id is only a hint


@given(st.integers(0, len(SEALED) - 2))
def test_a_cut_bundle_is_refused(length):
    with pytest.raises(NotTrusted):
        read_bundle(SEALED[:length], PINNED)


def test_another_key_is_refused():
    with pytest.raises(NotTrusted, match="a key that the policy names"):
        read_bundle(write_bundle(BUNDLE, OTHER), PINNED)
    with pytest.raises(NotTrusted):
        read_bundle(SEALED, ())


def test_a_signature_for_another_kind_of_document_is_refused():
    with pytest.raises(NotTrusted, match="it holds"):
        read_bundle(write_signoff(SIGNOFF, KEY), PINNED)
    relabelled = json.loads(write_signoff(SIGNOFF, KEY)) | {"payloadType": BUNDLE_TYPE}
    with pytest.raises(NotTrusted, match="a key that the policy names"):
        read_bundle(json.dumps(relabelled).encode(), PINNED)


@pytest.mark.parametrize(
    "change", [{"signatures": []}, {"signatures": [1]}, {"signatures": "x"}, {"payload": 3}, {"more": 1}]
)
def test_what_is_no_envelope_is_refused(change):
    with pytest.raises(NotTrusted):
        read_bundle(json.dumps(json.loads(SEALED) | change).encode(), PINNED)


def test_a_payload_that_is_no_bundle_is_refused_even_when_signed():
    with pytest.raises(NotTrusted):
        read_bundle(seal(b"{}", BUNDLE_TYPE, KEY), PINNED)


def test_an_answer_taken_out_is_noticed():
    inner = write_bundle(replace(BUNDLE, signoffs=()), OTHER)
    swapped = json.loads(SEALED) | {"payload": json.loads(inner)["payload"]}
    with pytest.raises(NotTrusted):
        read_bundle(json.dumps(swapped).encode(), PINNED)


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "rsa:" + "A" * 44, "A" * 44, "ed25519:" + "!" * 44])
def test_what_is_no_key_can_not_be_pinned(text):
    with pytest.raises(ValueError, match="is not a public key"):
        public_bytes(text)
