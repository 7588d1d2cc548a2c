"""The documents of an acceptance as bytes, and their digests: package, statement, withdrawal.

Canonical JSON, so that equal values give equal bytes. The digest of a package is what a statement names; the digest of
a statement is the challenge that the signer's passkey signs.
"""

from harness.formats.canonical import read_signed, tagged_digest, write_signed
from harness.model.acceptance import Package, Statement, Withdrawal

PACKAGE = "harness/acceptance-package"
STATEMENT = "harness/acceptance-statement"
WITHDRAWAL = "harness/acceptance-withdrawal"


def write_package(package: Package) -> bytes:
    """The manifest, canonical."""
    return write_signed(package, PACKAGE)


def read_package(body: bytes, file: str = "manifest.json") -> Package:
    """A manifest again; HarnessError for anything else."""
    return read_signed(Package, PACKAGE, body, file)


def package_digest(package: Package) -> str:
    """What people sign of it."""
    return tagged_digest(PACKAGE, write_package(package))


def manifest_digest(body: bytes) -> str:
    """The same of a manifest's own bytes, whatever they are."""
    return tagged_digest(PACKAGE, body)


def write_statement(statement: Statement) -> bytes:
    """What one person signs, canonical."""
    return write_signed(statement, STATEMENT)


def read_statement(body: bytes, file: str = "statement.json") -> Statement:
    """A statement again."""
    return read_signed(Statement, STATEMENT, body, file)


def statement_digest(statement: Statement) -> str:
    """SHA-256 in hex over tag and canonical bytes."""
    return tagged_digest(STATEMENT, write_statement(statement))


def withdrawal_digest(withdrawal: Withdrawal) -> str:
    """As for a statement, under a tag of its own."""
    return tagged_digest(WITHDRAWAL, write_signed(withdrawal, WITHDRAWAL))


def challenge_for(signed: Statement | Withdrawal) -> bytes:
    """The 32 bytes that a WebAuthn challenge must equal for the signature to be over this document."""
    match signed:
        case Statement():
            return bytes.fromhex(statement_digest(signed))
        case Withdrawal():
            return bytes.fromhex(withdrawal_digest(signed))
