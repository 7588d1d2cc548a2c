"""A mock asked directly: one engine, no transport of its own.

Every interaction is remembered with its provenance, so that a test can say what it relied on and that
nothing broke the contract.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harness.adapters.mock_server.loading import load_mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.sessions import session_of


class MockBroken(AssertionError):
    """A request broke the dependency's contract, or a stub of ours lied; the message names each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One request and its reply, as a test looks at them."""

    method: str
    path: str
    query: str
    body: bytes
    reply: Reply
    session: str = ""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, in a sentence; None where nothing is."""
        where = f"{self.method} {self.path}"
        if self.reply.source is Source.UNMATCHED:
            return f"{where}: nothing answers this"
        if self.reply.violations:
            return f"{where} breaks the contract: {'; '.join(str(one) for one in self.reply.violations)}"
        if self.reply.drift:
            who = f"stub `{self.reply.stub}`" if self.reply.stub else "the mock"
            return f"{who} lied for {where}: {'; '.join(str(one) for one in self.reply.drift)}"
        return None


class InProcessMock:
    """The mock of a folder or an OpenAPI document. All problems of its files come when it is made."""

    def __init__(self, target: str | Path, *, contract: str | Path | None = None) -> None:
        self.loaded = load_mock(Path(target), contract=Path(contract) if contract is not None else None)
        self.loaded.mock.now_ms = lambda: time.time_ns() // 1_000_000
        self.interactions: list[Interaction] = []

    def ask(self, method: str, url: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> Reply:
        """The reply to a request; `url` absolute or a path."""
        parts = urlsplit(url)
        path = parts.path or "/"
        given = tuple((name.lower(), value) for name, value in headers)
        request = Request(method.upper(), path, parts.query, given, body)
        session = session_of(request)
        reply = self.loaded.mock.answer(request)
        self.interactions.append(
            Interaction(method=request.method, path=path, query=parts.query, body=body, reply=reply, session=session)
        )
        return reply

    def ask_below(
        self, base_url: str, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> Reply | None:
        """The reply to a request below the address that the dependency would have; None for any other address."""
        base = base_url.rstrip("/")
        rest = url[len(base) :]
        if not url.startswith(base) or rest[:1] not in {"", "/", "?"}:
            return None
        rest = rest if rest.startswith("/") else f"/{rest}"
        return self.ask(method, self.loaded.mock.base_path + rest, headers, body)

    def calls(self, operation: str) -> int:
        """How often an operation was asked."""
        return sum(one.reply.operation == operation for one in self.interactions)

    def unused_stubs(self) -> tuple[str, ...]:
        """Stubs that no request used, by name."""
        used = {one.reply.stub for one in self.interactions}
        return tuple(stub.name for stub in self.loaded.mappings if stub.name not in used)

    def reset(self) -> None:
        """States and resources as at the start, nothing remembered."""
        self.loaded.mock.sessions.reset()
        self.interactions.clear()

    def verify(self) -> None:
        """Raise `MockBroken` with every interaction that broke the contract."""
        problems = [problem for one in self.interactions if (problem := one.problem) is not None]
        if problems:
            raise MockBroken("\n".join(problems))
