"""in-toto statements: what is claimed of which artifacts, signed as a DSSE envelope.

A statement is the attestation framework's version 1; several are kept as lines of one file. A run has our own predicate
and a `test-result` for each suite; a ruling is told as SLSA's verification summary.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.documents import canonical
from harness.formats.dsse import NotTrusted, seal, unseal
from harness.model.attestation import Subject

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VERIFICATION_SUMMARY = "https://slsa.dev/verification_summary/v1"
RUN = "urn:x-harness:run:v1"
ACCEPTANCE = "urn:x-harness:acceptance:v1"
_MOST_LINES = 64


def sign_statement(
    predicate_type: str, predicate: Mapping[str, object], subjects: Sequence[Subject], key: Ed25519PrivateKey
) -> bytes:
    """One envelope, with a newline at its end."""
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": one.name, "digest": {one.algorithm: one.digest}} for one in subjects],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }
    return seal(canonical(statement), PAYLOAD_TYPE, key)


def read_statements(body: bytes, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Every statement of a file of envelopes; NotTrusted where one line is not by one of `keys` or is none."""
    lines = [line for line in body.splitlines() if line.strip()]
    if not 0 < len(lines) <= _MOST_LINES:
        raise NotTrusted("there is no statement in it" if not lines else "there are too many statements in it")
    for line in lines:
        yield _statement(unseal(line, PAYLOAD_TYPE, keys))


def subjects_of(statement: Mapping[str, Any]) -> tuple[Subject, ...]:
    """What a statement is about; NotTrusted where that can't be read."""
    try:
        return tuple(
            Subject(name=str(one["name"]), algorithm=str(algorithm), digest=str(value))
            for one in statement["subject"]
            for algorithm, value in one["digest"].items()
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise NotTrusted("it does not say what it is about") from error


def _statement(payload: bytes) -> dict[str, Any]:
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NotTrusted("what was signed is not JSON") from error
    whole = isinstance(data, dict) and set(data) == {"_type", "subject", "predicateType", "predicate"}
    if not whole or data["_type"] != STATEMENT or not isinstance(data["predicate"], dict):
        raise NotTrusted("what was signed is no in-toto statement")
    return dict(data)
