"""Packages that wait for a crowd: everybody has answered, decided and looked it through; what is left is to sign.

    HARNESS_PORTAL_DATA=… python -m tests.portal.crowding --packages 60 --signers 200 --keys keys.json [--mode at-once]

`desks`: each package asks twenty roles, held by the signers in turn, and each place has its one signer.
`at-once`: each package asks one place of everybody, one of the first two, and one of each person alone.
The file of keys tells the people with their keys, and who signs what.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.portal import filling
from tests.portal.publication import criterion

DESKS = tuple(f"desk-{chr(ord('a') + place)}" for place in range(20))
MODES = ("desks", "at-once")


def held(mode: str, number: int) -> tuple[str, ...]:
    """The roles of a signer."""
    if mode == "desks":
        return (DESKS[number % len(DESKS)],)
    return ("shared", *(("pair",) if number < 2 else ()), f"own-s{number}")


def wanted_of(mode: str, number: int, people: list[filling.Signer]) -> Iterator[filling.Signer]:
    """Who signs the package of that number, in which role."""
    if mode == "desks":
        for role in DESKS:
            mine = [one for one in people if one.role == role]
            yield mine[number % len(mine)]
        return
    for place, one in enumerate(people):
        yield from (replace(one, role=role) for role in held(mode, place))


def crowd(mode: str, packages: int, signers: int) -> dict[str, list[dict[str, str]]]:
    """People with their keys, and what is to be signed: by whom, which package, in which role."""
    from django.db import transaction

    with transaction.atomic():
        people = [filling.signer(number, *held(mode, number)) for number in range(signers)]
        qa = filling.person("quinn@example.org", "Quinn Asare", "qa", ("qa", "auditor"))
    wanted = []
    for number in range(packages):
        with transaction.atomic():
            signing = list(wanted_of(mode, number, people))
            row = _package(qa, number, dict.fromkeys(one.role for one in signing))
            for one in signing:
                filling.ready(row, one)
                wanted.append({"email": one.email, "code": row.code, "role": one.role})
    return {"people": filling.keys_of(people), "wanted": wanted}


def _package(qa: Any, number: int, roles: dict[str, None]) -> Any:
    from harness.portal.freezing import freeze
    from harness.portal.models import Project

    project, _ = Project.objects.get_or_create(slug="order-hub", defaults={"name": "order hub"})
    criteria = tuple(criterion(f"C-{place}", role) for place, role in enumerate(roles))
    run = filling.published(project, qa, f"9.{number}.0", number, criteria, 0)
    return freeze(filling.wish(project, run, number), qa)


def main() -> int:
    """Set the portal up, and write who signs what."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=60)
    parser.add_argument("--signers", type=int, default=200)
    parser.add_argument("--mode", choices=MODES, default="desks")
    parser.add_argument("--keys", type=Path, required=True)
    args = parser.parse_args()
    filling.set_up()
    args.keys.write_text(json.dumps(crowd(args.mode, args.packages, args.signers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
