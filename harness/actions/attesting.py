"""Signing what was seen and decided, and checking it again offline.

A run is signed by the machine that carried it out: when it ends, where the machine has a key, or afterwards. What is
signed names plan and record by digest; nothing of the run is changed, the statements are laid beside its record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.actions.gating import bundle_from, default_bundle, policy_of, rule_on
from harness.adapters.exhibits import exhibit_from, folder_reader
from harness.adapters.host import Host
from harness.adapters.releases import read_declared
from harness.adapters.signing_keys import read_key, runner_key
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.documents import digest
from harness.formats.dsse import NotTrusted
from harness.formats.intoto import read_statements, subjects_of
from harness.formats.release_statements import acceptance_statement, ruling_statement
from harness.formats.run_statements import FILE, run_statements
from harness.model.attestation import RunClaim, Subject
from harness.model.evidence import Record
from harness.model.gate import Ruling, Unreadable
from harness.model.plan import Plan

BUILDER = "HARNESS_RUNNER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One statement that a trusted key signed: of which kind, about what, and what it claims."""

    kind: str
    subjects: tuple[Subject, ...]
    predicate: dict[str, object]


def statements_for(host: Host, root: Path, plan: Plan, record: Record, sealed: str, body: bytes) -> bytes | None:
    """The statements of a run that is about to be closed, None where this machine has no key."""
    key = runner_key(host.environ, root)
    return None if key is None else _statements(host, root, plan, record, (sealed, digest(body)), key)


def attest_run(host: Host, root: Path, run: Path, reference: str | None) -> Path:
    """Sign a closed run; gives the file beside its record. CouldNotTell where the run does not agree with itself."""
    key = read_key(reference, host.environ, root) if reference else runner_key(host.environ, root)
    if key is None:
        raise AskedWrongly(
            "there is no key to sign with", hint="--key env:NAME, --key file:PATH; --new-key FILE makes one"
        )
    found = exhibit_from(str(run), folder_reader(run), draft=run.parent.name == "drafts")
    if isinstance(found, Unreadable):
        raise CouldNotTell(f"{run} can't be read: {found.why}", place=Place(file=str(run)), hint="run it again")
    if found.record is None or not found.record_sha256:
        raise CouldNotTell(f"{run.name} was never closed, so there is nothing to sign", hint="run it again")
    if found.changed:
        raise CouldNotTell(
            f"{run.name} was changed: {found.changed}", hint="run it again; what was changed is not signed"
        )
    body = _statements(host, root, found.plan, found.record, (found.plan_sha256, found.record_sha256), key)
    return _written(run / FILE, body)


def attest_release(host: Host, root: Path, release: str, to: str, target: Path, reference: str | None) -> Ruling:
    """Ask the gate and sign its answer, and what people signed, into `target`; gives the ruling, whatever it is."""
    key = read_key(reference, host.environ, root) if reference else runner_key(host.environ, root)
    if key is None:
        raise AskedWrongly(
            "there is no key to sign with", hint="--key env:NAME, --key file:PATH; --new-key FILE makes one"
        )
    found = read_declared(root, release)
    if found is None:
        raise AskedWrongly(f"release {release} was never declared here", hint=f"harness release add {release}")
    ruling = rule_on(host, root, release, to)
    lines = ruling_statement(ruling, found[0], host.environ.get(BUILDER, ""), key)
    file = default_bundle(root, release)
    signed, _ = bundle_from(file, policy_of(root, {}), named=False)
    if signed is not None and signed.bundle.nonce == found[0].nonce:
        lines += acceptance_statement(signed.bundle, digest(file.read_bytes()), found[0], key)
    _written(target, lines)
    return ruling


def verify(file: Path, keys: tuple[str, ...], *, artifacts: tuple[Subject, ...], builder: str) -> tuple[Verified, ...]:
    """Every statement of a file, each by one of `keys`; CouldNotTell where anything of it can't be believed.

    Every artifact must be a subject of every statement; with `builder`, what a runner or gate says it is must be that.
    """
    if not keys:
        hint = "--key ed25519:…, or [trust] runners in environments/gate.toml"
        raise AskedWrongly("no key is named that should have signed it", hint=hint)
    try:
        found = tuple(_verified(file.read_bytes(), keys))
        for one in found:
            _about(one, artifacts)
        if builder:
            _made_by(found, builder)
    except OSError as error:
        raise AskedWrongly(f"can't read {file}: {error.strerror}", place=Place(file=str(file))) from error
    except NotTrusted as error:
        hint = "don't use it; fetch it again from whoever signed it, and ask for their key"
        raise CouldNotTell(f"{file} can't be believed: {error}", place=Place(file=str(file)), hint=hint) from error
    return found


def _verified(body: bytes, keys: tuple[str, ...]) -> Iterator[Verified]:
    for one in read_statements(body, keys):
        yield Verified(kind=one["predicateType"], subjects=subjects_of(one), predicate=one["predicate"])


def _about(one: Verified, artifacts: tuple[Subject, ...]) -> None:
    digests = {(each.algorithm, each.digest) for each in one.subjects}
    for artifact in artifacts:
        if (artifact.algorithm, artifact.digest) not in digests:
            raise NotTrusted(f"its statement is not about {artifact.name} ({artifact.digest[:12]}…)")


def _made_by(found: tuple[Verified, ...], builder: str) -> None:
    """Every statement that names its maker names this one, and at least one does."""
    makers = {maker for one in found if (maker := _maker(one)) is not None}
    if makers != {builder}:
        said = ", ".join(sorted(makers)) or "nobody named"
        raise NotTrusted(f"it was made by {said}, not by {builder}")


def _maker(one: Verified) -> str | None:
    verifier = one.predicate.get("verifier")
    said = verifier.get("id") if isinstance(verifier, dict) else one.predicate.get("builder")
    return None if said is None else str(said).rpartition(":")[2]


def _statements(
    host: Host, root: Path, plan: Plan, record: Record, digests: tuple[str, str], key: Ed25519PrivateKey
) -> bytes:
    release = plan.release
    declared = read_declared(root, release.name) if release and release.nonce else None
    is_ours = declared is not None and release is not None and declared[0].nonce == release.nonce
    claim = RunClaim(
        run=plan.run,
        tier=plan.tier,
        plan_sha256=digests[0],
        record_sha256=digests[1],
        release=release.name if release else "",
        nonce=release.nonce if release else "",
        builder=host.environ.get(BUILDER, ""),
        signed_ms=host.now_ms(),
    )
    return run_statements(plan, record, claim, declared[0] if declared and is_ours else None, key)


def _written(target: Path, body: bytes) -> Path:
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(body)
        part.replace(target)
    except OSError as error:
        raise CouldNotTell(f"could not write {target}: {error.strerror}", place=Place(file=str(target))) from error
    return target
