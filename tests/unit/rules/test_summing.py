"""What a job came to: the worst attempt, and what was never reported."""

import pytest

from harness.model.evidence import Outcome, Seen
from harness.rules.summing import worst


def attempts(*outcomes: Outcome) -> tuple[Seen, ...]:
    return tuple(Seen(check="c", job="j", outcome=outcome) for outcome in outcomes)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((Outcome.PASSED,), Outcome.PASSED),
        ((Outcome.FAILED, Outcome.PASSED), Outcome.FAILED),
        ((Outcome.PASSED, Outcome.BROKEN), Outcome.BROKEN),
        ((Outcome.SKIPPED, Outcome.PASSED), Outcome.SKIPPED),
        ((Outcome.BROKEN, Outcome.FAILED, Outcome.PASSED), Outcome.FAILED),
    ],
)
def test_a_retry_hides_nothing(outcomes: tuple[Outcome, ...], expected: Outcome) -> None:
    assert worst(attempts(*outcomes)) is expected
