"""What another policy would have said of the releases that were declared here, beside what the present one says.

Every tier that one of the two guards is looked at: where a policy stops guarding, that is said. Each release is judged
as of the moment at which the last thing about it was there: the end of its last run, or the export of its sign-offs.
Its own promises count, so that a file that was edited since says nothing against it. Nothing is written.
"""

from dataclasses import dataclass
from pathlib import Path

from harness.actions.gating import bundle_from, criteria_of, default_bundle, laid_before, policy_of
from harness.adapters.releases import declared_names, read_declared, runs_noted
from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, Place
from harness.formats.gate_toml import entrance_to, read_gate
from harness.model.criteria import Criterion
from harness.model.gate import Case, Exhibit, GatePolicy, Replayed, Ruling, Unreadable
from harness.model.release import Declared
from harness.rules.gating import gate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A policy with what it lets the gate see."""

    root: Path
    policy: GatePolicy
    laid: tuple[Exhibit | Unreadable, ...]
    criteria: tuple[Criterion, ...]


def backtest(
    root: Path, file: Path, *, to: str | None = None, last: int = 20, evidence: tuple[Path, ...] = ()
) -> tuple[Replayed, ...]:
    """The last so many releases, oldest first, under `file` beside the present policy."""
    try:
        body = file.read_bytes()
    except OSError as error:
        place, hint = Place(file=str(file)), "copy environments/gate.toml, and change the copy"
        raise AskedWrongly(f"can't read the policy: {error.strerror}", place=place, hint=hint) from error
    new, old = read_gate(body, tier_names(root), str(file)), policy_of(root, {})
    laid = laid_before(root, old, evidence)
    criteria = criteria_of(root, {})
    before = _Asked(root=root, policy=old, laid=laid, criteria=criteria)
    seen = laid if new.runner_keys == old.runner_keys else laid_before(root, new, evidence)
    after = _Asked(root=root, policy=new, laid=seen, criteria=criteria)
    guarded, would = ({one.to: one for one in policy.entrances} for policy in (old, new))
    tiers = (to if to in guarded else entrance_to(new, to).to,) if to else tuple(would | guarded)
    return tuple(
        Replayed(
            release=declared.name,
            to=tier,
            before=_ruling(before, declared, sha256, tier) if tier in guarded else None,
            after=_ruling(after, declared, sha256, tier) if tier in would else None,
        )
        for declared, sha256 in _declared(root)[-last:]
        for tier in tiers
    )


def _declared(root: Path) -> list[tuple[Declared, str]]:
    found = [one for name in declared_names(root) if (one := read_declared(root, name)) is not None]
    return sorted(found, key=lambda one: (one[0].declared_ms, one[0].name))


def _ruling(asked: _Asked, declared: Declared, sha256: str, to: str) -> Ruling:
    exhibits = tuple(one for one in asked.laid if isinstance(one, Exhibit))
    signed, trouble = bundle_from(default_bundle(asked.root, declared.name), asked.policy, named=False)
    ends = [one.record.ended_ms for one in exhibits if one.record is not None and _is_of(one, declared)]
    exported = [signed.bundle.exported_ms] if signed else []
    case = Case(
        release=declared.name,
        to=to,
        now_ms=max((declared.declared_ms, *ends, *exported)),
        policy=asked.policy,
        declared=declared,
        declared_sha256=sha256,
        noted=runs_noted(asked.root, declared.name),
        exhibits=exhibits,
        unreadable=tuple(one for one in asked.laid if isinstance(one, Unreadable)),
        criteria=asked.criteria,
        bundle=signed.bundle if signed else None,
        bundle_trouble=trouble,
        packages=signed.packages if signed else (),
    )
    return gate(case)


def _is_of(exhibit: Exhibit, declared: Declared) -> bool:
    return exhibit.plan.release is not None and exhibit.plan.release.nonce == declared.nonce
