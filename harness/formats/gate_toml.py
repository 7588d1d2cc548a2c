"""`environments/gate.toml`: what must hold to enter each tier.

A policy that can't be understood to the last key is no policy: unknown keys, tiers that do not
exist and sign-offs that nobody's key could prove are refused with their line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.formats.documents import digest
from harness.formats.dsse import public_bytes
from harness.formats.toml_table import Table, read_toml
from harness.formats.units import seconds, share
from harness.formats.webauthn_assertion import is_fingerprint
from harness.model.gate import Acceptance, Entrance, GatePolicy, MocksUsed, Need, Wanted
from harness.model.signoff import Grade
from harness.model.tier import Suite

POLICY_FILE = "environments/gate.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trusted:
    portal: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()
    passkeys: tuple[str, ...] = ()


def read_gate(body: bytes, tiers: tuple[str, ...], file: str = POLICY_FILE) -> GatePolicy:
    """The policy of a gate; HarnessError with every problem of the file."""
    table = read_toml(body, file)
    trusted = _keys(table)
    entrances = tuple(_entrance(name, inner, tiers, has_keys=bool(trusted.portal)) for name, inner in table.named("to"))
    if not entrances:
        table.wrong(None, "no tier is guarded: there is no `[to.<tier>]`", "write [to.preprod] with its needs")
    table.finish()
    table.raise_problems()
    return GatePolicy(
        entrances=entrances,
        portal_keys=trusted.portal,
        runner_keys=trusted.runners,
        passkeys=trusted.passkeys,
        sha256=digest(body),
    )


def entrance_to(policy: GatePolicy, to: str) -> Entrance:
    """What it takes to enter `to`; HarnessError where the policy says nothing of it."""
    for entrance in policy.entrances:
        if entrance.to == to:
            return entrance
    known = ", ".join(one.to for one in policy.entrances)
    raise HarnessError(f"the gate says nothing of entering `{to}`", hint=f"{POLICY_FILE} guards: {known}")


def _keys(table: Table) -> _Trusted:
    """Who is trusted. A list that is given empty would pin nobody, so it is refused."""
    trust = table.table("trust")
    if trust is None:
        return _Trusted()
    portal, runners = trust.texts("portal", ()), trust.texts("runners", ())
    for name, keys in (("portal", portal), ("runners", runners)):
        if name in trust and not keys:
            trust.wrong(name, f"`{name}` names no key", f"leave `{name}` away, or name its keys")
        for key in keys:
            try:
                public_bytes(key)
            except ValueError as error:
                trust.wrong(name, str(error))
    passkeys = trust.texts("passkeys", ())
    if "passkeys" in trust and not passkeys:
        trust.wrong("passkeys", "`passkeys` names none", "leave `passkeys` away, or name those that may sign")
    for one in passkeys:
        if not is_fingerprint(one):
            hint = "passkey:<64 hexadecimal digits>, as its owner reads it on their account page"
            trust.wrong("passkeys", f"{one!r} is no fingerprint of a passkey", hint)
    trust.finish()
    return _Trusted(portal=portal, runners=runners, passkeys=passkeys)


def _entrance(to: str, table: Table, tiers: tuple[str, ...], *, has_keys: bool) -> Entrance:
    needs = tuple(_needs(table, to, tiers))
    acceptance = table.table("acceptance")
    entrance = Entrance(
        to=to,
        needs=needs,
        same_artifacts=table.flag("same-artifacts", default=False),
        acceptance=_acceptance(acceptance) if acceptance is not None else None,
    )
    if not needs:
        table.missing("needs", "a table of the tiers that evidence must come from")
    if acceptance is not None and not has_keys:
        hint = '[trust] portal = ["ed25519:…"], as the portal shows it'
        acceptance.wrong(None, "sign-offs are wanted, and no portal's key is pinned to prove them", hint)
    table.finish()
    return entrance


def _needs(table: Table, to: str, tiers: tuple[str, ...]) -> Iterator[Need]:
    for name, inner in table.named("needs"):
        if name not in tiers:
            inner.wrong(None, f"there is no tier `{name}`", f"tiers here: {', '.join(tiers) or 'none yet'}")
        if name == to:
            inner.wrong(None, f"`{to}` can't need itself", "name the tier before it")
        yield _need(name, inner)


def _need(tier: str, table: Table) -> Need:
    names = table.texts("suites")
    suites = tuple(suite for name in names if (suite := table.word("suites", name, Suite)) is not None)
    if not names and "suites" in table:
        table.wrong("suites", "no suite is named, so nothing would be asked for", 'suites = ["contract"]')
    coverage = table.table("coverage")
    floors: dict[str, float | None] = {"operations": None, "statuses": None}
    if coverage is not None:
        floors = {name: coverage.quantity(name, share) for name in floors}
        for name in (name for name, value in floors.items() if value is not None and not 0 < value <= 1):
            coverage.wrong(name, f"`{name}` must be over 0 % and at most 100 %")
        coverage.finish()
    flaky = table.integer("flaky", 0)
    if flaky < 0:
        table.wrong("flaky", "`flaky` can't be less than 0")
    need = Need(
        tier=tier,
        suites=suites,
        max_age_s=_age(table),
        operations=floors["operations"],
        statuses=floors["statuses"],
        mocks=table.one_of("mocks", MocksUsed, MocksUsed.ANY) or MocksUsed.NONE,
        flaky=flaky,
    )
    table.finish()
    return need


def _acceptance(table: Table) -> Acceptance:
    acceptance = Acceptance(
        must=table.one_of("must", Wanted, Wanted.ALL) or Wanted.ALL,
        should=table.one_of("should", Wanted, Wanted.NONE) or Wanted.ALL,
        roles=table.texts("roles"),
        grade=table.one_of("grade", Grade, Grade.PASSKEY) or Grade.PASSKEY,
        max_age_s=_age(table),
        export_max_age_s=table.quantity("export-max-age", seconds, 86400.0) or 86400.0,
    )
    table.finish()
    return acceptance


def _age(table: Table) -> float:
    age = table.quantity("max-age", seconds)
    if age is None:
        if "max-age" not in table:
            table.missing("max-age", 'how old evidence may be, like "24 h",')
        return 0.0
    if age <= 0:
        table.wrong("max-age", "`max-age` must be more than nothing")
    return age
