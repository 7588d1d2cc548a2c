"""A server belongs to the tier that protects it: whoever names production in another tier's file is refused.

A wrong address is the likeliest way to hurt production: a copied `base-url`, a variable left over in a shell, another
name or the bare address of the same machine. So before anything is sent, the addresses of a tier are compared with
those of every tier that allows less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.errors import Place, Problem
from harness.model.tier import ClientCredentials, LoadCap, Mocks, Policy, Tier
from harness.rules.signing_in import sign_in_request

_PORTS = {"http": 80, "https": 443}
_HERE = ("localhost", "127.", "::1")
_STANDING_IN = {Mocks.FORBIDDEN: 0, Mocks.DECLARED: 1, Mocks.ALLOWED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Somebody's address as it is written: `what` of a tier is at `host` and `port`."""

    what: str
    host: str
    port: int
    url: str


def servers_of(tier: Tier) -> tuple[Server, ...]:
    """Every server that a tier names by a fixed address; what the harness starts itself has none."""
    return tuple(_servers(tier))


def must_be_looked_up(tier: Tier, others: tuple[Tier, ...]) -> frozenset[str]:
    """The names whose addresses decide: none where the tier is on this machine, or nobody else allows less."""
    stricter = [other for other in others if allows_more(tier, other)]
    ours = {one.host for one in servers_of(tier) if not _is_here(one.host)}
    theirs = {one.host for other in stricter for one in servers_of(other) if not _is_here(one.host)}
    return frozenset(ours | theirs) if ours and theirs else frozenset()


def wrong_targets(tier: Tier, others: tuple[Tier, ...], addresses: Mapping[str, frozenset[str]]) -> tuple[Problem, ...]:
    """The servers of `tier` that belong to a tier which allows less; `addresses` by the names that were looked up."""
    return tuple(
        Problem(
            message=f"`{ours.what}` is at {ours.url}, and that is `{theirs.what}` of {other.name}, "
            f"which allows less than {tier.name} does",
            place=Place(file=f"environments/{tier.name}.toml"),
            hint="correct the address here, or the variable that sets it; `harness config "
            f"{tier.name}` shows where it came from",
        )
        for ours in servers_of(tier)
        for other in others
        if other.name != tier.name and allows_more(tier, other)
        for theirs in servers_of(other)
        if _same(ours, theirs, addresses)
    )


def allows_more(tier: Tier, other: Tier) -> bool:
    """Whether something may be done on `tier` that may not on `other`."""
    ours, theirs = tier.policy, other.policy
    methods = bool(theirs.methods) and not (ours.methods and set(ours.methods) <= set(theirs.methods))
    operations = bool(theirs.methods) and not set(ours.operations) <= set(theirs.operations)
    who = bool(theirs.who) and not (ours.who and set(ours.who) <= set(theirs.who))
    windows = bool(theirs.windows) and ours.windows != theirs.windows
    asked = (theirs.confirm and not ours.confirm) or (theirs.alarm is not None and theirs.alarm != ours.alarm)
    return (
        methods or operations or who or windows or asked or _reaches_further(ours, theirs) or _sends_more(ours, theirs)
    )


def _reaches_further(ours: Policy, theirs: Policy) -> bool:
    """Suites, hosts and mocks, which a policy names or else forbids."""
    suites = not set(ours.suites) <= set(theirs.suites)
    hosts = not set(ours.hosts) <= set(theirs.hosts)
    return suites or hosts or _STANDING_IN[ours.mocks] > _STANDING_IN[theirs.mocks]


def _sends_more(ours: Policy, theirs: Policy) -> bool:
    """Any measure of what is sent, at once or in all."""
    ours_load, theirs_load = ours.load or LoadCap(), theirs.load or LoadCap()
    return any(
        most is not None and (own is None or own > most)
        for own, most in (
            (ours.rate_per_s, theirs.rate_per_s),
            (ours.concurrency, theirs.concurrency),
            (ours.body_bytes, theirs.body_bytes),
            (ours_load.rate_per_s, theirs_load.rate_per_s),
            (ours_load.users, theirs_load.users),
            (ours_load.for_s, theirs_load.for_s),
        )
    )


def _servers(tier: Tier) -> Iterator[Server]:
    for system in tier.systems:
        yield from _server(system.name, system.base_url)
        if (asks := sign_in_request(system.auth, "")) is not None:
            what = "token-url" if isinstance(system.auth, ClientCredentials) else "log-in"
            yield from _server(f"{system.name}'s {what}", asks[1])
    for dependency in tier.dependencies:
        yield from _server(dependency.name, dependency.real or dependency.base_url or "")


def _server(what: str, url: str) -> Iterator[Server]:
    if "{" in url or "//" not in url:
        return
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if host:
        yield Server(what=what, host=host, port=parts.port or _PORTS.get(parts.scheme, 0), url=url)


def _same(ours: Server, theirs: Server, addresses: Mapping[str, frozenset[str]]) -> bool:
    if ours.port != theirs.port:
        return False
    return ours.host == theirs.host or bool(_at(ours.host, addresses) & _at(theirs.host, addresses))


def _at(host: str, addresses: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset({"this machine"}) if _is_here(host) else addresses.get(host, frozenset())


def _is_here(host: str) -> bool:
    return host.startswith(_HERE)
