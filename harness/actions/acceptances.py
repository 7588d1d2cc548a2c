"""What people signed, from wherever it comes: a portal, a bundle that was kept, or the gate's single document.

From a portal only the whole bundle counts, whose every signature is checked here: the portal's own word that
somebody signed is not enough.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from harness.adapters.portal import Portal
from harness.errors import AskedWrongly, CouldNotTell, HarnessError, Place
from harness.formats.acceptance_checking import Checked, check_acceptance, is_acceptance
from harness.formats.acceptance_standing import packages_seen
from harness.formats.bundle import read_bundle
from harness.formats.dsse import NotTrusted
from harness.formats.log_checking import anchors_in, check_log, read_log
from harness.formats.plain_zip import read_zip
from harness.model.gate import PackageSeen
from harness.model.ledger import Checkpoint
from harness.model.signoff import Bundle, Grade

_UNPROVED = Grade.PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Sign-offs that are believed, with the packages that they are about where a whole bundle shows them."""

    bundle: Bundle
    packages: tuple[PackageSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What sign-offs are held against: the portal's keys, checkpoints kept outside, passkeys that alone may sign."""

    keys: tuple[str, ...]
    anchors: tuple[bytes, ...] = ()
    passkeys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A log that holds."""

    checkpoint: Checkpoint
    anchored: int


def bundle_at(portal: Portal, release: str, nonce: str, trust: Trust) -> tuple[Signed | None, str]:
    """(sign-offs, why they can't be believed): fetched whole and checked whole; unreachable is a reason too."""
    try:
        body = portal.signoffs(release, nonce)
        if not is_acceptance(body):
            return None, "the portal sent no whole bundle, so nothing in it can be checked"
        return _whole(body, trust), ""
    except NotTrusted as error:
        return None, str(error)
    except HarnessError as error:
        return None, error.problems[0].message


def bundle_in(body: bytes, trust: Trust) -> Signed:
    """Sign-offs from a file: a whole bundle, checked whole, or the gate's single document; NotTrusted otherwise.

    A single document holds no signature of a person: whatever it says of the grade, it is the portal's word alone.
    """
    if is_acceptance(body):
        return _whole(body, trust)
    if trust.anchors:
        raise NotTrusted("it is no whole bundle, so it shows no log to hold against the checkpoints")
    if trust.passkeys:
        raise NotTrusted("it is no whole bundle, so it shows no passkey, and the policy names those that may sign")
    bundle = read_bundle(body, trust.keys)
    return Signed(bundle=replace(bundle, signoffs=tuple(replace(one, grade=_UNPROVED) for one in bundle.signoffs)))


def _whole(body: bytes, trust: Trust) -> Signed:
    found = check_acceptance(body, trust.keys, trust.anchors, trust.passkeys)
    return Signed(bundle=found.bundle, packages=packages_seen(found))


def kept_checkpoints(file: Path) -> tuple[bytes, ...]:
    """What a witness kept of the portal's log; AskedWrongly where there is nothing in it."""
    anchors = anchors_in(_read(file))
    if not anchors:
        raise AskedWrongly(f"there is no checkpoint in {file}", place=Place(file=str(file)))
    return anchors


def verified(
    file: Path, keys: tuple[str, ...], checkpoints: Path | None, passkeys: tuple[str, ...] = ()
) -> Checked | Whole:
    """A bundle or a log export that holds; CouldNotTell naming what does not."""
    if not keys:
        hint = "--key ed25519:…, or [trust] portal in environments/gate.toml; never the one inside the file"
        raise AskedWrongly("no portal's key is named", hint=hint)
    body = _read(file)
    try:
        anchors = kept_checkpoints(checkpoints) if checkpoints is not None else ()
        if "entries.ndjson" not in read_zip(body):
            return check_acceptance(body, keys, anchors, passkeys)
        log = read_log(body)
        point, entries = check_log(log, keys, anchors)
    except NotTrusted as error:
        hint = "don't use it; fetch it again, and ask the auditor"
        raise CouldNotTell(f"{file} can't be believed: {error}", place=Place(file=str(file)), hint=hint) from error
    if len(entries) != point.size:
        raise CouldNotTell(f"{file} lacks entries", place=Place(file=str(file)))
    return Whole(checkpoint=point, anchored=max((_size(one) for one in anchors), default=0))


def _size(note: bytes) -> int:
    return int(note.split(b"\n")[1])


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AskedWrongly(f"can't read {file}: {error.strerror}", place=Place(file=str(file))) from error
