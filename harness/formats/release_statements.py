"""A ruling and an acceptance as statements: SLSA's verification summary, and who accepted what."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.intoto import ACCEPTANCE, VERIFICATION_SUMMARY, sign_statement
from harness.formats.run_statements import subjects_for
from harness.formats.shape import to_json
from harness.model.attestation import Subject
from harness.model.gate import Ruling
from harness.model.release import Declared
from harness.model.signoff import Bundle
from harness.model.verdict import Decision

VERIFIER = "urn:x-harness:gate"


def ruling_statement(ruling: Ruling, declared: Declared, builder: str, key: Ed25519PrivateKey) -> bytes:
    """PASSED only where the gate said pass; fail and undecided are both FAILED, and the predicate says which."""
    predicate = {
        "verifier": {"id": f"{VERIFIER}:{builder}" if builder else VERIFIER},
        "timeVerified": datetime.fromtimestamp(ruling.at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resourceUri": f"urn:x-harness:release:{ruling.release}",
        "policy": {"uri": "environments/gate.toml", "digest": {"sha256": ruling.policy_sha256}},
        "inputAttestations": [
            {"uri": f"urn:x-harness:run:{one.run}", "digest": {"sha256": one.record_sha256}} for one in ruling.counted
        ],
        "verificationResult": "PASSED" if ruling.decision is Decision.PASS else "FAILED",
        "verifiedLevels": [f"HARNESS_MAY_ENTER_{ruling.to.upper()}"] if ruling.decision is Decision.PASS else [],
        "slsaVersion": "1.0",
        "decision": ruling.decision.value,
        "nonce": ruling.nonce,
    }
    return sign_statement(VERIFICATION_SUMMARY, predicate, _subjects(declared), key)


def acceptance_statement(bundle: Bundle, sha256: str, declared: Declared, key: Ed25519PrivateKey) -> bytes:
    """Every answer of the portal's bundle, which is named by its digest."""
    predicate = {
        "release": bundle.release,
        "nonce": bundle.nonce,
        "bundle": {"digest": {"sha256": sha256}},
        "signoffs": [to_json(one) for one in bundle.signoffs],
    }
    return sign_statement(ACCEPTANCE, predicate, _subjects(declared), key)


def _subjects(declared: Declared) -> tuple[Subject, ...]:
    """A release without artifacts is named by its declaration's nonce, so that no statement is about nothing."""
    named = (Subject(name=declared.name, algorithm="nonce", digest=declared.nonce),)
    return subjects_for(declared) or named
