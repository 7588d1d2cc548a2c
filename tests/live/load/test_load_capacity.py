"""The search finds the rate at which a system begins to break, and says so."""

import dataclasses
import json
import time
from collections import deque

import pytest

from harness.model.capacity import Search
from harness.model.evidence import Outcome
from harness.model.load import OpenModel, Stage
from harness.runners import capacity

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

ONE = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    @task
    def one(self):
        self.client.get("/busy", name="one", timeout=5)
"""


def search(engine, url: str, start: float) -> tuple[Outcome, dict[str, object]]:
    job = engine.job(OpenModel(stages=(Stage(rate_per_s=1, for_s=1),)), ("p95 < 300 ms", "rate > 9 /s"), ())
    asked = dataclasses.replace(job.work, search=Search(from_per_s=start, to_per_s=400, step_s=1.5))
    job = dataclasses.replace(job, work=asked, checks=job.checks[:1])
    ran = engine.carry(capacity, ONE, url, job)
    (seen,) = ran.observations.observations
    return seen.outcome, json.loads(ran.ended.files.get("capacity.json", b"{}"))


def slow_above(wire, rate: int) -> None:
    """Whoever comes when more than so many came within the last second waits half a second."""
    latest: deque[float] = deque()

    def busy(_: int) -> None:
        now = time.monotonic()
        latest.append(now)
        while latest and latest[0] < now - 1:
            latest.popleft()
        if len(latest) > rate:
            time.sleep(0.6)

    wire.on_request = busy


def test_the_rate_where_it_breaks_is_found(engine, wire):
    slow_above(wire, 60)
    outcome, found = search(engine, wire.url, 20)
    assert outcome is Outcome.PASSED
    assert found["held_per_s"] < found["broke_per_s"] <= 160
    assert 20 <= found["held_per_s"] <= 90


def test_a_system_that_is_slow_from_the_first_on_has_none(engine, wire):
    slow_above(wire, 0)
    outcome, found = search(engine, wire.url, 20)
    assert outcome is Outcome.FAILED
    assert "held_per_s" not in found


def test_a_system_that_is_not_there_leaves_nobody_able_to_tell(engine):
    outcome, found = search(engine, "http://127.0.0.1:9", 20)
    assert outcome in {Outcome.BROKEN, Outcome.FAILED}
    assert "held_per_s" not in found
