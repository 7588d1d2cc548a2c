"""What answers broke is told with its share, and with the rate it began at where that is clear."""

import pytest

from harness.model.figures import AnswersChecked, Figures, Slice
from harness.rules.load_breaks import answers_told, contract_breaks

BROKEN = AnswersChecked(checked=100, unlawful=3, unknown=2, kinds={"a 200: body: x": 1, "b 200: body: y": 2})


def figures(*slices: Slice) -> Figures:
    return Figures(closed=True, answers=BROKEN, slices=slices)


def test_the_most_frequent_break_comes_first():
    assert contract_breaks(figures()) == "b 200: body: y × 2; a 200: body: x × 1; 3 of 100 checked"


@pytest.mark.parametrize(
    ("slow_breaks", "told"), [(0, ", only from 200 /s on"), (1, "")], ids=["fast seconds only", "slow ones too"]
)
def test_the_rate_is_told_only_where_slower_seconds_were_lawful(slow_breaks, told):
    slow = Slice(at_s=0, answered=50, checked=5, unlawful=slow_breaks)
    still = Slice(at_s=1, answered=60, checked=6)
    fast = Slice(at_s=2, answered=190, failed=10, checked=20, unlawful=2)
    assert contract_breaks(figures(slow, still, fast)).endswith(f"checked{told}")


def test_nothing_is_told_where_nothing_was_to_be_checked():
    assert list(answers_told(Figures(closed=True))) == []
    assert "2 had no operation there" in next(answers_told(figures()))
