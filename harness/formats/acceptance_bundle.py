"""Everything of one release's acceptance in one file: what was asked, who signed what, and the proof of each.

`acceptance-<release>.zip` holds the manifests, the log entries that matter with their proofs, the checkpoint, the
sign-offs that the gate reads, evidence, documents and a verifier that needs nothing of ours. An index that the portal
signed names every member by digest: nothing can be added, taken out or changed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.bundle import write_bundle
from harness.formats.canonical import canonical_bytes
from harness.formats.dsse import public_text, seal
from harness.formats.ledger import read_entry, told_by
from harness.formats.manifest import package_digest, read_package, statement_digest
from harness.formats.plain_zip import write_zip
from harness.model.acceptance import Decision, Package
from harness.model.ledger import HandsTold, Joined, LedgerEntry, Log, MetCondition, Signature, VoidPackage, Withdrawn
from harness.model.signoff import Bundle, Signoff, Waiver
from harness.rules.merkle import inclusion_proofs
from harness.rules.signoffs import signoffs_from

INDEX_TYPE = "application/vnd.harness.acceptance-index+json"
INDEX, SIGNOFFS, LEAVES = "index.json", "sign-offs.json", "log/leaves.bin"
ENTRIES, PROOFS, CHECKPOINT, KEYS = "log/entries.ndjson", "log/proofs.json", "log/checkpoint.txt", "keys.json"
MANIFESTS, VERIFIER = "manifests/", "verify.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What the portal puts into a bundle. `files` are evidence (`evidence/<sha256>`) and documents (`documents/…`)."""

    release: str
    nonce: str
    exported_ms: int
    manifests: tuple[bytes, ...]
    log: Log
    waivers: tuple[Waiver, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


def write_acceptance(export: Export, key: Ed25519PrivateKey) -> bytes:
    """The bundle, signed."""
    packages = {package_digest(one): one for one in (read_package(body) for body in export.manifests)}
    entries = tuple(read_entry(line.body) for line in export.log.lines)
    bundle = Bundle(
        release=export.release,
        nonce=export.nonce,
        exported_ms=export.exported_ms,
        signoffs=signoffs_in(packages, entries),
        waivers=export.waivers,
    )
    members = {
        **{f"{MANIFESTS}{read_package(body).code}.json": body for body in export.manifests},
        SIGNOFFS: write_bundle(bundle, key),
        ENTRIES: b"".join(line.body + b"\n" for line in export.log.lines),
        PROOFS: _proofs(export.log, entries),
        LEAVES: b"".join(export.log.leaves),
        CHECKPOINT: export.log.checkpoint,
        KEYS: canonical_bytes({"portal": public_text(key)}),
        VERIFIER: verifier(),
        **export.files,
    }
    ordered = dict(sorted(members.items()))
    return write_zip({INDEX: seal(_index(export, ordered), INDEX_TYPE, key), **ordered})


def signoffs_in(packages: Mapping[str, Package], entries: tuple[LedgerEntry, ...]) -> tuple[Signoff, ...]:
    """The sign-offs that follow from these entries: what was taken back, and void packages, left out."""
    return signoffs_told(packages, tuple(told_by(entry) for entry in entries))


def signoffs_told(packages: Mapping[str, Package], told: tuple[object, ...]) -> tuple[Signoff, ...]:
    """The same of what entries tell."""
    void = {one.package_sha256 for one in told if isinstance(one, VoidPackage)}
    signatures = tuple(one for one in told if isinstance(one, Signature))
    return signoffs_from(
        {sha256: package for sha256, package in packages.items() if sha256 not in void},
        signatures,
        withdrawn_numbers(told, signatures),
        tuple(one for one in told if isinstance(one, MetCondition)),
    )


def withdrawn_numbers(told: tuple[object, ...], signatures: tuple[Signature, ...]) -> frozenset[int]:
    """Which signatures count no more: taken back, or an acceptance of somebody whose hand in it was told later."""
    return frozenset(undone_by(told, signatures))


def undone_by(told: tuple[object, ...], signatures: tuple[Signature, ...]) -> dict[int, int]:
    """The signatures that count no more, with the entry that undid each first. Only its signer takes a refusal back."""
    taken = {one.withdrawal.statement_sha256: one.number for one in told if isinstance(one, Withdrawn)}
    mails = {one.person: one.mail for one in told if isinstance(one, Joined)}
    hands = [one for one in told if isinstance(one, HandsTold)]
    found = {}
    for one in signatures:
        who = {one.statement.person, mails.get(one.statement.person, one.statement.person)}
        later = [
            each.number
            for each in hands
            if one.statement.decision is not Decision.REJECT
            and each.package_sha256 == one.statement.package_sha256
            and who & {act.person for act in each.acts}
        ]
        later = [at for at in (*later, taken.get(statement_digest(one.statement), -1)) if at > one.number]
        if later:
            found[one.number] = min(later)
    return found


def verifier() -> bytes:
    """The one-file verifier that goes into every bundle."""
    return resources.files("harness.formats").joinpath("offline_verifier.py").read_bytes()


def _proofs(log: Log, entries: tuple[LedgerEntry, ...]) -> bytes:
    paths = inclusion_proofs(log.leaves, [entry.index for entry in entries])
    return canonical_bytes(
        [
            {
                "index": entry.index,
                "countersignature": line.countersignature,
                "proof": [one.hex() for one in path],
            }
            for entry, line, path in zip(entries, log.lines, paths, strict=True)
        ]
    )


def _index(export: Export, members: Mapping[str, bytes]) -> bytes:
    return canonical_bytes(
        {
            "kind": "harness/acceptance-bundle",
            "version": 1,
            "release": export.release,
            "nonce": export.nonce,
            "exported_ms": export.exported_ms,
            "members": [
                {"name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
                for name, body in members.items()
            ],
        }
    )
