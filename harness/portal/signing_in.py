"""Signing in: a session begins anew each time, and failed tries are counted so that guessing is hopeless.

At most ten tries per account in a quarter of an hour, whatever addresses they claim to come from. That holds for
passwords alone: a person whom somebody else locked out still comes in with their passkey.
"""

from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import Attempt, Person, Session
from harness.portal.passwords import matches

WINDOW_MS = 15 * 60_000
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 100
FRESH_MS = 5 * 60_000


def by_password(request: Request, email: str, password: str) -> Person | None:
    """Whoever has that name and password; None otherwise, after the same time and with the same words."""
    name = email.strip().lower()[:200]
    account, address = f"account:{name}"[:80], f"address:{request.address}"[:80]
    person = Person.objects.filter(email=name, active=True).first()
    if locked(account, MOST_PER_ACCOUNT) or locked(address, MOST_PER_ADDRESS):
        matches(password, "")
        return None
    Attempt.objects.bulk_create([Attempt(key=account), Attempt(key=address)])
    if not matches(password, person.password if person is not None else ""):
        return None
    Attempt.objects.filter(key=account).delete()
    return person


def locked(key: str, most: int) -> bool:
    """Whether there were too many tries lately."""
    return Attempt.objects.filter(key=key, at_ms__gt=now_ms() - WINDOW_MS).count() >= most


def begin(request: Request, person: Person, how: str) -> None:
    """A new session for a person: a new cookie, and the moment and means of the proof in it."""
    request.session.flush()
    now = now_ms()
    request.session.update({"person": person.id, "stamp": person.stamp, "how": how, "fresh_ms": now, "begun_ms": now})
    request.person = person


def is_fresh(request: Request) -> bool:
    """Whether the person proved lately that it is them."""
    return bool(0 <= now_ms() - int(request.session.get("fresh_ms", 0)) <= FRESH_MS)


def end_all(person: Person) -> None:
    """End every session of a person, here and everywhere."""
    Session.objects.filter(person=person).delete()
