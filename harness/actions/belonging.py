"""Whether a tier's servers are its own: other tiers are read as they are written, names looked up, nothing is sent.

Variables are not applied to the other tiers: one that is set wrongly in a shell must not hide what production is.
"""

from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.workspace_files import load_tier, tier_names
from harness.errors import Problem
from harness.model.tier import Tier
from harness.rules.belonging import must_be_looked_up, wrong_targets


def strangers(host: Host, root: Path, tier: Tier) -> tuple[Problem, ...]:
    """The servers of a tier that belong to another which allows less. HarnessError where another can't be read."""
    others = tuple(load_tier(root, name, {}) for name in tier_names(root) if name != tier.name)
    addresses = {name: host.addresses_of(name) for name in must_be_looked_up(tier, others)}
    return wrong_targets(tier, others, addresses)
