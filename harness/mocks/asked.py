"""What a mock was asked lately, whole and in memory only: for those who verify by looking at the journal.

Bounded in number and in bytes; the oldest goes first. Nothing of it is ever written to disk.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from harness.mocks.messages import Reply, Request, Source

_MOST = 1000
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One request and its answer. `path` is as it arrived; that of the request is below the mock's base path."""

    id: str
    at_ms: int
    path: str
    request: Request
    reply: Reply

    @property
    def matched(self) -> bool:
        """Whether a stub or the contract answered it."""
        return self.reply.source is not Source.UNMATCHED

    @property
    def weight(self) -> int:
        """About how many bytes it holds."""
        return 1000 + len(self.path) + len(self.request.query) + len(self.request.body) + len(self.reply.body)


class Asked:
    """The last interactions, and which stubs were ever used."""

    def __init__(self) -> None:
        self._kept: deque[Interaction] = deque()
        self._bytes = 0
        self._noted = 0
        self.used: set[str] = set()

    def __iter__(self) -> Iterator[Interaction]:
        """The newest first."""
        return reversed(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def note(self, request: Request, path: str, reply: Reply, at_ms: int) -> None:
        """One interaction more."""
        self._noted += 1
        one = Interaction(id=numbered_id(self._noted), at_ms=at_ms, path=path, request=request, reply=reply)
        if reply.stub_id:
            self.used.add(reply.stub_id)
        self._kept.append(one)
        self._bytes += one.weight
        while len(self._kept) > _MOST or self._bytes > _MOST_BYTES:
            self._bytes -= self._kept.popleft().weight

    def forget(self, ids: frozenset[str] | None = None) -> None:
        """Forget those, or all."""
        kept = [] if ids is None else [one for one in self._kept if one.id not in ids]
        self._kept = deque(kept)
        self._bytes = sum(one.weight for one in kept)
        if ids is None:
            self.used.clear()


def numbered_id(number: int) -> str:
    """A UUID that only says which interaction it was."""
    return f"00000000-0000-4000-8000-{number:012x}"
