"""Checks that the engine does not bring: whether an answer could be read at all."""

from typing import Any

from harness.kit.contract.bounds import MARK


def register_checks() -> None:
    """Make them known to the engine; once per process."""
    import schemathesis
    from schemathesis.core.failures import Failure, Severity

    class UnreadableAnswer(Failure):  # type: ignore[misc]
        """An answer that was cut, or that can't be decoded."""

        __slots__ = ()

    def readable_answer(_: Any, response: Any, case: Any) -> None:
        marks = response.headers.get(MARK)
        if marks:
            why = marks[0]
            raise UnreadableAnswer(
                operation=case.operation.label,
                title=f"the answer {why}",
                message=f"the answer {why}",
                severity=Severity.HIGH,
            )

    schemathesis.check(readable_answer)
