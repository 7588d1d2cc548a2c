"""The journal of a mock: one JSON line an interaction, on disk before the answer leaves.

Bounded whatever the load: the first interactions are told one by one, later ones that are in order are
counted and told once a second; what broke a contract is told one by one up to a bound of its own. What a
full disk did not take is counted. No body, no header and no credential is ever written here; `uses`, where given,
keeps what can be asked again.
"""

import contextlib
import json
import os
from collections import Counter, deque
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from harness.adapters.mock_server.uses import Uses
from harness.mocks.messages import Reply, Request, Source, Violation
from harness.mocks.schemas import is_private

_TOLD_EACH = 10_000
_REMEMBERED = 1000
_LONGEST = 2000


class Journal:
    """Where interactions go: the last ones in memory, all of them into a file where one was given."""

    def __init__(self, path: Path | None, now_ms: Callable[[], int], uses: Uses | None = None) -> None:
        self.recent: deque[str] = deque(maxlen=_REMEMBERED)
        self.interactions = 0
        self.used: set[str] = set()
        self.unmatched: Counter[str] = Counter()
        self.lost = 0
        self.why_lost = ""
        self.now_ms = now_ms
        self._uses = uses
        self._told = 0
        self._told_wrong = 0
        self._counted: dict[tuple[str | None, int, str, str | None, bool], int] = {}
        self._pending: list[str] = []
        self._file = None if path is None else _opened(path)

    def note(self, request: Request, path: str, reply: Reply, session: str) -> None:
        """Tell one interaction; `flush` puts it on disk. `path` is as it arrived."""
        self.interactions += 1
        if self._uses is not None:
            self._uses.note(request, reply, session)
        if reply.stub is not None:
            self.used.add(reply.stub)
        elif reply.source is Source.UNMATCHED and (len(self.unmatched) < _REMEMBERED):
            self.unmatched[f"{request.method} {path[:_LONGEST]}"] += 1
        wrong = bool(reply.violations or reply.drift or reply.source is Source.UNMATCHED)
        if self._told >= _TOLD_EACH and (not wrong or self._told_wrong >= _TOLD_EACH):
            key = (reply.operation, reply.status, reply.source.value, reply.stub, wrong)
            self._counted[key] = self._counted.get(key, 0) + 1
            return
        self._told += 1
        self._told_wrong += wrong
        line = self._line(request, path, reply, session)
        self.recent.append(line)
        if self._file is not None:
            self._pending.append(line)

    def flush(self) -> None:
        """What was told so far is on disk afterwards: it survives the end of this process, however it ends."""
        if not self._pending or self._file is None:
            return
        lost = [json.dumps({"kind": "lost", "count": self.lost}) + "\n"] if self.lost else []
        try:
            _write(self._file, "".join([*lost, *self._pending]).encode())
        except OSError as error:
            self.lost += len(self._pending)
            self.why_lost = error.strerror or str(error)
        self._pending.clear()

    def settle(self) -> None:
        """Write the counts of what was not told one by one."""
        for (operation, status, source, stub, wrong), count in self._counted.items():
            entry = {
                "kind": "counted", "at_ms": self.now_ms(), "operation": operation, "status": status,
                "source": source, "stub": stub, "wrong": wrong, "count": count,
            }  # fmt: skip
            self._pending.append(json.dumps(entry, separators=(",", ":")) + "\n")
        self._counted.clear()
        self.flush()

    def start(self, **facts: Any) -> None:
        """The first line: what this mock is."""
        self._pending.append(json.dumps({"kind": "started", "at_ms": self.now_ms(), **facts}) + "\n")
        self.flush()

    def changed(self, what: str) -> None:
        """Somebody changed the mock while it served."""
        self._pending.append(json.dumps({"kind": "changed", "at_ms": self.now_ms(), "what": what}) + "\n")
        self.flush()

    def close(self) -> None:
        """Everything written, file closed."""
        self.settle()
        if self._uses is not None:
            self._uses.close()
        if self._file is not None:
            with contextlib.suppress(OSError):  # a device or pipe has nothing to sync
                os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _line(self, request: Request, path: str, reply: Reply, session: str) -> str:
        parts = [
            f'{{"kind":"interaction","at_ms":{self.now_ms()},"method":{quoted(request.method)}',
            f'"path":{quoted(path[:_LONGEST])},"operation":{_text(reply.operation)},"status":{reply.status}',
            f'"source":"{reply.source.value}","stub":{_text(reply.stub)}',
        ]
        if request.query:
            parts.append(f'"query":{quoted(_shown(request))}')
        if session:
            parts.append(f'"session":{quoted(session)}')
        if reply.fault is not None:
            parts.append(f'"fault":"{reply.fault.value}"')
        if reply.violations:
            parts.append(f'"violations":{_listed(reply.violations)}')
        if reply.drift:
            parts.append(f'"drift":{_listed(reply.drift)}')
        return ",".join(parts) + "}\n"


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def _listed(violations: tuple[Violation, ...]) -> str:
    return json.dumps(
        [{"where": v.where, "pointer": v.pointer, "message": v.message, "rule": v.rule} for v in violations[:10]]
    )


def _shown(request: Request) -> str:
    """The query without the values of what sounds like a secret."""
    if not is_private(request.query):
        return request.query[:_LONGEST]
    pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    return urlencode([(name, "***" if is_private(name) else value) for name, value in pairs], quote_via=quote)[
        :_LONGEST
    ]


def _opened(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _write(file: int, body: bytes) -> None:
    while body:
        body = body[os.write(file, body) :]
