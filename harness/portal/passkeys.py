"""Passkeys: enrolled by the person alone, used to sign in and to sign.

Every challenge is made here, kept, bound to the session that asked for it, and used up by its first answer.
"""

import json
import secrets
from typing import Any

from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import Ceremony, Passkey, Person
from harness.portal.sessions import SessionStore
from harness.portal.settings import PORTAL

_LASTS_MS = 5 * 60_000
_TIDY_EVERY = 50  # old challenges count no more anyway; taking them out is a write that nobody should wait for
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


class Refused(ValueError):
    """An answer to a challenge that does not count; the text is a key of the words."""


def session_sha256(request: Request) -> str:
    """Which session asks."""
    if not request.session.session_key:
        request.session.save()
    return SessionStore.stored_key(str(request.session.session_key))


def open_ceremony(
    request: Request, purpose: str, challenge: bytes, *, document: bytes | None = None, lasts_ms: int = _LASTS_MS
) -> str:
    """Keep a challenge for this session; gives it as the browser will return it."""
    if secrets.randbelow(_TIDY_EVERY) == 0:
        Ceremony.objects.filter(expires_ms__lt=now_ms() - 86_400_000).delete()
    text = bytes_to_base64url(challenge)
    Ceremony.objects.create(
        challenge=text,
        purpose=purpose,
        person=request.person,
        session_sha256=session_sha256(request),
        document=document,
        expires_ms=now_ms() + lasts_ms,
    )
    return text


def use_ceremony(request: Request, purpose: str, challenge: str) -> Ceremony:
    """The challenge that was handed to this very session, now used up; Refused where it does not count any more."""
    now = now_ms()
    mine = Ceremony.objects.filter(
        challenge=challenge, purpose=purpose, person=request.person, session_sha256=session_sha256(request)
    )
    if not mine.filter(used_ms__isnull=True, expires_ms__gt=now).update(used_ms=now):
        raise Refused("passkey.challenge")
    return mine.get()


def registration_options(request: Request, person: Person) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    challenge = secrets.token_bytes(32)
    open_ceremony(request, "register", challenge)
    known = [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(one))
        for one in person.passkeys.filter(revoked_ms__isnull=True).values_list("credential", flat=True)
    ]
    options = generate_registration_options(
        rp_id=PORTAL.rp_id,
        rp_name="harness",
        user_id=person.id.encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        exclude_credentials=known,
        supported_pub_key_algs=_ALGORITHMS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    made: dict[str, Any] = json.loads(options_to_json(options))
    return made


def register(request: Request, person: Person, answer: dict[str, Any], label: str) -> Passkey:
    """Keep a new passkey of the person who asks, for them."""
    ceremony = use_ceremony(request, "register", challenge_of(answer))
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(ceremony.challenge),
            expected_rp_id=PORTAL.rp_id,
            expected_origin=PORTAL.url,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("passkey.unusable") from error
    credential = bytes_to_base64url(found.credential_id)
    if Passkey.objects.filter(credential=credential).exists():
        raise Refused("passkey.known")
    return Passkey.objects.create(
        person=person,
        credential=credential,
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        label=label[:80] or "passkey",
        enrolled_by=person.id,
    )


def request_options(challenge: str, credentials: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the browser needs to use a passkey: one of these, or any that is for this site."""
    return {
        "challenge": challenge,
        "rpId": PORTAL.rp_id,
        "timeout": _LASTS_MS,
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": one} for one in credentials],
    }


def proved(answer: dict[str, Any], challenge: str) -> Passkey:
    """The passkey that answered `challenge`, with its person verified by the device; Refused otherwise."""
    passkey = (
        Passkey.objects.select_related("person")
        .filter(credential=str(answer.get("id", ""))[:700], revoked_ms__isnull=True, person__active=True)
        .first()
    )
    if passkey is None:
        raise Refused("passkey.unknown")
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=PORTAL.rp_id,
            expected_origin=PORTAL.url,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("passkey.wrong") from error
    if passkey.person_id != passkey.enrolled_by:
        raise Refused("passkey.wrong")
    Passkey.objects.filter(pk=passkey.pk).update(sign_count=found.new_sign_count)
    return passkey


def challenge_of(answer: dict[str, Any]) -> str:
    """The challenge that an answer claims to be for."""
    try:
        data = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        challenge = str(data["challenge"])[:86]
        challenge.encode()  # half a surrogate is no character, and no database takes it
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("passkey.unusable") from error
    return challenge
