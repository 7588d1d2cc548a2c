"""Figures in the making: of one operation, and of one stretch of the run. Cheap to add to, exact to join."""

from collections.abc import Iterable

from harness.model.figures import OperationFigures, Slice
from harness.rules.histogram import merged

MOST_KINDS = 50
_CUT = frozenset({"timeout", "unfinished"})
_UNREACHED = frozenset({"refused", "unreachable"})


class Tally:
    """The figures of one operation in the making."""

    __slots__ = ("answered", "errors", "failed", "max_us", "received", "response", "service", "statuses", "sum_us")

    def __init__(self) -> None:
        self.answered = self.failed = self.received = self.max_us = self.sum_us = 0
        self.errors: dict[str, int] = {}
        self.statuses: dict[int, int] = {}
        self.response: dict[int, int] = {}
        self.service: dict[int, int] = {}

    def count(self, kind: str | None, response_us: int, response_bucket: int, service_bucket: int) -> None:
        """One more request; `kind` None = answered. A cut-off one counts with the time it was waited for."""
        if kind is None:
            self.answered += 1
        else:
            self.fail(kind)
            if kind not in _CUT:
                return
        response, service = self.response, self.service
        response[response_bucket] = response.get(response_bucket, 0) + 1
        service[service_bucket] = service.get(service_bucket, 0) + 1
        self.sum_us += response_us
        if response_us > self.max_us:
            self.max_us = response_us

    def fail(self, kind: str) -> None:
        """One more failure of a kind."""
        self.failed += 1
        if kind not in self.errors and len(self.errors) >= MOST_KINDS:
            kind = "other"
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def figures(self, name: str) -> OperationFigures:
        """What was counted until now."""
        return OperationFigures(
            name=name,
            answered=self.answered,
            failed=self.failed,
            errors=dict(self.errors),
            statuses={str(status): count for status, count in self.statuses.items()},
            received_bytes=self.received,
            response_us=dict(self.response),
            service_us=dict(self.service),
            max_us=self.max_us,
            sum_us=self.sum_us,
        )


class Moment:
    """A slice of the run in the making."""

    __slots__ = ("answered", "checked", "dropped", "failed", "response", "unlawful", "unreached", "users")

    def __init__(self) -> None:
        self.answered = self.failed = self.unreached = self.dropped = self.users = 0
        self.checked = self.unlawful = 0
        self.response: dict[int, int] = {}

    def count(self, kind: str | None, response_bucket: int) -> None:
        """One more request; `kind` None = answered."""
        if kind is None:
            self.answered += 1
        else:
            self.failed += 1
            self.unreached += kind in _UNREACHED
            if kind not in _CUT:
                return
        self.response[response_bucket] = self.response.get(response_bucket, 0) + 1

    def held(self, lawful: bool | None) -> None:
        """One more answer was held against the contract; None where the contract does not know it."""
        if lawful is not None:
            self.checked += 1
            self.unlawful += not lawful

    def figures(self, at_s: float) -> Slice:
        """What was counted until now."""
        return Slice(
            at_s=at_s,
            answered=self.answered,
            failed=self.failed,
            unreached=self.unreached,
            dropped=self.dropped,
            users=self.users,
            response_us=dict(self.response),
            checked=self.checked,
            unlawful=self.unlawful,
        )


def joined(moments: Iterable[Moment]) -> Moment:
    """Several moments as one."""
    whole = Moment()
    for moment in moments:
        whole.answered += moment.answered
        whole.failed += moment.failed
        whole.unreached += moment.unreached
        whole.dropped += moment.dropped
        whole.checked += moment.checked
        whole.unlawful += moment.unlawful
        whole.users = max(whole.users, moment.users)
        whole.response = merged((whole.response, moment.response))
    return whole
