"""The proof of the guard gives a real row one try: only a control, which must go beyond its limit, is tried again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import guard
from tests.proofs.guard import Kept, Row


def trying(measured: list[float], *, control: bool) -> tuple[Callable[[Path], Row], list[Path]]:
    """Rows that measure one thing after the other, and where each was carried out."""
    tried: list[Path] = []

    def carry_out(folder: Path) -> Row:
        tried.append(folder)
        return Row(
            name="a row",
            arrived=9,
            before=9,
            measured=measured[len(tried) - 1],
            limit=1.0,
            enough=True,
            control=control,
        )

    return carry_out, tried


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr(guard, "ROOT", tmp_path)
    return Kept(fresh=True)


def test_a_real_row_beyond_its_limit_has_failed_and_is_not_tried_again(kept: Kept, tmp_path: Path) -> None:
    carry_out, tried = trying([1.5, 0.5, 0.5], control=False)
    assert not kept.row("a", carry_out, tmp_path, 3).good
    assert len(tried) == 1
    assert kept.rows == {}


def test_a_control_within_its_limit_is_tried_again_until_it_goes_beyond(kept: Kept, tmp_path: Path) -> None:
    carry_out, tried = trying([0.5, 1.5, 1.5], control=True)
    assert kept.row("a", carry_out, tmp_path, 3).good
    assert len(tried) == 2
    carry_out, tried = trying([0.5, 0.5, 0.5], control=True)
    assert not kept.row("b", carry_out, tmp_path, 3).good
    assert len(tried) == 3
