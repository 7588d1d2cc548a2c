"""Mock debt is never told smaller than it may be, and a run without mocks has none to tell."""

from hypothesis import given
from hypothesis import strategies as st

from harness.model.evidence import Certified, Closed, JobEnd, Outcome, Record, Seen, StoodIn
from harness.model.tier import Suite
from harness.rules.mock_debt import mock_debt


def seen(check: str, *times: int, outcome: Outcome = Outcome.PASSED, job: str = "uat:orders") -> Seen:
    started, ended = times or (0, 0)
    return Seen(check=check, job=job, outcome=outcome, started_ms=started, ended_ms=ended)


def record(*checks: Seen, called: tuple[tuple[int, int], ...] = (), mocked: bool = True) -> Record:
    jobs = [("uat:orders", Suite.UAT), ("mock:erp", Suite.MOCK)]
    ends = tuple(
        JobEnd(job=name, suite=suite, exit_status=0, killed_by=None, timed_out=False, started_ms=1000, ended_ms=2000)
        for name, suite in jobs
    )
    stood = (StoodIn(dependency="erp", certified=Certified.HOLDS, called=called),) if mocked else ()
    return Record(
        run="r", tier="test", plan_sha256="p", started_ms=500, ended_ms=3000, closed=Closed.COMPLETE, jobs=ends,
        seen=checks, stood_in=stood,
    )  # fmt: skip


def share(of: Record) -> tuple[int, int]:
    debt = mock_debt(of)
    assert debt is not None
    return debt.resting, debt.decided


def test_a_check_rests_on_a_mock_that_was_called_while_it_was_under_way() -> None:
    assert share(record(seen("a", 100, 200), seen("b", 300, 400), called=((150, 160),))) == (1, 2)


def test_a_mock_that_nobody_called_carries_nothing() -> None:
    assert share(record(seen("a", 100, 200))) == (0, 1)


def test_without_times_the_jobs_time_counts() -> None:
    assert share(record(seen("a"), called=((1500, 1500),))) == (1, 1)
    assert share(record(seen("a"), called=((2500, 2600),))) == (0, 1)


def test_what_decided_nothing_and_the_mocks_own_checks_do_not_count() -> None:
    undecided = seen("a", 1, 9, outcome=Outcome.BROKEN)
    assert share(record(undecided, seen("m", 1, 9, job="mock:erp"), seen("b", 1, 9), called=((2, 2),))) == (1, 1)


def test_a_check_that_was_tried_twice_counts_once() -> None:
    assert share(record(seen("a", 1, 2), seen("a", 3, 4), called=((1, 1),))) == (0, 1)


def test_a_run_without_mocks_has_no_debt_to_tell() -> None:
    assert mock_debt(record(seen("a", 1, 2), mocked=False)) is None


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_share_is_rounded_up(resting: int, others: int) -> None:
    checks = [seen(f"a{n}", 10, 20) for n in range(resting)] + [seen(f"b{n}", 50, 60) for n in range(others)]
    debt = mock_debt(record(*checks, called=((15, 15),)))
    assert debt is not None
    exact = 100 * resting / (resting + others)
    assert exact <= debt.percent < exact + 1
