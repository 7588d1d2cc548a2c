"""Operations that may end what a run stands on: its own account, its session, a whole collection, the server.

They are tried all the same, after everything else: what is built first is changed next, and
ended last.
"""

import re
from collections.abc import Iterable

from harness.model.contract import Operation

_ENDING = re.compile(
    r"log-?_?out|sign-?_?out|revoke|restart|reboot|shut-?_?down|factory|reset|flush|purge|wipe|uninstall|password|passwd",
    re.IGNORECASE,
)
_IDENTITIES = re.compile(
    r"(?:accounts?|users?|members?|me|self|profiles?|credentials?|tokens?|sessions?|(?:api[-_]?)?keys?|clients?|auth)\Z",
    re.IGNORECASE,
)
_CHANGING = frozenset(("PUT", "PATCH", "DELETE"))
_READING = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def may_end_access(operation: Operation) -> bool:
    """Whether an operation may lock the run out, or take away what the others work on."""
    steps = [step for step in operation.path.split("/") if step]
    words = [step for step in steps if not step.startswith("{")]
    if operation.method not in _READING and any(_ENDING.search(step) for step in (*words, operation.id)):
        return True
    if operation.method == "GET" and words and _ENDING.fullmatch(words[-1]):
        return True
    if operation.method in _CHANGING and any(_IDENTITIES.match(step) for step in words):
        return True
    return operation.method == "DELETE" and not operation.path.rstrip("/").endswith("}")


def in_two_turns(operations: Iterable[Operation]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels for the first turn, and for the last: what may end access, with its neighbours that make things for it."""
    everything = tuple(operations)
    dangerous = [operation for operation in everything if may_end_access(operation)]
    first = tuple(operation.label for operation in everything if operation not in dangerous)
    if not first or not dangerous:
        return tuple(operation.label for operation in everything), ()
    roots = {_root(operation) for operation in dangerous}
    last = tuple(operation.label for operation in everything if operation in dangerous or _root(operation) in roots)
    return first, last


def _root(operation: Operation) -> str:
    """The collection that an operation works on: what stands before the first parameter."""
    return operation.path.partition("{")[0].rstrip("/")
