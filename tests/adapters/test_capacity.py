"""A search for capacity stays within everything that the tier's policy says of load."""

from dataclasses import replace

import pytest

from harness.actions.capacity import _asked
from harness.errors import AskedWrongly
from harness.model.capacity import Search
from harness.model.load import Bounds
from harness.model.plan import Job
from harness.model.tier import LoadCap
from tests.unit.runners.test_capacity import JOB

SEARCH = Search(from_per_s=10, to_per_s=5000, step_s=10)


def bounded(job: Job) -> tuple[float, int | None]:
    return job.work.search.to_per_s, job.work.bounds.users


@pytest.mark.parametrize(
    ("bounds", "cap", "expected"),
    [
        (Bounds(), LoadCap(), (5000, None)),
        (Bounds(), LoadCap(rate_per_s=100), (100, None)),
        (Bounds(rate_per_s=50), LoadCap(rate_per_s=100), (50, None)),
        (Bounds(users=8), LoadCap(users=5), (5000, 5)),
    ],
)
def test_the_lowest_cap_holds(bounds, cap, expected):
    job = replace(JOB, work=replace(JOB.work, bounds=bounds))
    assert bounded(_asked(job, SEARCH, cap)) == expected


@pytest.mark.parametrize(
    ("cap", "said"), [(LoadCap(rate_per_s=5), "would begin at"), (LoadCap(for_s=30), "bears load for 30 s")]
)
def test_a_search_that_the_tier_does_not_bear_is_refused(cap, said):
    with pytest.raises(AskedWrongly, match=said):
        _asked(JOB, SEARCH, cap)
