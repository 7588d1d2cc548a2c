"""Situations in which the stock tool says yes, hides something, or says the same for everything: it is the control.

The stock tool runs on the command line against the server that our own tests ask in the same state.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.formats.allure_result import tier_parameter
from harness.model.evidence import Observations

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
HERE = Path(__file__).parent


def beside(name: str) -> Any:
    """A module of this folder."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


specimen, suite = beside("specimen"), beside("test_contract_suite")
BODIES = ("--checks", "negative_data_rejection")
Stock = Callable[..., int]


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    """`st run` with our document, at an address: its exit status."""
    (tmp_path / "document.json").write_text(json.dumps(specimen.DOCUMENT))

    def run(url: str, *more: str) -> int:
        tool = Path(sys.executable).with_name("st")
        head = [str(tool), "run", "document.json", "--url", url, "-H", f"Authorization: Bearer {specimen.TOKEN}"]
        argv = [*head, "--phases", "coverage", "--seed", "1", "--no-color", *more]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, timeout=170, check=False).returncode

    return run


def ours(tmp_path: Path, url: str, **how: Any) -> Observations:
    made: Observations = suite.run(tmp_path, url, **how)
    return made


def test_f1_only_get_is_not_read_only_there(stock: Stock) -> None:
    """Ours: `test_on_production_exactly_the_sealed_requests_arrive…` sees nothing but the sealed list arrive."""
    with specimen.serving() as (url, server):
        assert stock(url, "--include-method", "GET", "--exclude-checks", "unsupported_method") == 0
        assert {"POST", "PUT", "PATCH", "DELETE"} <= {method for method, _ in server.seen}


def test_f2_what_was_accepted_there_hides_what_is_new_and_here_it_does_not(stock: Stock, tmp_path: Path) -> None:
    both = frozenset(("empty-accepted", "illegal-accepted"))
    with specimen.serving("empty-accepted") as (url, server):
        stock(url, *BODIES, "--baseline", "known.json", "--baseline-update")
        known = _breaches(ours(tmp_path, url))
        server.faults = both
        assert stock(url, *BODIES) == 1, "the control: it sees them"
        assert stock(url, *BODIES, "--baseline", "known.json") == 0, "and its list of known ones hides the new"
        assert _breaches(ours(tmp_path, url)) - known, "a new defect has a name of its own"


def test_f5_two_tiers_are_one_there_and_a_later_pass_covers_a_failure(stock: Stock, tmp_path: Path) -> None:
    with specimen.serving("illegal-accepted") as (url, server):
        assert stock(url, *BODIES, "--report", "allure", "--report-allure-path", "test") == 1
        server.faults = frozenset()
        assert stock(url, *BODIES, "--report", "allure", "--report-allure-path", "preprod") == 0
    below, above = _results(tmp_path / "test"), _results(tmp_path / "preprod")
    assert set(below) == set(above), "one history, whatever the tier"
    assert "failed" in below.values()
    assert "failed" not in above.values()
    assert tier_parameter("test") != tier_parameter("preprod"), "here the tier is part of who a result is"
    assert not tier_parameter("test")["excluded"]


def test_f6_refusing_everybody_is_green_there(stock: Stock) -> None:
    """Ours: `test_a_server_that_refuses_everybody_is_undecided_and_never_green`."""
    with specimen.serving("refuses-everybody") as (url, _):
        assert stock(url, "--exclude-checks", "unsupported_method") == 0


def test_f7_a_server_that_is_not_there_and_a_broken_one_are_the_same_there(stock: Stock) -> None:
    """Ours: `test_a_server_that_is_not_there_is_unreachable` (undecided, 3), and a breach is a failure (1)."""
    with specimen.serving("illegal-accepted") as (url, _):
        broken = stock(url, *BODIES)
    assert stock(url, *BODIES) == broken == 1


def _breaches(made: Observations) -> set[str]:
    return {one.id for seen in made.observations for one in seen.findings if one.rule == "negative_data_rejection"}


def _results(folder: Path) -> dict[str, str]:
    """Each history's status."""
    written = [json.loads(path.read_bytes()) for path in folder.glob("*-result.json")]
    return {one["historyId"]: one["status"] for one in written}
