"""The changes that `--why-not` names are enough, and none of them is too much: tried on every way into the table.

Applied in memory to the very case that was refused, with evidence in place of the work; then the gate is asked again.
"""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.actions.gating import case_for
from harness.actions.selftesting import specimen
from harness.adapters.host import Host
from harness.errors import HarnessError
from harness.model.gate import Case
from harness.model.verdict import Decision
from harness.rules.curing import Change, Remedy, changes_for
from harness.rules.gating import gate

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


TRIED = sorted(proof.WAYS)[::2]


def changed(case: Case, good: Case, changes: tuple[Change, ...]) -> Case:
    """The case after somebody did all of that; `good` is what a release looks like that passes."""
    for change in changes:
        if case.declared is None and change.remedy is not Remedy.DECLARE:
            continue  # nothing can be run, signed or exported for what was never declared
        match change.remedy:
            case Remedy.DECLARE:
                named = replace(good.declared, name=case.release)
                case = replace(
                    case,
                    declared=named,
                    declared_sha256=good.declared_sha256,
                    sources=good.sources,
                    criteria=good.criteria,
                )
            case Remedy.RUN:
                case = replace(case, now_ms=max(case.now_ms, good.now_ms))
                case = replace(case, exhibits=(*case.exhibits, *_run(case, good, change.target)))
            case Remedy.FETCH:
                left = tuple(one for one in case.unreadable if one.source != change.target)
                case = replace(case, unreadable=left)
            case Remedy.EXPORT:
                case = replace(case, bundle=_exported(case, good, changes), bundle_trouble="")
            case Remedy.CLOCK:
                case = replace(case, now_ms=good.now_ms)
            case Remedy.MEND | Remedy.SIGN:
                pass  # what is mended is seen in the next run, what is signed in the next export
    return case


def _run(case, good, tier):
    declared = case.declared
    release = replace(
        good.exhibits[0].plan.release, name=case.release, nonce=declared.nonce, sha256=case.declared_sha256
    )
    for one in good.exhibits:
        if one.plan.tier == tier:
            record = replace(one.record, started_ms=case.now_ms, ended_ms=case.now_ms)
            yield replace(one, plan=replace(one.plan, release=release), record=record)


def _exported(case, good, changes):
    """What the portal holds of this declaration, and what is signed now where somebody was asked to."""
    asked = any(one.remedy is Remedy.SIGN for one in changes)
    declared = case.declared
    number = max((one.number for one in case.bundle.signoffs), default=0) + 1 if case.bundle else 1
    fresh = tuple(
        replace(
            one,
            release=case.release,
            nonce=declared.nonce,
            number=number,
            person="ann",
            role="desk",
            signed_ms=case.now_ms,
        )
        for one in good.bundle.signoffs
    )
    is_ours = case.bundle is not None and case.bundle.nonce == declared.nonce
    anew = declared.nonce == good.declared.nonce  # then the portal holds nothing of it yet
    kept = case.bundle.signoffs if is_ours else () if anew else fresh
    return replace(
        good.bundle,
        release=case.release,
        nonce=declared.nonce,
        exported_ms=case.now_ms,
        signoffs=(*kept, *(fresh if asked else ())),
    )


def refused(name, folder):
    world = proof.built(folder)
    proof.WAYS[name][0](world)
    try:
        case = case_for(world.host, world.root, world.release, "prod", evidence=world.evidence)
        good = specimen(Host(), world.root, "prod")
    except HarnessError:
        return None
    return case, good


@pytest.mark.parametrize("name", TRIED)
def test_the_changes_that_are_named_open_the_gate(name, tmp_path):
    found = refused(name, tmp_path)
    if found is None:
        return  # the workspace itself is refused: there is no ruling to explain
    case, good = found
    ruling = gate(case)
    assert ruling.decision is not Decision.PASS
    after = gate(changed(case, good, changes_for(ruling)))
    causes = [(one.reason.code.value, one.about) for one in (*after.failures, *after.doubts)]
    assert (after.decision, causes) == (Decision.PASS, [])


@pytest.mark.parametrize("name", TRIED)
def test_none_of_the_changes_that_are_named_is_too_much(name, tmp_path):
    found = refused(name, tmp_path)
    if found is None:
        return
    case, good = found
    changes = changes_for(gate(case))
    if any(one.remedy is Remedy.CLOCK for one in changes):
        return  # what was measured by a wrong clock may turn out to be good once the clock is right
    for index, change in enumerate(changes):
        if change.remedy is not Remedy.MEND:  # a mended product shows in the run that follows
            fewer = (*changes[:index], *changes[index + 1 :])
            assert gate(changed(case, good, fewer)).decision is not Decision.PASS, change
