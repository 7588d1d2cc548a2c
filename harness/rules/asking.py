"""Whether a tier is asked anything beyond its suites: only where its policy lets the contract's suite send requests."""

from harness.errors import AskedWrongly
from harness.model.tier import Suite, Tier


def must_run_suites(tier: Tier) -> None:
    """AskedWrongly where the policy names no suite by which a contract's operations may be asked."""
    if not {Suite.CONTRACT, Suite.MOCK} & set(tier.policy.suites):
        raise AskedWrongly(
            f"the policy of {tier.name} does not name the suite `contract`, so nothing is asked there",
            hint="its owner may name it in `suites` of [policy]; else name a tier that has it",
        )
