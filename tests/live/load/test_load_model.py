"""Arrivals come when they are due and their times count from then; users of any kind are driven and counted."""

import threading
import time

import pytest

from harness.model.load import ClosedModel, OpenModel, Stage, Watch
from harness.rules.histogram import size_of, top_of

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

ONE = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    @task
    def one(self):
        self.client.get("/ok", name="one")
"""


def open_model(rate_per_s: float, for_s: float) -> OpenModel:
    return OpenModel(stages=(Stage(rate_per_s=rate_per_s, for_s=for_s),))


def freeze_at(wire, count: int, for_s: float) -> None:
    """The server answers nobody for a while, from its `count`-th request on."""

    def thaw() -> None:
        time.sleep(for_s)
        wire.frozen.release()

    def frozen(seen: int) -> None:
        if seen == count:
            wire.frozen.acquire()
            threading.Thread(target=thaw).start()

    wire.on_request = frozen


def longer_than(times_us, limit_ms: int) -> int:
    return size_of({bucket: count for bucket, count in times_us.items() if top_of(bucket) > limit_ms * 1000})


def test_as_many_arrive_as_were_asked_for_and_the_server_saw_each_of_them(engine, wire):
    ran = engine.run(ONE, wire.url, open_model(50, 2), limits=("errors = 0", "requests = 100", "dropped = 0"))
    assert set(ran.outcomes.values()) == {"passed"}
    assert len(wire.asked) == ran.figures.arrivals == ran.figures.begun == 100
    assert sum(one.answered for one in ran.figures.slices) == 100


def test_a_freeze_is_seen_by_everybody_who_was_due_in_it(engine, wire):
    freeze_at(wire, 50, 1.2)
    ran = engine.run(ONE, wire.url, open_model(100, 3), limits=("max < 1 s", "errors = 0"))
    response, service = ran.operation("one").response_us, ran.operation("one").service_us
    assert longer_than(response, 600) >= 55
    assert longer_than(response, 1000) >= 10
    assert longer_than(service, 600) >= 55
    assert ran.outcomes == {"max": "failed", "errors": "passed"}


def test_a_fixed_number_of_users_hides_the_same_freeze(engine, wire):
    """The control: coordinated omission, which is why the open model is there."""
    freeze_at(wire, 50, 1.2)
    ran = engine.run(ONE, wire.url, ClosedModel(users=5, ramp_per_s=5, for_s=3.0), limits=("p50 < 1 s",))
    assert longer_than(ran.operation("one").response_us, 600) <= 5
    assert ran.outcomes == {"p50": "passed"}


def test_arrivals_that_nobody_takes_up_are_dropped_and_counted(engine, wire):
    script = ONE.replace("    @task", "    def on_start(self):\n        1 / 0\n\n    @task")
    ran = engine.run(script, wire.url, open_model(20, 1), limits=("errors = 0", "dropped = 0"))
    assert (ran.figures.arrivals, ran.figures.begun, ran.figures.dropped) == (20, 0, 20)
    assert ran.outcomes == {"errors": "broken", "dropped": "failed"}
    assert ran.figures.script_errors[0].message == "ZeroDivisionError: division by zero"
    assert ran.figures.script_errors[0].place == "load/it.py:7"


def test_what_users_do_before_their_first_arrival_is_no_figure(engine, wire):
    script = ONE.replace("    @task", '    def on_start(self):\n        self.client.get("/ok", name="in")\n\n    @task')
    ran = engine.run(script, wire.url, open_model(20, 1))
    assert [one.name for one in ran.figures.operations] == ["one"]
    assert ran.operation("one").requests == 20
    assert len(wire.asked) > 20


def test_a_warm_up_loads_the_system_and_is_left_out_of_the_figures(engine, wire):
    engine.warm_up_s = 1.0
    ran = engine.run(ONE, wire.url, open_model(20, 1))
    assert len(wire.asked) == 40
    assert ran.operation("one").requests == ran.figures.arrivals == 20


ANY_USER = """
from locust import {base}, task, constant
{more}
class It({base}):
    wait_time = constant(0.01)

    @task
    def one(self):
        self.client.get("/ok", name="one")
        self.client.get("/500", name="bad")
"""


@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
@pytest.mark.parametrize("model", [open_model(10, 1), ClosedModel(users=2, ramp_per_s=2, for_s=1.0)])
def test_locusts_own_users_are_driven_and_counted_as_ours(engine, wire, base, model):
    ran = engine.run(ANY_USER.format(base=base, more=""), wire.url, model)
    assert ran.operation("one").failed == 0
    assert list(ran.operation("bad").errors) == ["status 500"]
    assert ran.figures.generator.counted == ran.figures.generator.recorded
    if isinstance(model, OpenModel):
        assert ran.operation("one").requests == 10


LOCUSTS_WAYS = """
import gevent
from locust import SequentialTaskSet, TaskSet, between, events, tag, task
from harness.kit.load import ApiUser

seen = []

@events.test_start.add_listener
def begun(environment, **_):
    seen.append("start")

@events.request.add_listener
def counted(name, exception, **_):
    seen.append(name)

@events.quitting.add_listener
def over(environment, **_):
    import pathlib, json
    pathlib.Path("seen.json").write_text(json.dumps(seen))

class It(ApiUser):
    wait_time = between(100, 200)

    @task(1)
    class Inner(SequentialTaskSet):
        @task
        def first(self):
            self.client.get("/ok", name="1")

        @task
        def second(self):
            with self.client.get("/404", name="2", catch_response=True) as answer:
                if answer.status_code == 404:
                    answer.success()

        @task
        def third(self):
            with self.client.get("/ok", name="3", catch_response=True) as answer:
                answer.failure("not what was wanted")

        @task
        def fourth(self):
            with self.client.rename_request("4"):
                self.client.get("/ok")
            with self.rest("GET", "/ok", name="5") as answer:
                assert answer.js["ok"] is False, "js is wrong"
            gevent.joinall([gevent.spawn(self.client.get, "/ok", name="6")])
            self.interrupt()

        def rest(self, *args, **kwargs):
            return self.user.rest(*args, **kwargs)
"""


def test_the_ways_of_locust_scripts_work_under_fixed_arrivals(engine, wire):
    ran = engine.run(LOCUSTS_WAYS, wire.url, OpenModel(stages=(Stage(rate_per_s=4, for_s=1),)))
    errors = {one.name: dict(one.errors) for one in ran.figures.operations}
    assert errors == {
        "1": {},
        "2": {},
        "3": {"not what was wanted": 1},
        "4": {},
        "5": {"js is wrong": 1},
        "6": {},
    }
    assert ran.figures.script_errors == ()
    assert (engine.folder / "seen.json").read_text() == '["start", "1", "2", "3", "4", "5", "6"]'


def test_what_the_system_tells_about_itself_is_watched_and_not_counted(engine, wire):
    watches = (Watch(name="gauge", path="/ok", field="ok"),)
    ran = engine.run(ONE, wire.url, open_model(5, 1), watches=watches)
    assert ran.figures.gauges == ()  # true is no figure
    assert ran.operation("one").requests == 5
    assert len(wire.asked) > 5


def test_an_assertion_of_the_script_is_an_error_of_the_system(engine, wire):
    script = ONE.replace('name="one")', 'name="one")\n        assert False, "the total is wrong"')
    ran = engine.run(script, wire.url, open_model(10, 1))
    assert ran.outcomes["errors"] == "failed"
    assert {kind for one in ran.figures.operations for kind in one.errors} == {"the total is wrong"}
