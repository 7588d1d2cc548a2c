"""The portal's proof counts what was done with this very tree, and a control that fails for its own reason alone."""

import importlib.util
import sys
from pathlib import Path

import pytest

PROOF = Path(__file__).resolve().parents[1] / "proofs" / "portal.py"


@pytest.fixture(scope="module")
def proof():
    spec = importlib.util.spec_from_file_location("proof_of_the_portal", PROOF)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def tree(tmp_path):
    for name in ("harness/portal/log.py", "harness/portal/static/sign.js", "tests/live/portal/crowds.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["harness/portal/log.py", "harness/portal/static/sign.js", "tests/proofs/portal.py"]
)
def test_what_was_done_with_another_tree_does_not_count(proof, tree, changed):
    before = proof.tree_digest(tree)
    assert proof.tree_digest(tree) == before, "the control"
    (tree / changed).parent.mkdir(parents=True, exist_ok=True)
    (tree / changed).write_text("two")
    assert proof.tree_digest(tree) != before


@pytest.mark.parametrize(
    ("wanted", "meant", "other"),
    [
        ("LOST", "an acknowledged signature was lost", "a page does not show what was acknowledged"),
        ("SAW_AN_ERROR", "statuses [200, 500]", "statuses [409, 409]"),
        ("SAW_AN_ERROR", "3 of 12 saw an error: (500, '')", "numbers with a gap, or twice"),
    ],
)
def test_a_control_is_good_only_where_what_it_broke_was_noticed(proof, wanted, meant, other):
    wanted = getattr(proof, wanted)
    assert proof.noticed("control", 1, AssertionError(meant), wanted).good
    assert not proof.noticed("control", 1, AssertionError(other), wanted).good
    assert not proof.noticed("control", 1, None, wanted).good
