"""Mock debt: which share of what a run decided rests on mocks.

A result rests on a mock that was called while its check was under way. Where times are not known, or several
checks were under way at once, it counts as resting: debt is never told smaller than it may be.
"""

from dataclasses import dataclass

from harness.model.evidence import Outcome, Record, Seen, StoodIn
from harness.model.tier import Suite

_DECIDED = frozenset({Outcome.PASSED, Outcome.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MockDebt:
    """Of `decided` results, `resting` rest on the mocks that `stood_in`."""

    resting: int
    decided: int
    stood_in: tuple[StoodIn, ...]

    @property
    def percent(self) -> int:
        """The share, rounded up: one in a thousand is not none."""
        return -(-100 * self.resting // self.decided) if self.decided else 0


def mock_debt(record: Record) -> MockDebt | None:
    """The debt of a run; None where no mock stood in."""
    if not record.stood_in:
        return None
    suites = {job.job: job.suite for job in record.jobs}
    last = {one.check: one for one in record.seen}.values()
    decided = [one for one in last if one.outcome in _DECIDED and suites.get(one.job) is not Suite.MOCK]
    spans = [span for one in record.stood_in for span in one.called]
    resting = sum(_rests(_time(one, record), spans) for one in decided)
    return MockDebt(resting=resting, decided=len(decided), stood_in=record.stood_in)


def _time(seen: Seen, record: Record) -> tuple[int, int]:
    """When a check was under way: by its own word, else its job's, else the whole run."""
    if seen.started_ms and seen.ended_ms:
        return seen.started_ms, seen.ended_ms
    job = next((one for one in record.jobs if one.job == seen.job), None)
    return (job.started_ms, job.ended_ms) if job is not None else (record.started_ms, record.ended_ms)


def _rests(time: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(first <= time[1] and last >= time[0] for first, last in spans)
