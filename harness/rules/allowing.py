"""Whether a run may begin: who asks, when, and whether its load profiles stay within what the tier bears.

Who asks is the name under which the machine knows them: it keeps people from mistakes and proves no identity.
"""

from harness.errors import Place, Problem
from harness.model.load import ClosedModel, LoadSpec, OpenModel, Profile
from harness.model.tier import LoadCap, Suite, Tier
from harness.rules.windows import is_open


def not_by_or_now(tier: Tier, *, user: str, now_ms: int) -> tuple[Problem, ...]:
    """Why this user may not run this tier at this moment, if so."""
    place = Place(file=f"environments/{tier.name}.toml")
    problems: list[Problem] = []
    if tier.policy.who and user not in tier.policy.who:
        problems.append(
            Problem(
                message=f"`{user}` may not run {tier.name}",
                place=place,
                hint=f"`who-may-run` in its [policy] names {', '.join(tier.policy.who)}",
            )
        )
    if not is_open(tier.policy.windows, now_ms):
        windows = ", ".join(window.text for window in tier.policy.windows)
        problems.append(
            Problem(message=f"{tier.name} may not be run at this hour", place=place, hint=f"its windows are {windows}")
        )
    return tuple(problems)


def over_the_cap(tier: Tier, loads: tuple[LoadSpec, ...]) -> tuple[Problem, ...]:
    """Every load profile of a tier that asks for more than its policy grants."""
    cap = tier.policy.load
    if cap is None:
        return ()
    return tuple(
        Problem(
            message=f"profile `{profile.name}` asks for {asked}, and {tier.name} bears {most}",
            place=Place(file=spec.path),
            hint=f"name a smaller profile under [tiers], or raise [policy.load] in environments/{tier.name}.toml",
        )
        for spec in loads
        if (profile := spec.profile_for(tier.name)) is not None
        for asked, most in _excesses(profile, cap)
    )


def unbound(tier: Tier, loads: tuple[LoadSpec, ...]) -> tuple[Problem, ...]:
    """What a load lacks on a tier whose methods are limited, where people work: who, when, how much, and until what."""
    policy = tier.policy
    if not policy.methods or Suite.LOAD not in policy.suites:
        return ()
    cap = policy.load or LoadCap()
    there = {
        "who may start it": (bool(policy.who), '`who-may-run = ["name"]`'),
        "when it may run": (bool(policy.windows), '`windows = ["mon-fri 08:00-18:00 Europe/Berlin"]`'),
        "the most it may be, and for how long": (
            bool((cap.rate_per_s or cap.users) and cap.for_s),
            '`load = { rate = "5 /s", for = "2 min" }`',
        ),
    }
    lacks = [(what, f"{how} in [policy]") for what, (given, how) in there.items() if not given]
    return tuple(
        Problem(
            message=f"a load on {tier.name}, whose methods are limited, needs to say {what}",
            place=Place(file=f"environments/{tier.name}.toml"),
            hint=f"{how}; or name no profile for {tier.name} under [tiers] of {spec.path}",
        )
        for spec in loads
        if spec.profile_for(tier.name) is not None
        for what, how in (*lacks, *_without_an_end(tier, spec))
    )


def _without_an_end(tier: Tier, spec: LoadSpec) -> list[tuple[str, str]]:
    if tier.policy.alarm or spec.aborts:
        return []
    return [("what ends it early", f'`abort = ["errors > 50 % for 10 s"]` in {spec.path}, or `alarm` in [policy]')]


def _excesses(profile: Profile, cap: LoadCap) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    match profile.model:
        case OpenModel(stages=stages):
            rate = max((max(stage.rate_per_s, stage.from_per_s or 0.0) for stage in stages), default=0.0)
            if cap.rate_per_s is not None and rate > cap.rate_per_s:
                found.append((f"{rate:g} /s", f"{cap.rate_per_s:g} /s"))
        case ClosedModel(users=users):
            if cap.users is not None and users > cap.users:
                found.append((f"{users} users", f"{cap.users}"))
            if cap.rate_per_s is not None and cap.users is None:
                found.append((f"{users} users, whose rate nobody knows before", f"{cap.rate_per_s:g} /s"))
    if cap.for_s is not None and profile.duration_s > cap.for_s:
        found.append((f"{profile.duration_s:g} s", f"{cap.for_s:g} s"))
    return found
