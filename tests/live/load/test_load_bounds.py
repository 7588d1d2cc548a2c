"""What a tier's policy grants holds on the wire, whatever the script asks for."""

import time

import pytest

from harness.model.evidence import Code
from harness.model.load import Bounds, ClosedModel

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

GREEDY = """
from locust import constant, task
from harness.kit.load import ApiUser

class It(ApiUser):
    wait_time = constant(0)

    @task
    def three_at_a_time(self):
        for _ in range(3):
            self.client.get("/ok", name="get")
"""


def codes(ran) -> set[Code]:
    return {reason.code for one in ran.observations.observations for reason in one.reasons}


def test_the_cap_on_the_rate_holds_for_all_users_together(engine, wire):
    seen: list[float] = []
    wire.on_request = lambda _: seen.append(time.monotonic())
    engine.bounds = Bounds(rate_per_s=25)
    ran = engine.run(GREEDY, wire.url, ClosedModel(users=5, ramp_per_s=5, for_s=2.0))
    assert ran.operation("get").failed == 0
    assert 10 < len(seen) <= 25 * (seen[-1] - seen[0] + 0.5)


def test_without_a_cap_the_same_users_are_faster(engine, wire):
    """The control."""
    engine.run(GREEDY, wire.url, ClosedModel(users=5, ramp_per_s=5, for_s=2.0))
    assert len(wire.asked) > 100


def test_a_method_that_is_not_allowed_never_leaves(engine, wire):
    engine.bounds = Bounds(methods=("GET", "HEAD"), rate_per_s=50)
    script = GREEDY.replace('self.client.get("/ok", name="get")', 'self.client.post("/ok", json={}, name="post")')
    ran = engine.run(script, wire.url, ClosedModel(users=1, ramp_per_s=1, for_s=0.5))
    assert wire.asked == []
    assert "POST is not allowed on this tier (allowed: GET, HEAD)" in ran.figures.script_errors[0].message
    assert Code.USERS_UNUSABLE in codes(ran)


def test_no_other_server_is_asked_not_even_by_redirect(engine, wire, other_wire):
    engine.bounds = Bounds(target_only=True, rate_per_s=50)
    away = f'self.client.get("/to/{other_wire.url}/ok", name="away", allow_redirects=True)'
    script = GREEDY.replace('self.client.get("/ok", name="get")', away)
    ran = engine.run(script, wire.url, ClosedModel(users=1, ramp_per_s=1, for_s=0.5))
    assert wire.asked
    assert other_wire.asked == []
    assert "is not the system under load" in ran.figures.script_errors[0].message


@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
def test_users_that_could_walk_past_the_bounds_are_refused(engine, wire, base):
    engine.bounds = Bounds(rate_per_s=50)
    script = GREEDY.replace("harness.kit.load import ApiUser", f"locust import {base}").replace("ApiUser", base)
    ran = engine.run(script, wire.url, ClosedModel(users=1, ramp_per_s=1, for_s=0.5))
    assert wire.asked == []
    assert codes(ran) == {Code.USERS_UNUSABLE}
    assert "must derive from harness.kit.load.ApiUser" in ran.figures.problem[0]
