"""Accounts made at the machine's own terminal: for the first ones, when there is nobody yet to invite anybody.

A role of the office is given at once while nobody has it, and the log says by whom. After that, and always for a role
that signs, it is only proposed, and a person on the pages must agree.
"""

from harness.portal import audit, people
from harness.portal.asking import PORTAL_ROLES
from harness.portal.clock import now_ms
from harness.portal.models import Grant
from harness.portal.telling import roles_held


def add_person(email: str, name: str, title: str, side: str, roles: tuple[str, ...], *, user: str) -> str:
    """Make an account; gives the one-time link. NotSo where it can't be."""
    by = f"terminal:{user}"
    person = people.add(email, name, title, side, by=by)
    held = roles_held()  # by the log: a row could be hidden for the moment
    for role in roles:
        grant = people.ask_grant(person, role, by=by)
        if role in PORTAL_ROLES and role not in held:
            Grant.objects.filter(pk=grant.pk).update(approved_by=by, since_ms=now_ms())
            people.tell_grant(grant, by)
    audit.by_terminal(user, "person", person.email)
    return people.invite(person, by=by)
