"""Bringing a run to the portal: its own bytes, its evidence, and who had a hand in the release.

Asked again it brings what is missing and changes nothing else, so that a broken line costs only the rest.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.authors import commit_authors, script_authors
from harness.adapters.portal import Portal
from harness.adapters.releases import file_of, read_declared
from harness.adapters.run_directory import load_plan, runs
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.documents import digest
from harness.model.acceptance import ActKind
from harness.model.release import Declared

POLICY = "environments/gate.toml"
_SCRIPTS = "uat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What came of it. `unknown`: hands in the release that the repository could not tell."""

    run: str
    release: str
    new: bool
    files: int
    size: int
    authors: int
    unknown: tuple[str, ...] = ()


def publish(
    root: Path,
    path: Path,
    portal: Portal,
    project: str,
    *,
    deployers: tuple[str, ...] = (),
    told: Callable[[str], None],
) -> Brought:
    """Bring one closed run of a declared release; CouldNotTell where a file of it is missing or was changed."""
    plan = load_plan(path)
    if plan.release is None or not plan.release.nonce:
        raise AskedWrongly(
            f"run {plan.run} names no declared release, so nobody could sign it",
            hint="harness release add R, then harness run TIER --release R",
        )
    found = read_declared(root, plan.release.name)
    if found is None or found[0].nonce != plan.release.nonce:
        hint = "run the tier again for the declaration that is valid now"
        raise AskedWrongly(f"run {plan.run} is of another declaration of {plan.release.name}", hint=hint)
    acts, unknown = _acts(root, found[0], deployers)
    publication = {
        "kind": "harness/publication",
        "version": 1,
        "plan": _text(path / "plan.json"),
        "record": _text(path / "record.json"),
        "declared": _text(file_of(root, plan.release.name)),
        "policy_sha256": digest((root / POLICY).read_bytes()) if (root / POLICY).is_file() else "",
        "acts": acts,
    }
    body = json.dumps(publication, ensure_ascii=False).encode()
    new, missing = portal.bring_run(project, body)
    size = 0
    for number, sha256 in enumerate(missing, 1):
        told(f"evidence {number} of {len(missing)}")
        size += _bring(path, portal, sha256)
    if missing and (left := portal.bring_run(project, body)[1]):
        raise CouldNotTell(f"the portal still lacks {len(left)} files", hint="ask again: what is there stays there")
    authors = len({one["person"] for one in acts})
    return Brought(
        run=plan.run,
        release=plan.release.name,
        new=new,
        files=len(missing),
        size=size,
        authors=authors,
        unknown=unknown,
    )


def newest_on(root: Path, tier: str) -> Path:
    """The newest closed run of a tier that names a declared release."""
    for path in reversed(runs(root)):
        plan = load_plan(path)
        if plan.tier == tier and plan.release is not None and plan.release.nonce:
            return path
    raise AskedWrongly(f"no run of a declared release is here for {tier}", hint=f"harness run {tier} --release R")


def _bring(path: Path, portal: Portal, sha256: str) -> int:
    if not (len(sha256) == 64 and sha256.isalnum() and sha256.isascii()):
        raise CouldNotTell("the portal asks for a file that can't be one", hint="is that address a portal?")
    file = path / "evidence" / sha256
    try:
        body = file.read_bytes()
    except OSError as error:
        raise CouldNotTell(
            f"evidence {sha256[:12]} is not here: {error.strerror}", place=Place(file=str(file))
        ) from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise CouldNotTell(f"evidence {sha256[:12]} was changed since the run", place=Place(file=str(file)))
    portal.bring_evidence(sha256, body)
    return len(body)


def _acts(root: Path, declared: Declared, deployers: tuple[str, ...]) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    wrote = commit_authors(root, declared.commit)
    scripted = script_authors(root, declared.commit, _SCRIPTS)
    found = (
        (ActKind.COMMIT_AUTHOR, wrote, f"commits up to {declared.commit[:12] or 'HEAD'}"),
        (ActKind.SCRIPT_AUTHOR, scripted, f"{_SCRIPTS}/"),
        (ActKind.DEPLOYER, deployers or None, "named when the run was published"),
    )
    acts = [
        {"kind": kind.value, "person": person, "about": about}
        for kind, people, about in found
        for person in people or ()
    ]
    return acts, tuple(kind.value for kind, people, _ in found if people is None)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError as error:
        hint = "only a run that was closed can be published"
        raise AskedWrongly(f"{file.name} is not there", place=Place(file=str(file)), hint=hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotTell(f"{file} can't be read: {error}", place=Place(file=str(file))) from error
