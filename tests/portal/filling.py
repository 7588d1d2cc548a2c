"""A portal that was used for years: people, runs, packages and signatures, made by the portal's own functions.

    HARNESS_PORTAL_DATA=… python -m tests.portal.filling --packages 1000 --results 100 --signers 200 --keys keys.json

Passkeys are made of software; their private halves go into the file of keys, so that somebody can sign in as each.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from harness.model.criteria import Criterion, Text
from tests.portal.browser import SoftKey
from tests.portal.publication import TIER, criterion, publication
from tests.unit.passkeys import Passkey

ROLES = ("order-desk", "finance")
CRITERIA = 20


@dataclass(frozen=True)
class Signer:
    """Somebody of the business, and their device."""

    id: str
    email: str
    role: str
    device: SoftKey


def fill(packages: int, results: int, signers: int) -> tuple[list[Signer], Any]:
    """Everything at once; gives the signers, and who is QA and auditor in one."""
    crowd, qa = people(signers)
    for number in range(packages):
        package(qa, crowd[:2], number, results)
    return crowd, qa


def people(signers: int) -> tuple[list[Signer], Any]:
    """So many signers in turn of each role, and QA."""
    from django.db import transaction

    with transaction.atomic():
        crowd = [signer(number, ROLES[number % len(ROLES)]) for number in range(signers)]
        return crowd, person("quinn@example.org", "Quinn Asare", "qa", ("qa", "auditor"))


def keys_of(crowd: list[Signer]) -> list[dict[str, str]]:
    """As the file of keys holds them."""
    return [{"id": one.id, "email": one.email, "role": one.role, "private": _private(one.device.key)} for one in crowd]


def device_from(told: dict[str, str], url: str, rp: str) -> SoftKey:
    """A device out of the file of keys."""
    private = ec.derive_private_key(int(told["private"], 16), ec.SECP256R1())
    return SoftKey(key=Passkey(private), origin=url, rp=rp)


def _private(key: Passkey) -> str:
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    return f"{key.private.private_numbers().private_value:x}"


def person(email: str, name: str, side: str, roles: tuple[str, ...]) -> Any:
    """Somebody with roles that two others gave."""
    from harness.portal import people

    made = people.add(email, name, "Head of desk", side, by="terminal:root")
    for role in roles:
        people.approve_grant(people.ask_grant(made, role, by="one"), by="another")
    return made


def signer(number: int, *roles: str) -> Signer:
    """Somebody of the business with these roles and a passkey; known by the first."""
    from harness.portal.settings import PORTAL

    device = SoftKey(origin=PORTAL.url, rp=PORTAL.rp_id)
    name = "Signer " + "".join(chr(ord("A") + int(digit)) for digit in f"{number:04d}")
    made = person(f"s{number}@example.org", name, "business", roles)
    enrol(made, device)
    return Signer(id=made.id, email=made.email, role=roles[0], device=device)


def enrol(person: Any, device: SoftKey) -> None:
    """The device as that person's own passkey, in the log."""
    from harness.formats.ledger import entry_of
    from harness.formats.webauthn_assertion import encoded
    from harness.model.ledger import Enrolled
    from harness.portal import log
    from harness.portal.models import Passkey as Row

    row = Row.objects.create(
        person=person,
        credential=device.credential,
        public_key=encoded(device.key.cose),
        label="device",
        enrolled_by=person.id,
    )
    log.append_built(
        lambda number, at_ms: entry_of(
            Enrolled(
                number=number,
                person=person.id,
                credential=row.credential,
                public_key=row.public_key,
                by=person.id,
                at_ms=at_ms,
            )
        )
    )


def package(qa: Any, signers: list[Signer], number: int, results: int) -> None:
    """A run that was brought, its package, and two signatures; every tenth waits for the second one."""
    from django.db import transaction

    from harness.portal.freezing import freeze
    from harness.portal.models import Project

    project, _ = Project.objects.get_or_create(slug="order-hub", defaults={"name": "order hub"})
    release = f"{1 + number // 100}.{number % 100}.0"
    criteria = tuple(criterion(f"C-{place}", ROLES[place % len(ROLES)]) for place in range(min(CRITERIA, results)))
    run = published(project, qa, release, number, criteria, results - len(criteria))
    with transaction.atomic():
        row = freeze(wish(project, run, number), qa)
        for one in signers if number % 10 else signers[:1]:
            sign(row, one)


def wish(project: Any, run: Any, number: int) -> Any:
    """What QA asks for: a week to sign, two until it expires."""
    from harness.portal.clock import now_ms
    from harness.portal.freezing import Wish

    day = 86_400_000
    return Wish(
        project=project,
        release=run.release,
        tier=TIER,
        runs=(run,),
        phase=1,
        goal=Text(en=f"Orders, round {number}", zh=f"订单，第 {number} 轮"),
        due_ms=now_ms() + 7 * day,
        expires_ms=now_ms() + 14 * day,
    )


def published(project: Any, by: Any, release: str, number: int, criteria: tuple[Criterion, ...], others: int) -> Any:
    """A run of these criteria and so many results of a contract beside them."""
    from harness.portal.api import runs
    from harness.portal.models import Published

    body, _ = publication(
        criteria=criteria,
        run=f"run-{number:05d}",
        nonce=f"{number:032x}",
        release=release,
        pictures=(),
        others=others,
    )
    found = runs._read(body, "")
    token = SimpleNamespace(project=project, made_by=by.id, name="filling")
    runs._keep(SimpleNamespace(token=token, person=None, address=""), found)  # type: ignore[arg-type]
    return Published.objects.get(project=project, run=f"run-{number:05d}")


def ready(row: Any, who: Signer) -> None:
    """All answered yes, accepted and looked through: what is left is to sign."""
    from harness.portal.clock import now_ms
    from harness.portal.models import Answered, Draft
    from harness.portal.packages import package_of
    from harness.rules.accepting import asked_of

    asked = asked_of(package_of(row), who.role)
    Answered.objects.bulk_create(
        [Answered(package=row, person_id=who.id, criterion=one.id, said="yes") for one in asked]
    )
    now = now_ms()
    Draft.objects.create(
        package=row, person_id=who.id, role=who.role, decision="accept", begun_ms=now - 60_000, reviewed_ms=now
    )


def sign(row: Any, who: Signer) -> int:
    """Ready, and signed; gives the number."""
    from harness.formats.manifest import challenge_for
    from harness.formats.webauthn_assertion import encoded
    from harness.portal import signatures
    from harness.portal.models import Passkey, Person
    from harness.portal.packages import Asked, package_of

    ready(row, who)
    asked: Any = Asked(row=row, package=package_of(row), role=who.role)
    request: Any = SimpleNamespace(person=Person.objects.get(pk=who.id))
    statement = signatures._statement(request, asked)
    passkey = Passkey.objects.get(credential=who.device.credential)
    answer = who.device.used({"challenge": encoded(challenge_for(statement))})
    assertion = signatures.assertion_of(answer, passkey)
    return signatures._commit(request, asked, statement, assertion, passkey).number


def set_up() -> None:
    """Django on the data folder of the environment, its keys and tables made."""
    from harness.portal import environment
    from harness.portal.first_start import make_keys

    make_keys(environment.read(os.environ).data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"
    import django

    django.setup()
    from harness.portal.server import prepare

    prepare()


def main() -> int:
    """Set the portal up, fill it, and write the keys."""
    parser = argparse.ArgumentParser()
    for name, default in (("packages", 1000), ("results", 100), ("signers", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--for", dest="within", type=float, default=0, help="seconds; asked again it goes on")
    args = parser.parse_args()
    set_up()
    from harness.portal.models import Frozen, Person

    begun = time.monotonic()
    if not args.keys.exists():
        crowd, qa = people(args.signers)
        enrol(qa, device := SoftKey(origin=crowd[0].device.origin, rp=crowd[0].device.rp))
        args.keys.write_text(json.dumps(keys_of([*crowd, Signer(id=qa.id, email=qa.email, role="qa", device=device)])))
    told = json.loads(args.keys.read_text())
    signers = [Signer(id=one["id"], email=one["email"], role=one["role"], device=_device(one)) for one in told[:2]]
    qa = Person.objects.get(pk=told[-1]["id"])
    for number in range(Frozen.objects.count(), args.packages):
        if args.within and time.monotonic() - begun > args.within:
            break
        package(qa, signers, number, args.results)
    print(f"{Frozen.objects.count()} of {args.packages} packages")
    return 0


def _device(told: dict[str, str]) -> SoftKey:
    from harness.portal.settings import PORTAL

    return device_from(told, PORTAL.url, PORTAL.rp_id)


if __name__ == "__main__":
    sys.exit(main())
