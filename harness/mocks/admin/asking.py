"""A request to the admin API, and the refusal of one."""

from dataclasses import dataclass
from typing import Any

from harness.mocks.messages import Request, Unreadable


class NotDone(Exception):
    """An admin request that was not carried out: the status, why, and what to do instead."""

    def __init__(self, status: int, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Asking:
    """One request to the admin API."""

    request: Request

    def json(self) -> dict[str, Any]:
        """Its body, a JSON object; `NotDone` for anything else."""
        try:
            found = self.request.json() if self.request.body else {}
        except Unreadable as error:
            raise NotDone(422, f"the body is {error}") from None
        if not isinstance(found, dict):
            raise NotDone(422, "the body is a JSON object")
        return found

    def query(self, name: str) -> str | None:
        """A query parameter, None where it is not there."""
        return next((value for key, value in self.request.pairs if key == name), None)

    def whole(self, name: str) -> int | None:
        """A query parameter that is a whole number."""
        text = self.query(name)
        if text is None:
            return None
        if not text.isdigit() or len(text) > 15:
            raise NotDone(400, f"`{name}` is a whole number, not {text[:40]!r}")
        return int(text)
