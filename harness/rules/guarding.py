"""What may leave for a tier: the rule that the guard asks for every single request.

Whatever isn't allowed by name is refused. A contract can make an operation unsafe (`x-safe: false`), it can never
make one safe: that is the tier owner's, by `methods` and by `operations` in [policy]. DELETE, TRACE and CONNECT are
allowed by method alone, whoever lists their ids.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote, unquote_plus, urlsplit

from harness.model.contract import Contract
from harness.model.guard import HARNESS, Asked, Origin
from harness.model.tier import MOST_BODY, Dependency, Policy, Suite, System, Tier
from harness.rules.signing_in import sign_in_request

_BY_METHOD_ALONE = frozenset({"DELETE", "TRACE", "CONNECT"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# as servers compare them: CGI takes `_` for `-` in a field's name, PHP `.`, blank and `[` for `_` in a parameter's
_OTHER_METHOD = frozenset(("x-http-method-override", "x-http-method", "x-method-override", "x-method"))
_OTHER_PATH = frozenset(("x-original-url", "x-rewrite-url"))
_OVERRIDE_FIELDS = frozenset(("_method", "_httpmethod", "x-http-method-override", "httpmethod"))
_BROWSERS_OWN = re.compile(
    r"(update|content-autofill|optimizationguide-pa|safebrowsing|passwordsleakcheck-pa|clientservices|translate)"
    r"\.googleapis\.com|(clients[0-9]?|accounts|android\.clients)\.google\.com|(redirector|edgedl\.me)\.gvt1\.com"
)
_FORMAT = re.compile(r"\.\w{1,5}$")
_PORTS = {"http": 80, "https": 443}


def is_limited(tier: Tier) -> bool:
    """Whether a tier limits more than hosts, so that everything must leave through the guard."""
    policy = tier.policy
    limits = (policy.methods, policy.operations, policy.rate_per_s, policy.concurrency, policy.windows, policy.confirm)
    return any((*limits, policy.alarm, policy.body_bytes != MOST_BODY))


def kept_back(tier: Tier) -> Mapping[Suite, str]:
    """Suites that do not run on a tier whose methods are limited, each with the sentence why."""
    if not tier.policy.methods:
        return {}
    return {
        Suite.CONTRACT: f"the policy of {tier.name} limits methods, and a generator can't be held to that: "
        "only recorded probes may run there"
    }


def is_browsers_own(host: str) -> bool:
    """Whether a browser asks there by itself, whatever page it shows: refused like all others, and nobody's fault."""
    return _BROWSERS_OWN.fullmatch(host) is not None


def mock_origins(urls: Mapping[str, str]) -> tuple[Origin, ...]:
    """Mocks, which are ours and bound by nothing."""
    return tuple(_plain(name, url, counted=False) for name, url in urls.items())


def origins_for(tier: Tier, urls: Mapping[str, str], contracts: Mapping[str, Contract]) -> tuple[Origin, ...]:
    """Every server that may be reached on a tier, but for mocks. `urls` by name of system or dependency."""
    policy = tier.policy
    made = [_origin(system, urls[system.name], policy, contracts.get(system.contract or "")) for system in tier.systems]
    if "{dependencies}" in policy.hosts:
        real = (one.name for one in tier.dependencies if one.mock is None)
        made += [_plain(name, urls[name], methods=policy.methods) for name in real]
    for host in policy.hosts:
        if not host.startswith("{"):
            made += _named(host.lower(), policy.methods)
    unsafe = tuple(_unsafe(tier, urls, contracts)) if policy.methods else ()
    return tuple(replace(one, withheld=tuple(pair for host, pair in unsafe if host == one.host)) for one in made)


def _unsafe(
    tier: Tier, urls: Mapping[str, str], contracts: Mapping[str, Contract]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """(host, (method, whole path)) of what contracts call unsafe: it is so by whatever door, name or port one comes."""
    real = (one for one in tier.dependencies if one.mock is None)
    owners: tuple[System | Dependency, ...] = (*tier.systems, *real)
    for owner in owners:
        contract = contracts.get(owner.contract or "")
        if contract is not None and owner.name in urls:
            at = _plain(owner.name, urls[owner.name])
            for one in contract.operations:
                if one.safe is False:
                    yield at.host, (one.method, at.base_path + one.path)


def own_origin(owner: System | Dependency, origin: Origin) -> Origin:
    """The same server as the harness itself may ask it: health and version, and nothing else."""
    probes = (owner.health, owner.version) if isinstance(owner, System) else (owner.health,)
    only = [(probe.method, probe.path.partition("?")[0]) for probe in probes if probe is not None]
    return replace(origin, name=f"{HARNESS}:{origin.name}", only=tuple(only) or (("GET", "/"),))


def sign_in_origin(system: System, origin: Origin, allowed: Iterable[Origin]) -> Origin | None:
    """Where the harness gets the token for a system: this one request. None where none is got, or none is allowed."""
    if (asks := sign_in_request(system.auth, f"{origin.url}{origin.base_path}")) is None:
        return None
    method, url = asks
    token = _plain("", url)
    for one in (origin, *allowed):
        if one.url == token.url:
            return replace(one, name=f"sign-in:{origin.name}", base_path="", only=((method, token.base_path),))
    return None


def refusal(asked: Asked, origin: Origin | None, *, most_bytes: int) -> str | None:
    """Why a request may not leave; None where it may. `origin` is the server it is for, None where none is allowed."""
    if origin is None or (asked.scheme, asked.host, asked.port) != (origin.scheme, origin.host, origin.port):
        return "the policy names no such host"
    fields = {name.lower().replace("_", "-") for name in asked.headers}
    if fields & _OTHER_METHOD or any(_turns_the_method(part) for part in re.split("[&;]", asked.query)):
        return "it asks the server to take it for another method"
    if fields & _OTHER_PATH:
        return "it asks the server to take it for another path"
    if asked.body_bytes > most_bytes:
        return f"its body is larger than {most_bytes} bytes"
    if any(_might_be(method, path, asked) for method, path in origin.withheld):
        return "the contract calls this operation unsafe"
    if origin.only is not None:
        allowed = any(_matches(method, path, asked, origin) for method, path in origin.only)
        return None if allowed else "the harness asks only for health, version and sign-in"
    return _about_method(asked, origin)


def _about_method(asked: Asked, origin: Origin) -> str | None:
    socket = "websocket" in (value.lower() for value in asked.headers.get("upgrade", ()))
    granted = any(_matches(method, path, asked, origin) for method, path in origin.granted)
    if not origin.methods or granted:
        return None
    if socket:
        return "a WebSocket can carry anything: the policy must name its operation"
    if asked.method not in origin.methods:
        return f"the policy does not allow {asked.method}"
    if asked.method in _READS and asked.body_bytes:
        return f"{asked.method} carries a body"
    return None


def _origin(system: System, url: str, policy: Policy, contract: Contract | None) -> Origin:
    operations = contract.operations if contract is not None else ()
    plain = _plain(system.name, url, methods=policy.methods)
    return Origin(
        name=system.name,
        scheme=plain.scheme,
        host=plain.host,
        port=plain.port,
        base_path=plain.base_path,
        methods=policy.methods,
        granted=(
            *(
                (one.method, one.path)
                for one in operations
                if one.id in policy.operations and _may_be_listed(one.method)
            ),
            *(pair for entry in policy.operations if (pair := _as_written(entry)) is not None),
        ),
        ca=system.ca,
    )


def _may_be_listed(method: str) -> bool:
    return method not in _BY_METHOD_ALONE


def _as_written(entry: str) -> tuple[str, str] | None:
    """`POST /sign-in`: an operation that no contract describes, by method and path."""
    method, space, path = entry.partition(" ")
    return (method, path) if space and path.startswith("/") and _may_be_listed(method) else None


def _plain(name: str, url: str, *, methods: tuple[str, ...] = (), counted: bool = True) -> Origin:
    parts = urlsplit(url)
    return Origin(
        name=name,
        scheme=parts.scheme,
        host=(parts.hostname or "").lower(),
        port=parts.port or _PORTS[parts.scheme],
        base_path=parts.path.rstrip("/"),
        methods=methods,
        counted=counted,
    )


def _named(host: str, methods: tuple[str, ...]) -> list[Origin]:
    """A host that the policy names: at the usual ports, or at the one it says."""
    bare, _, port = host.rpartition(":") if re.fullmatch(r".+:\d+", host) else (host, "", "")
    ports = {scheme: int(port) if port else usual for scheme, usual in _PORTS.items()}
    return [
        Origin(name=f"{scheme}://{host}", scheme=scheme, host=bare.strip("[]"), port=number, methods=methods)
        for scheme, number in ports.items()
    ]


def _turns_the_method(parameter: str) -> bool:
    name = unquote(unquote_plus(parameter.partition("=")[0])).strip().lower()
    return name in _OVERRIDE_FIELDS or re.sub(r"[ .\[]", "_", name) in _OVERRIDE_FIELDS


def _matches(method: str, template: str, asked: Asked, origin: Origin) -> bool:
    """Whether a request is for an operation, and no server could take it for another."""
    pattern = _pattern(origin.base_path + template, False)
    return method == asked.method and pattern.fullmatch(asked.path) is not None and _is_plain(asked.path)


def _might_be(method: str, template: str, asked: Asked) -> bool:
    """Whether any spelling that a server could take for an operation, by its whole path, is asked for."""
    if method != asked.method and {method, asked.method} != {"GET", "HEAD"}:
        return False
    tidied, pattern = _tidied(asked.path), _pattern(template, True)
    return any(pattern.fullmatch(path) is not None for path in (asked.path, tidied, _FORMAT.sub("", tidied)))


@lru_cache(maxsize=4096)
def _pattern(template: str, loosely: bool) -> "re.Pattern[str]":
    parts = re.split(r"(\{[^{}]*\})", template)
    text = "".join("[^/?#]+" if part.startswith("{") else re.escape(part) for part in parts) + "/?"
    return re.compile(text, re.IGNORECASE if loosely else 0)


def _is_plain(path: str) -> bool:
    """Whether no server can take a path for one with other parts, however often it decodes it."""
    plain = unquote(unquote(path))
    parts = [part.partition(";")[0] for part in plain.strip("/").split("/") if plain.strip("/")]
    return plain.count("/") == path.count("/") and "\\" not in plain and not {"", ".", ".."}.intersection(parts)


def _tidied(path: str) -> str:
    """A path as a lenient server reads it: decoded, without parameters, doubled slashes, `.`, `..` and blank ends."""
    kept: list[str] = []
    for part in unquote(unquote(path)).replace("\\", "/").split("/"):
        bare = part.partition(";")[0]
        if bare == "..":
            kept = kept[:-1]
        elif bare := bare.rstrip(". \t\r\n\0"):
            kept.append(bare)
    return "/" + "/".join(kept)
