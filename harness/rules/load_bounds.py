"""What a tier's policy lets a load do: which profiles are refused, and what holds on the wire for the others.

A guarded tier (one that asks for confirmation, or allows some methods only) is never loaded without a cap on the
rate: what nobody granted is refused, not guessed.
"""

from harness.model.load import Bounds, ClosedModel, OpenModel, Profile
from harness.model.tier import Policy
from harness.rules.arrivals import peak_per_s


def bounds_of(policy: Policy) -> Bounds:
    """What holds for every request of a load on a tier with this policy."""
    return Bounds(
        methods=tuple(method.upper() for method in policy.methods),
        rate_per_s=policy.rate_per_s,
        users=policy.concurrency,
        target_only=_guarded(policy),
    )


def refusal(profile: Profile, policy: Policy) -> str | None:
    """Why a profile may not run under a policy, as a clause; None where it may."""
    cap = policy.rate_per_s
    if cap is None and _guarded(policy):
        return "the tier's policy grants no `rate`, and a guarded tier is not loaded without a cap"
    match profile.model:
        case OpenModel(stages=stages) if cap is not None and peak_per_s(stages) > cap:
            return f"profile `{profile.name}` asks for {peak_per_s(stages):g} /s, the tier's policy grants {cap:g} /s"
        case ClosedModel(users=users) if policy.concurrency is not None and users > policy.concurrency:
            return f"profile `{profile.name}` asks for {users} users, the tier's policy grants {policy.concurrency}"
        case _:
            return None


def _guarded(policy: Policy) -> bool:
    return policy.confirm or bool(policy.methods)
