"""A passkey's signature offline: the right one holds, as the library for it says too; every wrong one is named."""

from dataclasses import replace

import pytest
import webauthn
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.cbor import read_cbor
from harness.formats.dsse import NotTrusted
from harness.formats.manifest import challenge_for
from harness.formats.webauthn_assertion import decoded, encoded, verify_assertion
from tests.unit.acceptances import statement
from tests.unit.passkeys import ORIGIN, RP, Passkey, cbor

KEY = Passkey.new()
CHALLENGE = challenge_for(statement())
GOOD = KEY.sign(CHALLENGE)


@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "RS256"])
def test_each_kind_of_key_holds_here_and_in_the_library_for_it(kind):
    key = Passkey.new(kind)
    made = key.sign(CHALLENGE)
    assert verify_assertion(made, CHALLENGE).count == 1
    response = {
        "clientDataJSON": made.client_data,
        "authenticatorData": made.authenticator_data,
        "signature": made.signature,
    }
    credential = {"id": made.credential, "rawId": made.credential, "type": "public-key", "response": response}
    webauthn.verify_authentication_response(
        credential=credential,
        expected_challenge=CHALLENGE,
        expected_rp_id=RP,
        expected_origin=ORIGIN,
        credential_public_key=key.cose,
        credential_current_sign_count=0,
        require_user_verification=True,
    )


@pytest.mark.parametrize(
    ("assertion", "why"),
    [
        (KEY.sign(b"x" * 32), "something else than this document"),
        (KEY.sign(CHALLENGE, flags=0x01), "check who it was"),
        (KEY.sign(CHALLENGE, flags=0x04), "anybody there"),
        (KEY.sign(CHALLENGE, rp="evil.example"), "another site"),
        (KEY.sign(CHALLENGE, type="webauthn.create"), "something else than a signature"),
        (KEY.sign(CHALLENGE, origin_said="https://evil.example"), "another page"),
        (KEY.sign(CHALLENGE, cross=True), "another page"),
        (
            replace(KEY.sign(CHALLENGE, origin_said="https://evil.example"), origin="https://evil.example"),
            "does not belong",
        ),
        (
            replace(KEY.sign(CHALLENGE, origin_said="http://hub.localhost.evil"), origin="http://hub.localhost.evil"),
            "does not belong",
        ),
        (replace(GOOD, public_key=encoded(Passkey.new().cose)), "not by this person"),
        (replace(GOOD, public_key=encoded(cbor({1: 2, 3: -35, -1: 2}))), "not known here"),
        (
            replace(GOOD, public_key=encoded(cbor({1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32}))),
            "can't be read",
        ),
        (replace(GOOD, public_key=encoded(b"\xbf\xff")), "can't be read"),
        (replace(GOOD, public_key="***"), "not base64url"),
        (replace(GOOD, signature=GOOD.signature + "="), "not base64url"),
        (replace(GOOD, signature=encoded(b"")), "not by this person"),
        (replace(GOOD, client_data=encoded(b"[")), "not JSON"),
        (replace(GOOD, client_data=encoded(b"[]")), "something else"),
        (replace(GOOD, authenticator_data=encoded(b"")), "another site"),
    ],
)
def test_every_wrong_one_is_refused_with_its_reason(assertion, why):
    with pytest.raises(NotTrusted, match=why):
        verify_assertion(assertion, CHALLENGE)


@pytest.mark.parametrize(
    "change", [{"role": "finance"}, {"language": "zh"}, {"nonce": "again"}, {"name": "Li Wie"}, {"answers": ()}]
)
def test_a_signature_of_one_statement_is_none_of_another(change):
    with pytest.raises(NotTrusted):
        verify_assertion(GOOD, challenge_for(statement(**change)))


@given(st.sampled_from(["public_key", "client_data", "authenticator_data", "signature"]), st.data())
def test_no_flipped_bit_is_believed(field, data):
    raw = bytearray(decoded(getattr(GOOD, field), field))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotTrusted):
        verify_assertion(replace(GOOD, **{field: encoded(bytes(raw))}), CHALLENGE)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader_of_keys(body):
    try:
        found = read_cbor(body)
    except ValueError:
        return
    assert isinstance(found, dict)


def test_a_key_written_in_a_longer_way_is_refused():
    with pytest.raises(ValueError):
        read_cbor(b"\xa1\x18\x01\x02")
    assert read_cbor(b"\xa1\x01\x02") == {1: 2}
