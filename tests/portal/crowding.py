"""Packages that wait for a crowd: each asks twenty roles, and everybody has answered, decided and looked it through.

    HARNESS_PORTAL_DATA=… python -m tests.portal.crowding --packages 60 --signers 200 --keys keys.json

What is left is the page with the words and the touch. The file of keys tells who signs what.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.portal.publication import criterion

ROLES = tuple(f"desk-{chr(ord('a') + place)}" for place in range(20))


def crowd(packages: int, signers: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(people with their keys, what is to be signed: by whom, which package, in which role)."""
    from django.db import transaction

    from tests.portal import filling

    with transaction.atomic():
        people = [filling.signer(number, ROLES[number % len(ROLES)]) for number in range(signers)]
        qa = filling.person("quinn@example.org", "Quinn Asare", "qa", ("qa", "auditor"))
    wanted = []
    for number in range(packages):
        with transaction.atomic():
            row = _package(qa, number)
            for role in ROLES:
                mine = [one for one in people if one.role == role]
                who = mine[number % len(mine)]
                filling.ready(row, who)
                wanted.append({"email": who.email, "code": row.code, "role": role})
    return filling.keys_of(people), wanted


def _package(qa: Any, number: int) -> Any:
    from harness.portal.freezing import freeze
    from harness.portal.models import Project
    from tests.portal import filling

    project, _ = Project.objects.get_or_create(slug="order-hub", defaults={"name": "order hub"})
    criteria = tuple(criterion(f"C-{place}", role) for place, role in enumerate(ROLES))
    run = filling.published(project, qa, f"9.{number}.0", number, criteria, 0)
    return freeze(filling.wish(project, run, number), qa)


def main() -> int:
    """Set the portal up, and write who signs what."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=60)
    parser.add_argument("--signers", type=int, default=200)
    parser.add_argument("--keys", type=Path, required=True)
    args = parser.parse_args()
    from tests.portal import filling

    filling.set_up()
    people, wanted = crowd(args.packages, args.signers)
    args.keys.write_text(json.dumps({"people": people, "wanted": wanted}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
