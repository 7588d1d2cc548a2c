"""A secret that signs us in leaves through the guard or not at all, and only where somebody is asked something."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.actions import guarding as guards
from harness.actions.running import Done, run
from harness.adapters.host import Host
from harness.cli.live import Silent
from harness.model.evidence import Observation, Observations, Outcome
from harness.model.plan import Job, Plan
from harness.model.process import Command, Ended, Surroundings
from harness.model.verdict import Decision
from harness.rules.redacting import Redactor
from tests.adapters.guard.conftest import Recorder, Recording

CONTRACT = """openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: all of them}}
"""
TIER = """[systems.shop]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/shop.openapi.yaml"
[systems.shop.auth]
kind = "login"
request = "POST {login}"
fields = {{ user = "tester", password = {{ env = "SHOP_PASSWORD" }} }}
cookie = "sid"
[policy]
hosts = ["{{systems}}", "127.0.0.1"]
suites = ["contract"]
rate = "100 /s"
"""


@pytest.fixture
def shop(recording: Recording) -> Iterator[Recorder]:
    yield recording()


def carried_out(root: Path, shop: Recorder, login: str, *, jobs: bool = True) -> Done:
    """A run on a guarded tier whose engine only starts and ends."""
    for name, text in {
        "contracts/shop.openapi.yaml": CONTRACT,
        "environments/prod.toml": TIER.format(port=shop.port, login=login),
    }.items():
        (root / name).parent.mkdir()
        (root / name).write_text(text)
    environ = {**os.environ, "SHOP_PASSWORD": "a-password-of-the-shop"}

    def ask(job: Job, _around: Surroundings, _redactor: Redactor):  # type: ignore[no-untyped-def]
        def observe(_job: Job, _surroundings: Surroundings, _ended: Ended) -> Observations:
            return Observations(
                observations=tuple(Observation(check=one.id, outcome=Outcome.PASSED) for one in job.checks)
            )

        return Command(argv=("true",)), observe

    def planned(plan: Plan) -> Plan:
        assert plan.jobs
        return plan if jobs else replace(plan, jobs=())

    return run(Host(environ=environ), root, "prod", Silent(), planned=planned, ask=ask)


@pytest.fixture(autouse=True)
def _weaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "can_isolate", lambda _host: False)


def test_a_log_in_where_the_guard_has_no_door_sends_nothing_and_leaves_the_run_undecided(
    tmp_path: Path, shop: Recorder, recording: Recording
) -> None:
    elsewhere = recording()
    done = carried_out(tmp_path, shop, f"http://127.0.0.1:{elsewhere.port}/login")
    assert elsewhere.asked == []
    assert not [one for one in shop.asked if one.startswith("POST")]
    assert done.verdict.decision is Decision.UNDECIDED
    assert "allows no request to where `shop` signs in" in str(done.verdict.doubts)


def test_control_a_log_in_that_has_a_door_goes_through_it(tmp_path: Path, shop: Recorder) -> None:
    done = carried_out(tmp_path, shop, "/login")
    (headers,) = [one[3] for one in shop.seen if one[2] == "/login"]
    assert headers["X-Synthetic-Run"] == done.record.run


def test_where_no_job_asks_anything_nobody_signs_in(tmp_path: Path, shop: Recorder) -> None:
    carried_out(tmp_path, shop, "/login", jobs=False)
    assert "POST /login" not in shop.asked
