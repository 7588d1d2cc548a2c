"""What is promised is swapped between declaring, sealing, testing and signing: at no moment does it get through."""

import pytest

from harness.model.evidence import Code, Reason
from harness.model.gate import GateCode
from harness.model.verdict import Decision
from tests.adapters.test_gate import proof

EASIER = {
    "contracts/hub.yaml": ('"200": {description: ok}', "default: {description: ok}"),
    "uat/criteria.toml": ("I see my things.", "I see something."),
    "uat/test_hub.py": ("page.goto('/')", "pass"),
    "environments/gate.toml": ('max-age = "24 h"', 'max-age = "48 h"'),
}
MOMENTS = (
    "declared, not yet sealed",
    "sealed, not yet closed",
    "tested, not yet signed",
    "signed, not yet asked",
    "for the test alone, and back",
)


def swap(world, name, *, back=False):
    old, new = EASIER[name]
    proof.edit(world.path(name), *((new, old) if back else (old, new)))


def asked_after(world, name, moment):
    """The release goes its whole way; at that moment the file is swapped."""
    if moment in {MOMENTS[0], MOMENTS[4]}:
        swap(world, name)
    proof.again(world, change=lambda record: _closed(world, record, name) if moment == MOMENTS[1] else record)
    if moment in {MOMENTS[2], MOMENTS[4]}:
        swap(world, name, back=moment == MOMENTS[4])
    proof.signed(world)
    if moment == MOMENTS[3]:
        swap(world, name)
    return world.ruling()


def _closed(world, record, name):
    """As `harness run` closes: files of the plan that were written meanwhile are a problem of the run."""
    swap(world, name)
    promised = name.startswith(("contracts/", "uat/"))
    problem = Reason.of(Code.FILES_CHANGED, file=name)
    return proof.replace(record, problems=(problem,)) if promised else record


def decides(name, moment):
    """Whether that promise was then other than the one that was declared, or than the one that the gate reads.

    What only a run reads can be edited once it has ended: what was promised was kept. The policy is read by the gate.
    """
    if moment == MOMENTS[4]:
        return name != "environments/gate.toml"
    return moment in MOMENTS[:2] or name in {"uat/criteria.toml", "environments/gate.toml"}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", EASIER)
def test_no_moment_lets_a_swapped_promise_through(tmp_path, name, moment):
    ruling = asked_after(proof.built(tmp_path), name, moment)
    if decides(name, moment):
        assert ruling.decision is not Decision.PASS, (name, moment)
        codes = {one.reason.code for one in (*ruling.failures, *ruling.doubts)}
        assert codes & {GateCode.SOURCE_CHANGED, GateCode.OTHER_PROMISES, Code.FILES_CHANGED, Code.PLAN_DIFFERS}, codes
    else:
        assert ruling.decision is Decision.PASS, "what was promised when it ran was kept: later edits need a later run"


def test_control_the_same_way_without_a_swap_passes(tmp_path):
    assert asked_after(proof.built(tmp_path), "", "never").decision is Decision.PASS
