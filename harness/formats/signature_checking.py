"""What the entries of a log say of signatures, held against the packages: who, what, when, by which passkey."""

from collections.abc import Collection, Mapping, Sequence

from harness.formats.dsse import NotTrusted
from harness.formats.manifest import challenge_for
from harness.formats.person_checking import check_kept, check_person
from harness.formats.webauthn_assertion import fingerprint, verify_assertion
from harness.model.acceptance import Package, Side
from harness.model.ledger import Assertion, Enrolled, FrozenPackage, MetCondition, Signature, Withdrawn
from harness.model.signoff import Grade
from harness.rules.accepting import statement_objections
from harness.rules.signing import may_sign


def check_signatures(packages: Mapping[str, Package], told: Sequence[object]) -> tuple[Signature, ...]:
    """Every signature told, in order; NotTrusted naming the first that does not hold."""
    signatures = tuple(one for one in told if isinstance(one, Signature))
    enrolled = tuple(one for one in told if isinstance(one, Enrolled))
    frozen = {one.package_sha256: one for one in told if isinstance(one, FrozenPackage)}
    for sha256, package in packages.items():
        if sha256 not in frozen:
            raise NotTrusted(f"package {package.code} was never frozen in the log")
    for one in signatures:
        _check_signature(one, packages, frozen, enrolled)
        check_person(one, frozen[one.statement.package_sha256], told)
        check_kept(f"signature {one.number}", one, told)
    for taken in (one for one in told if isinstance(one, Withdrawn)):
        _check_withdrawal(taken, signatures, enrolled)
        check_kept(f"withdrawal {taken.number}", taken, told)
    for met in (one for one in told if isinstance(one, MetCondition)):
        _check_met(met, signatures)
    nonces = [one.statement.nonce for one in signatures]
    nonces += [one.withdrawal.nonce for one in told if isinstance(one, Withdrawn)]
    if len(set(nonces)) != len(nonces):
        raise NotTrusted("one challenge was signed twice")
    return signatures


def check_pinned(told: Sequence[object], passkeys: Collection[str]) -> None:
    """NotTrusted where something is signed by a passkey that a policy does not name; one that names none asks nothing.

    Whoever runs the portal could enrol a passkey in somebody's name. They can't write it into the policy.
    """
    for one in told if passkeys else ():
        if isinstance(one, Signature | Withdrawn):
            what, who = ("signature", one.statement) if isinstance(one, Signature) else ("withdrawal", one.withdrawal)
            mark = fingerprint(one.assertion.public_key) if one.assertion is not None else "no passkey"
            if mark not in passkeys:
                raise NotTrusted(f"{what} {one.number} of {who.name} is by {mark}, which the policy does not name")


def _check_signature(
    one: Signature, packages: Mapping[str, Package], frozen: Mapping[str, FrozenPackage], enrolled: Sequence[Enrolled]
) -> None:
    where, statement = f"signature {one.number}", one.statement
    package = packages.get(statement.package_sha256)
    if package is None:
        raise NotTrusted(f"{where} is of a package that is not here")
    if frozen[statement.package_sha256].number >= one.number:
        raise NotTrusted(f"{where} is older than the package that it is of")
    wrong = statement_objections(package, statement.package_sha256, statement, one.signed_ms)
    if wrong:
        raise NotTrusted(f"{where} could not have been given: {wrong[0].wrong.value} {wrong[0].criterion}".rstrip())
    if not may_sign(one.eligibility) or statement.side is not Side.BUSINESS:
        raise NotTrusted(f"{where}: {statement.name} was not allowed to sign")
    if list(Grade).index(one.grade) < list(Grade).index(package.grade):
        raise NotTrusted(f"{where} is of a lower grade than the package asks")
    if (one.grade is Grade.PASSKEY) != (one.assertion is not None):
        raise NotTrusted(f"{where} has no passkey's signature, or one that its grade does not name")
    if one.assertion is not None:
        _check_assertion(where, one.number, statement.person, one.assertion, challenge_for(statement), enrolled)


def _check_withdrawal(taken: Withdrawn, signatures: Sequence[Signature], enrolled: Sequence[Enrolled]) -> None:
    where, said = f"withdrawal {taken.number}", taken.withdrawal
    mine = [
        one
        for one in signatures
        if one.number < taken.number and challenge_for(one.statement).hex() == said.statement_sha256
    ]
    if len(mine) != 1 or mine[0].statement.person != said.person:
        raise NotTrusted(f"{where} is of no signature that its person gave")
    if list(Grade).index(taken.grade) < list(Grade).index(mine[0].grade):
        raise NotTrusted(f"{where} is of a lower grade than the signature that it takes back")
    if not said.issued_ms <= taken.withdrawn_ms < said.expires_ms:
        raise NotTrusted(f"{where} came too late")
    if (taken.grade is Grade.PASSKEY) != (taken.assertion is not None):
        raise NotTrusted(f"{where} has no passkey's signature, or one that its grade does not name")
    if taken.assertion is not None:
        _check_assertion(where, taken.number, said.person, taken.assertion, challenge_for(said), enrolled)


def _check_met(met: MetCondition, signatures: Sequence[Signature]) -> None:
    """Only who set a condition sees it met."""
    mine = [one.statement for one in signatures if one.number == met.signature and one.number < met.number]
    set_by = {(one.person, condition.criterion) for one in mine for condition in one.conditions}
    if (met.by, met.criterion) not in set_by:
        raise NotTrusted(f"entry {met.number} says a condition met that its teller never set")


def _check_assertion(
    where: str, number: int, person: str, assertion: Assertion, challenge: bytes, enrolled: Sequence[Enrolled]
) -> None:
    wanted = (person, assertion.credential, assertion.public_key)
    if not any(
        (one.person, one.credential, one.public_key) == wanted and one.by == person and one.number < number
        for one in enrolled
    ):
        raise NotTrusted(f"{where} is by a passkey that its person never enrolled")
    try:
        verify_assertion(assertion, challenge)
    except NotTrusted as error:
        raise NotTrusted(f"{where}: {error}") from error
