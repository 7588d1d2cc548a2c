"""A log and a bundle as the portal would write them, with every part to be had otherwise."""

import base64
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.acceptance_bundle import Export, write_acceptance
from harness.formats.acceptance_words import wordings_for
from harness.formats.checkpoint import write_checkpoint
from harness.formats.dsse import public_text
from harness.formats.ledger import countersigned, entry_of, told_by, write_entry
from harness.formats.log_checking import write_log
from harness.formats.manifest import challenge_for, package_digest, statement_digest, write_package
from harness.model.acceptance import Auth, Decision, Granted, Person, Said, Side, Withdrawal
from harness.model.ledger import (
    Checkpoint,
    Enrolled,
    EntryKind,
    FrozenPackage,
    Joined,
    LedgerEntry,
    Line,
    Log,
    RoleGiven,
    Signature,
    Withdrawn,
)
from harness.model.signoff import Grade
from harness.rules.merkle import leaf_hash, root_of
from harness.rules.signing import eligible
from tests.unit.acceptances import ALL_YES, NOW, PACKAGE, condition, given, statement
from tests.unit.passkeys import Passkey

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PINNED = (public_text(KEY),)
ORIGIN = "portal.example/harness"
BUSINESS = replace(PACKAGE, wordings=wordings_for(PACKAGE.project, PACKAGE.release, PACKAGE.tier, PACKAGE.phase))
FROZEN_MS = BUSINESS.frozen_ms


@dataclass
class Writing:
    """A log in the making."""

    key: Ed25519PrivateKey = KEY
    entries: list[LedgerEntry] = field(default_factory=list)

    def add(self, told, number: int | None = None) -> int:
        at = len(self.entries) if number is None else number
        if isinstance(told, LedgerEntry):
            self.entries.append(replace(told, index=at))
        else:
            self.entries.append(entry_of(replace(told, number=at)))
        return at

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(
            Line(body=write_entry(one), countersignature=base64.b64encode(self.key.sign(countersigned(one))).decode())
            for one in self.entries
        )

    @property
    def leaves(self) -> tuple[bytes, ...]:
        return tuple(leaf_hash(line.body) for line in self.lines)

    def checkpoint(self, size: int | None = None) -> bytes:
        leaves = self.leaves[:size]
        return write_checkpoint(Checkpoint(origin=ORIGIN, size=len(leaves), root=root_of(leaves)), self.key)

    def log(self, *, all_lines: bool = False) -> Log:
        pairs = zip(self.entries, self.lines, strict=True)
        told = [line for one, line in pairs if all_lines or told_by(one) is not None]
        return Log(leaves=self.leaves, checkpoint=self.checkpoint(), lines=tuple(told))

    def bundle(self, packages=(BUSINESS,), **files: bytes) -> bytes:
        export = Export(
            release=BUSINESS.release,
            nonce=BUSINESS.nonce,
            exported_ms=NOW + 5000,
            manifests=tuple(write_package(one) for one in packages),
            log=self.log(),
            files={name.replace("__", "/"): body for name, body in files.items()},
        )
        return write_acceptance(export, self.key)

    def whole(self) -> bytes:
        return write_log(self.lines, self.checkpoint())


@dataclass
class Signer:
    """Somebody with a passkey."""

    person: Person
    role: str
    passkey: Passkey = field(default_factory=Passkey.new)

    def joined(self, **more) -> tuple[Joined, RoleGiven]:
        """The account, and the role that two others gave."""
        me = Joined(
            **{
                "number": 0,
                "person": self.person.id,
                "mail": f"{self.person.id}@example.org",
                "name": self.person.name,
                "title": self.person.title,
                "side": self.person.side,
                "by": "p-admin",
                "at_ms": FROZEN_MS,
                **more,
            }
        )
        given = RoleGiven(
            number=0, person=self.person.id, role=self.role, by="p-admin", approved_by="p-auditor", at_ms=FROZEN_MS
        )
        return me, given

    def enrolled(self, **more) -> Enrolled:
        made = self.passkey.sign(b"")
        return Enrolled(
            **{
                "number": 0,
                "person": self.person.id,
                "credential": made.credential,
                "public_key": made.public_key,
                "by": self.person.id,
                "at_ms": FROZEN_MS,
                **more,
            }
        )

    def signs(self, decision=Decision.ACCEPT, package=BUSINESS, *, by: Passkey | None = None, **more) -> Signature:
        change = {key: more.pop(key) for key in ("grade", "eligibility", "signed_ms", "assertion") if key in more}
        said = statement(
            decision,
            package,
            **{
                "person": self.person.id,
                "name": self.person.name,
                "title": self.person.title,
                "role": self.role,
                "nonce": f"n-{self.person.id}",
                **more,
            },
        )
        auth = Auth(
            grade=Grade.PASSKEY, at_ms=NOW - 1000, credential_by=self.person.id, credential_ms=1, user_verified=True
        )
        return Signature(
            **{
                "number": 0,
                "statement": said,
                "grade": Grade.PASSKEY,
                "signed_ms": NOW,
                "zone": "Europe/Berlin",
                "eligibility": eligible(self.person, package, self.role, (), NOW, auth),
                "assertion": (by or self.passkey).sign(challenge_for(said)),
                **change,
            }
        )

    def withdraws(self, signature: Signature, **more) -> Withdrawn:
        said = Withdrawal(
            **{
                "statement_sha256": statement_digest(signature.statement),
                "package_sha256": signature.statement.package_sha256,
                "person": self.person.id,
                "name": self.person.name,
                "reason": "I was wrong",
                "nonce": f"w-{self.person.id}",
                "issued_ms": NOW,
                "expires_ms": NOW + 60_000,
                **more,
            }
        )
        assertion = self.passkey.sign(challenge_for(said))
        return Withdrawn(number=0, withdrawal=said, grade=Grade.PASSKEY, withdrawn_ms=NOW + 2000, assertion=assertion)


def signer(id_: str, name: str, role: str, kind: str = "ES256") -> Signer:
    roles = (Granted(role=role, by="p-boss", since_ms=1),)
    person = Person(id=id_, name=name, title=f"Head of {role}", side=Side.BUSINESS, roles=roles)
    return Signer(person, role, Passkey.new(kind))


LI = signer("p-li", "Li Wei", "desk")
ANN = signer("p-ann", "Ann O'Brien", "finance", "EdDSA")
NOISE = LedgerEntry(index=0, kind=EntryKind.ROLE, at_ms=FROZEN_MS, body='{"act":"granted"}')
FROZEN = FrozenPackage(
    number=0, package_sha256=package_digest(BUSINESS), code=BUSINESS.code, by="p-qa", at_ms=FROZEN_MS
)


def story(*more, package=FROZEN) -> Writing:
    """Two people join and enrol, a package is frozen, one accepts, one accepts with a condition; then `more`."""
    log = Writing()
    for told in (NOISE, *LI.joined(), LI.enrolled(), NOISE, *ANN.joined(), ANN.enrolled(), package):
        log.add(told)
    for told in more or (LI_SIGNS, ANN_SIGNS):
        log.add(told)
    return log


LI_SIGNS = LI.signs(Decision.CONDITIONS, answers=(*ALL_YES[:2], given("S-1", Said.NO)), conditions=(condition(),))
ANN_SIGNS = ANN.signs(answers=(given("F-1"),), signed_ms=NOW + 1000)
