"""The search ends at the truth, within a tenth; the law's figures come back from data made with them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.capacity import Search, Step
from harness.rules.capacity import bend_of, capacity_of, most_steps, next_rate


def searched(search: Search, truth: float) -> list[Step]:
    steps: list[Step] = []
    while (rate := next_rate(search, steps)) is not None:
        steps.append(Step(rate_per_s=rate, held=rate <= truth))
    return steps


@given(st.floats(10, 100_000), st.floats(1, 10))
def test_the_answer_is_below_the_truth_and_near_it(truth, start):
    found = capacity_of(searched(Search(from_per_s=start, to_per_s=1e9, step_s=1), truth))
    assert found.held_per_s <= truth < found.broke_per_s
    assert found.broke_per_s / found.held_per_s <= 1.3


def test_a_system_that_takes_everything_is_tried_up_to_the_top_and_no_further():
    steps = searched(Search(from_per_s=10, to_per_s=300, step_s=1), 1e9)
    assert [one.rate_per_s for one in steps] == [10, 20, 40, 80, 160, 300]
    assert capacity_of(steps).broke_per_s is None


def test_a_system_that_breaks_at_once_has_no_capacity():
    steps = searched(Search(from_per_s=10, to_per_s=300, step_s=1), 5)
    assert [one.rate_per_s for one in steps] == [10]
    assert capacity_of(steps).held_per_s is None


def test_where_nobody_can_tell_the_search_ends():
    steps = [Step(rate_per_s=10, held=True), Step(rate_per_s=20, held=None, why="the generator was the limit")]
    assert next_rate(Search(from_per_s=10, to_per_s=300, step_s=1), steps) is None
    assert capacity_of(steps).held_per_s == 10


def test_what_held_above_what_broke_does_not_count():
    steps = [Step(rate_per_s=40, held=True), Step(rate_per_s=20, held=False), Step(rate_per_s=10, held=True)]
    assert capacity_of(steps).held_per_s == 10


def lawful(one: float, contention: float, coherency: float, users: tuple[float, ...]) -> list[Step]:
    steps = []
    for n in users:
        rate = one * n / (1 + contention * (n - 1) + coherency * n * (n - 1))
        steps.append(Step(rate_per_s=rate, achieved_per_s=rate, mean_ms=n / rate * 1000, held=True))
    return steps


@pytest.mark.parametrize(("one", "contention", "coherency"), [(100, 0.02, 0.0005), (1000, 0.1, 0.001), (20, 0.0, 0.01)])
def test_the_law_is_found_again_in_data_made_by_it(one, contention, coherency):
    bend = bend_of(lawful(one, contention, coherency, (1, 2, 4, 8, 16, 32)))
    assert bend.one_per_s == pytest.approx(one, rel=1e-3)
    assert bend.contention == pytest.approx(contention, abs=1e-4)
    assert bend.coherency == pytest.approx(coherency, rel=1e-2)
    assert bend.at == pytest.approx(math.sqrt((1 - contention) / coherency), rel=1e-2)


def test_a_system_that_scales_for_ever_does_not_bend():
    bend = bend_of(lawful(100, 0.0, 0.0, (1, 2, 4, 8, 16)))
    assert bend is None or bend.peak_per_s is None or bend.peak_per_s > 1e5


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_little_data_says_nothing(count):
    assert bend_of(lawful(100, 0.02, 0.001, (1, 2, 4)[:count])) is None


def test_the_same_point_over_and_over_says_nothing():
    assert bend_of(lawful(100, 0.02, 0.001, (4, 4, 4, 4, 4))) is None


@pytest.mark.parametrize(("start", "top"), [(10, 10), (10, 20), (10, 5000), (1, 1e9)])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.77, 1.0])
def test_a_search_never_takes_more_steps_than_it_says(start, top, share):
    search = Search(from_per_s=start, to_per_s=top, step_s=1)
    assert len(searched(search, start + (top - start) * share)) <= most_steps(search)
