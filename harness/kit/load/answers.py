"""Holding a share of all answers against the contract while the load goes on.

Which answers is no matter of chance: of each name every n-th one, the first included, so that a rare operation is not
missed. What is found never stops the load; it is counted, and judged with the other figures.
"""

from typing import Any, Protocol
from urllib.parse import urlsplit

from harness.formats.openapi import read_contract
from harness.kit.load.tallies import MOST_KINDS
from harness.mocks.contracts import Compiled, compile_contract
from harness.mocks.drifting import answer_violations
from harness.model.figures import AnswersChecked


class Answered(Protocol):
    """What every client's response has."""

    status_code: int
    content: bytes
    headers: Any


class Answers:
    """The check, and what it found so far. `base_path`: what the system's address has before the contract's paths."""

    def __init__(self, compiled: Compiled, *, share: float, base_path: str) -> None:
        self._compiled = compiled
        self._every = max(1, round(1 / share))
        self._base_path = base_path.rstrip("/")
        self._seen: dict[str, int] = {}
        self._checked = self._unlawful = self._unknown = 0
        self._kinds: dict[str, int] = {}

    def wants(self, name: str) -> bool:
        """Whether the next answer of a name is one to check."""
        seen = self._seen.get(name, 0)
        self._seen[name] = seen + 1
        return seen % self._every == 0

    def check(self, method: str, url: str, response: Answered) -> bool | None:
        """Whether an answer keeps the contract; None where the contract has no such operation."""
        path = urlsplit(url).path if "://" in url else url.partition("?")[0].partition("#")[0]
        if "://" in url and self._base_path and path.startswith(self._base_path + "/"):
            path = path[len(self._base_path) :]
        routed = self._compiled.router.find(method, path or "/")
        if routed is None or routed.target is None:
            self._unknown += 1
            return None
        self._checked += 1
        headers = tuple((str(name), str(value)) for name, value in response.headers.items())
        found = answer_violations(routed.target, response.status_code, headers, response.content or b"")
        if not found:
            return True
        self._unlawful += 1
        kind = f"{routed.target.id} {response.status_code}: {found[0]}"[:200]
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            kind = "other"
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        return False

    def figures(self) -> AnswersChecked:
        """What was found until now."""
        return AnswersChecked(
            checked=self._checked, unlawful=self._unlawful, unknown=self._unknown, kinds=dict(self._kinds)
        )


def answers_against(contract: str, *, root: str, share: float, base_url: str) -> Answers | None:
    """The check against the document at `contract` (a path below `root`); None where nothing is to be checked."""
    if not contract or share <= 0:
        return None

    def read(path: str) -> bytes:
        with open(f"{root}/{path}", "rb") as file:  # noqa: PTH123 - a path of the workspace, as the runner gave it
            return file.read()

    compiled = compile_contract(read_contract(contract, read, strict=False).document)
    return Answers(compiled, share=share, base_path=urlsplit(base_url).path)
