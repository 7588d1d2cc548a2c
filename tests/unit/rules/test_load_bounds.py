"""A tier is loaded as far as its policy grants, and a guarded one not at all without a grant."""

import pytest

from harness.model.load import Bounds, ClosedModel, OpenModel, Profile, Stage
from harness.model.tier import Policy
from harness.rules.load_bounds import bounds_of, refusal

OPEN = Profile(
    name="peak", model=OpenModel(stages=(Stage(rate_per_s=20, for_s=5, from_per_s=80), Stage(rate_per_s=50, for_s=5)))
)
CLOSED = Profile(name="desk", model=ClosedModel(users=50, ramp_per_s=5, for_s=60))


@pytest.mark.parametrize(
    "policy", [Policy(confirm=True), Policy(methods=("GET",)), Policy(methods=("GET",), concurrency=9)]
)
@pytest.mark.parametrize("profile", [OPEN, CLOSED])
def test_a_guarded_tier_without_a_cap_is_not_loaded(policy, profile):
    assert "grants no `rate`" in refusal(profile, policy)


@pytest.mark.parametrize("policy", [Policy(), Policy(rate_per_s=80), Policy(confirm=True, rate_per_s=80)])
def test_a_profile_within_the_cap_is_granted(policy):
    assert refusal(OPEN, policy) is None
    assert refusal(CLOSED, policy) is None


def test_the_peak_decides_even_of_a_ramp_that_falls():
    assert refusal(OPEN, Policy(rate_per_s=79)) == "profile `peak` asks for 80 /s, the tier's policy grants 79 /s"


def test_more_users_than_granted_are_refused():
    assert refusal(CLOSED, Policy(concurrency=49)) == "profile `desk` asks for 50 users, the tier's policy grants 49"
    assert refusal(CLOSED, Policy(concurrency=50)) is None


def test_bounds_are_those_of_the_policy():
    policy = Policy(methods=("get", "HEAD"), rate_per_s=5, concurrency=3, confirm=True)
    assert bounds_of(policy) == Bounds(methods=("GET", "HEAD"), rate_per_s=5, users=3, target_only=True)
    assert bounds_of(Policy()) == Bounds()
