"""Everything that was done or tried is written down: by whom, on what, how it ended."""

from harness.portal.asking import Request
from harness.portal.models import Audit


def note(request: Request, what: str, about: str = "", *, outcome: str = "done", why: str = "", who: str = "") -> None:
    """One line. `who` is the person of the request unless it is somebody that the request only claims to be."""
    token = getattr(request, "token", None)
    known = f"token:{token.name}" if token is not None else request.person.id if request.person is not None else ""
    Audit.objects.create(
        who=(who or known)[:80],
        what=what[:60],
        about=about[:200],
        outcome=outcome,
        why=why[:400],
        address=request.address,
    )


def by_terminal(user: str, what: str, about: str = "") -> None:
    """What was done at the machine's own terminal."""
    Audit.objects.create(who=f"terminal:{user}"[:80], what=what[:60], about=about[:200])
