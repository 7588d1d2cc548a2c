"""What a mock was relied on for, whole: requests and answers that can be asked of the real dependency later.

Bounded whatever the load: of each kind (operation, status, stub) the first ones, on disk before the answer leaves.
The file lies in a private scratch directory; only its redacted copy is ever kept. No credential is written at all:
of the headers only those that the contract documents and whose name speaks of no secret.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from harness.mocks.contracts import Compiled
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.relying import text_or_none
from harness.mocks.schemas import is_private

_OF_EACH = 60
_KINDS = 400
_LONGEST = 64 * 1024
_SAID = frozenset({Source.STUB, Source.EXAMPLE, Source.GENERATED, Source.STATE})
_ALWAYS = frozenset({"content-type", "accept"})


class Uses:
    """Writes interactions down that the mock answered as the dependency would."""

    def __init__(self, path: Path, compiled: Compiled) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._compiled = compiled
        self._written: dict[tuple[str, int, str | None], int] = {}

    def note(self, request: Request, reply: Reply, session: str) -> None:
        """One interaction; most are only counted, and cost a look-up."""
        if reply.source not in _SAID or reply.operation is None or reply.drift or reply.violations:
            return
        key = (reply.operation, reply.status, reply.stub)
        written = self._written.get(key, 0)
        if written >= _OF_EACH or (not written and len(self._written) >= _KINDS):
            return
        self._written[key] = written + 1
        line = json.dumps(self._told(request, reply, session), separators=(",", ":")) + "\n"
        with contextlib.suppress(OSError):  # a full disk is told by the journal, which counts what it lost
            os.write(self._file, line.encode())

    def close(self) -> None:
        """Nothing more comes."""
        with contextlib.suppress(OSError):
            os.close(self._file)

    def _told(self, request: Request, reply: Reply, session: str) -> dict[str, Any]:
        body, answer = text_or_none(request.body, _LONGEST), text_or_none(reply.body, _LONGEST)
        told = {
            "operation": reply.operation, "method": request.method, "path": request.path, "query": request.query,
            "status": reply.status, "source": reply.source.value, "stub": reply.stub or "", "session": session,
            "answer_headers": [[name.lower(), value] for name, value in reply.headers if not is_private(name)],
        }  # fmt: skip
        if reply.fault is not None:
            return {**told, "withheld": f"the mock broke the connection ({reply.fault.value})"}
        if body is None or answer is None:
            return {**told, "withheld": "a body is binary, or longer than 64 KiB"}
        if is_private(request.query) or _speaks_of_a_secret(body) or _speaks_of_a_secret(answer):
            return {**told, "query": "", "withheld": "it speaks of a secret, which is never kept"}
        return {**told, "headers": self._headers(request, reply), "body": body, "answer_body": answer}

    def _headers(self, request: Request, reply: Reply) -> list[list[str]]:
        operation = self._compiled.operations.get(reply.operation or "")
        named = {one.name.lower() for one in operation.parameters if one.where == "header"} if operation else set()
        kept = {name for name in named | _ALWAYS if not is_private(name)}
        return [[name, value] for name, value in request.headers if name in kept]


def _speaks_of_a_secret(text: str) -> bool:
    """Whether a body has a member or field named like a secret; what is no JSON is looked at whole."""
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return is_private(text)
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if any(is_private(name) for name in node):
                return True
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return False
