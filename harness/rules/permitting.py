"""Whether a tier's own systems are within its policy, before anything is sent."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from harness.errors import Place, Problem
from harness.model.tier import Mocks, Tier
from harness.rules.signing_in import sign_in_request

_HERE = "http://127.0.0.1"


def allowed_hosts(tier: Tier) -> frozenset[str]:
    """The hosts that a tier's policy names, `{systems}` and `{dependencies}` filled in."""
    hosts: set[str] = set()
    for host in tier.policy.hosts:
        if host == "{systems}":
            hosts |= {_host(system.base_url) for system in tier.systems}
        elif host == "{dependencies}":
            hosts |= {_host(one.real or one.base_url or _HERE) for one in tier.dependencies}
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
    problems += _sign_ins_elsewhere(tier, allowed, file)
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


def _sign_ins_elsewhere(tier: Tier, allowed: frozenset[str], file: str) -> Iterator[Problem]:
    """Where a password or a client's secret would go to a host that the policy does not name."""
    real = ((one.name, one.auth, one.real or one.base_url or _HERE) for one in tier.dependencies if one.mock is None)
    owners = (*((one.name, one.auth, one.base_url) for one in tier.systems), *real)
    for name, auth, base_url in owners:
        asks = sign_in_request(auth, base_url)
        if asks is not None and not {_host(asks[1]), urlsplit(asks[1]).netloc.lower()} & allowed:
            yield Problem(
                message=f"`{name}` signs in at {_host(asks[1])}, which the policy of {tier.name} does not allow",
                place=Place(file=file),
                hint=f"allowed hosts: {', '.join(sorted(allowed)) or 'none'}; its owner may name this one in `hosts` "
                "of [policy]",
            )


def _host(url: str) -> str:
    return (urlsplit(url.replace("{port}", "0")).hostname or "").lower()
