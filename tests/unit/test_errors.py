"""Errors people can mend: every problem, its place and the status the process ends with."""

import pytest

from harness.errors import AskedWrongly, CouldNotTell, Exit, HarnessError, Place, Problem


def test_the_statuses_are_those_that_the_manual_prints():
    assert {status.name: int(status) for status in Exit} == {
        "PASSED": 0,
        "FAILED": 1,
        "ASKED_WRONGLY": 2,
        "UNDECIDED": 3,
        "BUG": 70,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(("kind", "status"), [(HarnessError, 2), (AskedWrongly, 2), (CouldNotTell, 3)])
def test_each_kind_of_error_has_its_status(kind, status):
    assert kind("x").exit == status
    assert kind.of([Problem(message="x")]).exit == status


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place(file="a.toml"), "a.toml"),
        (Place(file="a.toml", line=3), "a.toml:3"),
        (Place(file="a.toml", line=3, column=7), "a.toml:3:7"),
    ],
)
def test_a_place_reads_as_editors_take_it(place, shown):
    assert str(place) == shown


def test_one_error_carries_every_problem():
    problems = (Problem(message="one", place=Place(file="a")), Problem(message="two", hint="mend it"))
    error = AskedWrongly.of(iter(problems))
    assert error.problems == problems
    assert str(error) == "one; two"
    assert isinstance(error, AskedWrongly)


def test_an_error_is_one_problem_with_its_way_out():
    error = CouldNotTell("no disk", place=Place(file="x"), hint="make room")
    assert error.problems == (Problem(message="no disk", place=Place(file="x"), hint="make room"),)
