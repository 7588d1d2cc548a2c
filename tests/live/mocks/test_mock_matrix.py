"""The sample's hub while its ERP fails in every way: it survives; with a known fault of its own it does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live.asked import Asked, Said

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]


@contextmanager
def written(workspace: Asked, text: str) -> Iterator[None]:
    """Another matrix for a while; `{}` in the text is the one that is there."""
    file = workspace.root / "mocks" / "erp" / "matrix.toml"
    before = file.read_text()
    file.write_text(text.replace("{}", before))
    try:
        yield
    finally:
        file.write_text(before)


def tried(workspace: Asked, **environment: str) -> Said:
    return workspace.ask("mock", "matrix", "erp", "--tier", "test", "--seed", "7", **environment)


def test_the_hub_survives_whatever_the_erp_does(workspace: Asked) -> None:
    said = tried(workspace)
    assert said.exit == 0, said.all
    assert "`orders` survived 21 of 21 failures of `erp`" in said.all
    assert "left out mock:erp/survives/releaseReservation@empty: its answers have no JSON body" in said.all


def test_a_hub_that_confirms_without_the_erp_does_not_survive(workspace: Asked) -> None:
    with written(workspace, 'faults = ["503", "slow"]\n{}'):
        said = tried(workspace, SAMPLE_FAULTS="erp-failure-ignored")
    assert said.exit == 1, said.all
    assert "`orders` survived 4 of 6 failures of `erp`" in said.all
    assert "createOrder: it answered 201 without a usable answer; right is 503" in said.all


def test_a_failure_that_never_reaches_the_hub_is_undecided(workspace: Asked) -> None:
    with written(workspace, 'faults = ["reset"]\n\n[[leads]]\nto = ["listStock"]\nsteps = ["createOrder"]\n'):
        said = tried(workspace)
    assert said.exit == 3, said.all
    assert "no request reached `listStock`, so the fault was never met" in said.all


def test_operations_that_nothing_leads_to_leave_it_undecided_though_all_that_was_tried_survived(
    workspace: Asked,
) -> None:
    with written(workspace, 'faults = ["reset"]\n\n[[leads]]\nto = ["reserveStock"]\nsteps = ["createOrder"]\n'):
        said = tried(workspace)
    assert said.exit == 3, said.all
    assert "`orders` survived 1 of 5 failures of `erp`" in said.all
    assert "nothing in matrix.toml leads to it" in said.all
