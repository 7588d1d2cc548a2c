"""Who may sign a package: business people in their own person, and nobody who had a hand in the release.

Every rule is evaluated, held or not, at the moment of signing, and the whole table is kept with the signature. What is
not known to hold does not hold.
"""

from collections.abc import Iterator

from harness.model.acceptance import Act, ActKind, Auth, Eligibility, Package, Person, Rule, Side
from harness.model.signoff import Grade

FRESH_MS = 5 * 60_000
COOLING_MS = 24 * 3600_000
_SKEW_MS = 5_000
_GRADES = tuple(Grade)
_KEPT_BY = {
    Rule.NOT_COMMIT_AUTHOR: ActKind.COMMIT_AUTHOR,
    Rule.NOT_DEPLOYER: ActKind.DEPLOYER,
    Rule.NOT_SCRIPT_AUTHOR: ActKind.SCRIPT_AUTHOR,
    Rule.NOT_IMPORTER: ActKind.IMPORTER,
    Rule.NOT_ADMINISTRATOR: ActKind.ADMINISTRATOR,
}


def eligible(
    person: Person,
    package: Package,
    role: str,
    acts: tuple[Act, ...],
    now_ms: int,
    auth: Auth,
    *,
    void: bool = False,
    signed_as: tuple[str, ...] = (),
) -> tuple[Eligibility, ...]:
    """Every rule and whether it held, in the order of `Rule`.

    `void`: the package was taken back or replaced. `signed_as`: roles in which this person's signature of this package
    stands already.
    """
    found = (
        *_who(person, package, role, signed_as),
        *_hands(person, acts),
        *_how(person, package, now_ms, auth),
        _said(Rule.PACKAGE_OPEN, package.frozen_ms <= now_ms < package.expires_ms and not void),
    )
    by_rule = {one.rule: one for one in found}
    return tuple(by_rule[rule] for rule in Rule)


def may_sign(table: tuple[Eligibility, ...]) -> bool:
    """Whether every rule was looked at, once, and held."""
    return sorted(one.rule for one in table) == sorted(Rule) and all(one.held for one in table)


def _who(person: Person, package: Package, role: str, signed_as: tuple[str, ...]) -> Iterator[Eligibility]:
    yield _said(Rule.BUSINESS_SIDE, person.side is Side.BUSINESS, person.side.value)
    yield _said(Rule.ACTIVE, person.active)
    asked = {slot.role for slot in package.slots}
    grants = [one for one in person.roles if one.role == role]
    yield _said(Rule.ROLE_HELD, bool(grants) and role in asked, role)
    givers = sorted({one.by for one in grants})
    yield _said(Rule.ROLE_FROM_ANOTHER, any(one not in {"", person.id} for one in givers), ", ".join(givers))
    rivals = {b for a, b in package.apart if a == role} | {a for a, b in package.apart if b == role}
    clash = sorted(rivals & set(signed_as))
    yield _said(Rule.APART, not clash, ", ".join(clash))


def _hands(person: Person, acts: tuple[Act, ...]) -> Iterator[Eligibility]:
    for rule, kind in _KEPT_BY.items():
        about = sorted(one.about or kind.value for one in acts if one.person == person.id and one.kind is kind)
        yield _said(rule, not about, ", ".join(about))


def _how(person: Person, package: Package, now_ms: int, auth: Auth) -> Iterator[Eligibility]:
    how = "token" if auth.by_token else "impersonated" if auth.impersonated else ""
    yield _said(Rule.IN_PERSON, not how, how)
    age_ms = now_ms - auth.at_ms
    yield _said(Rule.FRESH, -_SKEW_MS <= age_ms <= FRESH_MS, f"{age_ms // 1000} s")
    own = auth.credential_by == person.id and auth.credential_ms <= now_ms + _SKEW_MS
    yield _said(Rule.OWN_CREDENTIAL, own, auth.credential_by)
    settled = not person.reset_ms or now_ms - person.reset_ms >= COOLING_MS
    yield _said(Rule.NO_RECENT_RESET, settled, f"{(now_ms - person.reset_ms) // 60_000} min" if person.reset_ms else "")
    enough = _GRADES.index(auth.grade) >= _GRADES.index(package.grade)
    sure = auth.grade is not Grade.PASSKEY or auth.user_verified
    yield _said(Rule.GRADE_ENOUGH, enough and sure, auth.grade.value)


def _said(rule: Rule, held: bool, because: str = "") -> Eligibility:
    return Eligibility(rule=rule, held=held, because=because)
