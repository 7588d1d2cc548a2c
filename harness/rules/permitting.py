"""Whether a tier's own systems are within its policy, before anything is sent."""

from urllib.parse import urlsplit

from harness.errors import Place, Problem
from harness.model.tier import Mocks, Tier


def allowed_hosts(tier: Tier) -> frozenset[str]:
    """The hosts that a tier's policy names, `{systems}` and `{dependencies}` filled in."""
    hosts: set[str] = set()
    for host in tier.policy.hosts:
        if host == "{systems}":
            hosts |= {_host(system.base_url) for system in tier.systems}
        elif host == "{dependencies}":
            hosts |= {_host(one.real or one.base_url or "http://127.0.0.1") for one in tier.dependencies}
        else:
            hosts.add(host.lower())
    return frozenset(hosts)


def refusals(tier: Tier) -> tuple[Problem, ...]:
    """What the policy of a tier forbids of the tier itself: foreign hosts, mocks where they may not stand in."""
    file = f"environments/{tier.name}.toml"
    allowed = allowed_hosts(tier)
    problems = [
        Problem(
            message=f"`{system.name}` is at {_host(system.base_url)}, which the policy of {tier.name} does not allow",
            place=Place(file=file),
            hint=f"allowed hosts: {', '.join(sorted(allowed)) or 'none'}; change `hosts` in [policy] or the `base-url`",
        )
        for system in tier.systems
        if _host(system.base_url) not in allowed
    ]
    if tier.policy.mocks is Mocks.FORBIDDEN:
        problems += [
            Problem(
                message=f"`{one.name}` is answered by a mock, and the policy of {tier.name} forbids mocks",
                place=Place(file=file),
                hint='name the real one (`real = "https://…"`), or allow mocks in [policy]',
            )
            for one in tier.dependencies
            if one.mock is not None
        ]
    return tuple(problems)


def _host(url: str) -> str:
    return (urlsplit(url.replace("{port}", "0")).hostname or "").lower()
