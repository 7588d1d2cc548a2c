"""Asking the gate: gather policy, declaration, evidence and sign-offs, then decide.

Everything that is laid before the gate is read here; the decision itself is a pure function of it
(`harness.rules.gating`). What can't be read becomes a doubt, never a gap.
"""

from collections.abc import Iterable
from pathlib import Path

from harness.actions.acceptances import Signed, Trust, bundle_at, bundle_in
from harness.adapters.exhibits import exhibits_in
from harness.adapters.host import Host
from harness.adapters.portal import Portal
from harness.adapters.releases import file_of, read_declared, runs_noted
from harness.adapters.run_directory import DRAFTS, RUNS
from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, Place
from harness.formats.criteria_toml import read_criteria
from harness.formats.documents import digest
from harness.formats.dsse import NotTrusted
from harness.formats.gate_toml import POLICY_FILE, entrance_to, read_gate
from harness.model.criteria import Criterion
from harness.model.gate import Case, Exhibit, GatePolicy, Ruling, Unreadable
from harness.rules.gating import gate

_CRITERIA = "uat/criteria.toml"


def rule_on(
    host: Host,
    root: Path,
    release: str,
    to: str,
    *,
    evidence: tuple[Path, ...] = (),
    signoffs: Path | Portal | None = None,
    anchors: tuple[bytes, ...] = (),
) -> Ruling:
    """The gate's ruling; AskedWrongly where there is no policy, no such tier, or a named file is not there."""
    return gate(case_for(host, root, release, to, evidence=evidence, signoffs=signoffs, anchors=anchors))


def case_for(
    host: Host,
    root: Path,
    release: str,
    to: str,
    *,
    evidence: tuple[Path, ...] = (),
    signoffs: Path | Portal | None = None,
    anchors: tuple[bytes, ...] = (),
) -> Case:
    """Everything that the gate decides from. Without `evidence`: the workspace's own runs and drafts.

    `anchors` are checkpoints of the portal's log that were kept outside of it.
    """
    sources: dict[str, str] = {}
    policy = policy_of(root, sources)
    entrance_to(policy, to)
    criteria = criteria_of(root, sources)
    found = read_declared(root, release)
    laid = laid_before(root, policy, evidence)
    if isinstance(signoffs, Portal):
        trust = trust_of(policy, anchors)
        signed, trouble = bundle_at(signoffs, release, found[0].nonce if found else "", trust)
    else:
        file, named = signoffs or default_bundle(root, release), signoffs is not None
        signed, trouble = bundle_from(file, policy, named=named, anchors=anchors)
    return Case(
        release=release,
        to=to,
        now_ms=host.now_ms(),
        policy=policy,
        declared=found[0] if found else None,
        declared_sha256=found[1] if found else "",
        sources=tuple(sorted(sources.items())),
        noted=runs_noted(root, release),
        exhibits=tuple(one for one in laid if isinstance(one, Exhibit)),
        unreadable=tuple(one for one in laid if isinstance(one, Unreadable)),
        criteria=criteria,
        bundle=signed.bundle if signed else None,
        bundle_trouble=trouble,
        packages=signed.packages if signed else (),
    )


def laid_before(root: Path, policy: GatePolicy, evidence: tuple[Path, ...] = ()) -> tuple[Exhibit | Unreadable, ...]:
    """Every run that the gate looks at; without `evidence` the workspace's own runs and drafts."""
    places = evidence or tuple(root / name for name in (RUNS, DRAFTS) if (root / name).is_dir())
    return tuple(one for place in places for one in _laid(place, policy.runner_keys))


def pinned_runners(root: Path) -> tuple[str, ...]:
    """The keys of runners that the policy names; none where there is no policy."""
    return policy_of(root, {}).runner_keys if (root / POLICY_FILE).is_file() else ()


def pinned_passkeys(root: Path) -> tuple[str, ...]:
    """The passkeys that alone may sign, by the policy; none where it names none."""
    return policy_of(root, {}).passkeys if (root / POLICY_FILE).is_file() else ()


def pinned_portals(root: Path) -> tuple[str, ...]:
    """The keys of portals that the policy names; none where there is no policy."""
    return policy_of(root, {}).portal_keys if (root / POLICY_FILE).is_file() else ()


def policy_of(root: Path, sources: dict[str, str]) -> GatePolicy:
    file = root / POLICY_FILE
    try:
        body = file.read_bytes()
    except OSError as error:
        hint = 'begin with: [to.preprod] needs.test = { suites = ["contract"], max-age = "24 h" }'
        raise AskedWrongly(
            f"can't read the gate's policy: {error.strerror}", place=Place(file=POLICY_FILE), hint=hint
        ) from error
    sources[POLICY_FILE] = digest(body)
    return read_gate(body, tier_names(root))


def criteria_of(root: Path, sources: dict[str, str]) -> tuple[Criterion, ...]:
    file = root / _CRITERIA
    if not file.is_file():
        return ()
    body = file.read_bytes()
    sources[_CRITERIA] = digest(body)
    return tuple(read_criteria(body, _CRITERIA))


def _laid(place: Path, keys: tuple[str, ...]) -> Iterable[Exhibit | Unreadable]:
    if not place.exists():
        return (Unreadable(source=str(place), why="it is not there"),)
    return exhibits_in(place, keys)


def default_bundle(root: Path, release: str) -> Path:
    return file_of(root, release).with_suffix(".sign-offs.json")


def trust_of(policy: GatePolicy, anchors: tuple[bytes, ...] = ()) -> Trust:
    """What a policy believes of people's signatures."""
    return Trust(keys=policy.portal_keys, anchors=anchors, passkeys=policy.passkeys)


def bundle_from(
    file: Path, policy: GatePolicy, *, named: bool, anchors: tuple[bytes, ...] = ()
) -> tuple[Signed | None, str]:
    """(sign-offs, why they can't be believed); neither where there is none and none was named."""
    try:
        return bundle_in(file.read_bytes(), trust_of(policy, anchors)), ""
    except FileNotFoundError:
        return None, f"{file} is not there" if named else ""
    except OSError as error:
        return None, f"{file}: {error.strerror}"
    except NotTrusted as error:
        return None, str(error)
