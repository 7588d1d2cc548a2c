"""A limit is held against what was measured, and against nothing else."""

import pytest

from harness.formats.limit_sentences import read_limit
from harness.model.figures import Figures, GaugeFigures, OperationFigures
from harness.rules.histogram import bucket_of
from harness.rules.limits import all_together, holds, measured

CREATE = OperationFigures(
    name="createOrder",
    answered=99,
    failed=1,
    errors={"timeout": 1},
    response_us={bucket_of(100_000): 95, bucket_of(900_000): 5},
    max_us=900_000,
    sum_us=95 * 100_000 + 5 * 900_000,
)
LIST = OperationFigures(name="listOrders", answered=100, response_us={bucket_of(10_000): 100}, max_us=10_000)
FIGURES = Figures(closed=True, window_s=10, arrivals=200, begun=198, dropped=2, operations=(CREATE, LIST))


@pytest.mark.parametrize(
    ("subject", "measure", "value"),
    [
        ("createOrder", "p95", 100),
        ("createOrder", "p99", 900),
        ("createOrder", "max", 900),
        ("createOrder", "mean", 140),
        ("createOrder", "errors", 0.01),
        ("createOrder", "rate", 9.9),
        ("all", "p50", 10),
        ("all", "p99", 900),
        ("all", "errors", 0.005),
        ("all", "requests", 200),
        ("all", "rate", 19.9),
        ("all", "dropped", 2),
    ],
)
def test_each_measure_is_taken_from_the_figures(subject, measure, value):
    assert measured(FIGURES, subject, measure) == pytest.approx(value, rel=0.002)


@pytest.mark.parametrize("measure", ["p95", "max", "mean", "errors", "rate", "requests"])
def test_what_never_was_asked_for_has_no_measure(measure):
    assert measured(FIGURES, "cancelOrder", measure) is None
    assert measured(Figures(closed=True, window_s=10), "all", measure) is None


def test_where_every_request_failed_there_are_errors_and_no_times():
    failed = Figures(closed=True, operations=(OperationFigures(name="a", failed=5, errors={"status 500": 5}),))
    assert measured(failed, "all", "errors") == 1
    assert measured(failed, "all", "p95") is None


def test_a_fixed_number_of_users_drops_nothing_because_nothing_arrives():
    assert measured(Figures(closed=True, operations=(LIST,)), "all", "dropped") is None


def test_no_arrivals_are_not_zero_dropped_ones():
    assert measured(Figures(closed=True, arrivals=0, dropped=0), "all", "dropped") is None


@pytest.mark.parametrize(
    ("text", "value", "kept"),
    [
        ("p95 < 300 ms", 299.9, True),
        ("p95 < 300 ms", 300, False),
        ("p95 <= 300 ms", 300, True),
        ("rate > 1000 /s", 1000, False),
        ("rate >= 1000 /s", 1000, True),
        ("dropped = 0", 0, True),
        ("dropped = 0", 1, False),
    ],
)
def test_a_limit_is_kept_or_broken(text, value, kept):
    assert holds(read_limit("all", text), value) is kept


def gauge(*values):
    readings = tuple((float(at), float(value)) for at, value in enumerate(values))
    return Figures(closed=True, gauges=(GaugeFigures(name="memory", readings=readings),))


def test_growth_is_between_the_ends_and_one_odd_reading_is_none():
    assert measured(gauge(10, 10, 10, 20, 30, 40, 40, 40), "memory", "growth") == 30
    assert measured(gauge(10, 10, 10, 10, 10, 10, 10, 99), "memory", "growth") == 0
    assert measured(gauge(10, 20, 30, 20, 10), "memory", "max") == 30
    assert measured(gauge(10, 20, 30, 20, 10), "memory", "last") == 10


def test_a_few_readings_prove_nothing():
    assert measured(gauge(10, 20, 30, 40), "memory", "growth") is None
    assert measured(FIGURES, "memory", "growth") is None


def test_all_is_the_sum_of_its_parts():
    total = all_together(FIGURES.operations)
    assert (total.answered, total.failed, total.errors) == (199, 1, {"timeout": 1})
    assert sum(total.response_us.values()) == 200
