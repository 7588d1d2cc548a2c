"""Every rule by a pair of its own: what it says is approved, and nothing is said of what stayed."""

import copy
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.change import Change, Weight
from harness.rules.contract_changes import changes
from tests.unit.rules.contract_changes.pairs import PAIRS, document, pair

APPROVED = Path(__file__).with_name("approved.txt")
ONE_WAY = {f"{what} is deprecated" for what in ("an operation", "a parameter", "a property")} | {
    "a header becomes optional"  # that it is always there from now on changes nothing for who reads it
}
QUIET = {"words alone", "what only answers carry is gone", "a header's name in other letters"}


def told(name: str, found: tuple[Change, ...]) -> str:
    lines = [
        f"  {one.weight:<8} {one.rule}: {' '.join(filter(None, (one.operation, one.place)))}: {one.said}"
        for one in found
    ]
    ways = [f"           → {one.way}" for one in found if one.way]
    return "\n".join([name, *lines, *ways])


def test_what_is_told_of_each_pair_is_approved() -> None:
    text = "\n".join(told(name, changes(*pair(name))) for name in PAIRS) + "\n"
    if os.environ.get("APPROVE"):
        APPROVED.write_text(text)
    assert text == APPROVED.read_text()


def test_there_are_pairs_enough_and_of_every_weight() -> None:
    assert len(PAIRS) >= 60
    weights = [one.weight for name in PAIRS for one in changes(*pair(name))]
    assert all(weights.count(weight) >= 10 for weight in Weight)


@pytest.mark.parametrize("name", sorted(set(PAIRS) - QUIET))
def test_each_pair_is_seen_and_backwards_too(name: str) -> None:
    old, new = pair(name)
    assert changes(old, new)
    if name not in ONE_WAY:
        assert changes(new, old)


@pytest.mark.parametrize("name", sorted(QUIET))
def test_what_no_consumer_sees_is_no_change(name: str) -> None:
    assert changes(*pair(name)) == ()


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_a_contract_has_not_changed_against_itself(name: str) -> None:
    _, new = pair(name)
    assert changes(new, copy.deepcopy(new)) == ()


@given(st.lists(st.sampled_from(sorted(set(PAIRS) - {"a path's parameter has another name"})), max_size=4, unique=True))
def test_several_changes_at_once_never_break_the_comparison(names: list[str]) -> None:
    new = document()
    for name in names:
        try:
            PAIRS[name](new)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took away what this one is about
    found = changes(document(), new)
    assert list(found) == sorted(found, key=lambda one: tuple(Weight).index(one.weight))


@pytest.mark.parametrize(
    "paths", [None, [], "x", {"/a": None}, {"/a": {"get": "no"}}, {"/a": {"get": {"responses": 7}}}]
)
def test_a_document_of_another_shape_is_compared_without_a_crash(paths: object) -> None:
    changes({"paths": paths}, document())
    changes(document(), {"paths": paths})
