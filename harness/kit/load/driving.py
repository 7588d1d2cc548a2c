"""Driving Locust's own runner through a profile: fixed arrivals, or a fixed number of users.

In the open model a user's tasks wait for arrivals instead of `wait_time`: each execution of a task is one
arrival. In the closed model Locust runs as it always does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import gevent
from gevent import GreenletExit, getcurrent
from gevent.event import Event
from locust.exception import StopUser
from locust.runners import STATE_RUNNING
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING, TaskSet

from harness.kit.load.arrivals import Gate
from harness.kit.load.recorder import Recorder
from harness.model.load import ClosedModel, OpenModel
from harness.rules.arrivals import intended_starts, peak_per_s, with_warm_up

PATIENCE_S = 10.0
_READY_S = 10.0
_FEWEST, _MOST = 5, 5000
_LEAD_S = 0.05
_HEARTBEAT_S = 0.02


def drive_open(
    runner: Any,
    recorder: Recorder,
    model: OpenModel,
    warm_up_s: float,
    halt: Event,
    most_users: int | None = None,
) -> None:
    """Let every arrival of the profile come; returns when the last one was due, or `halt` was set."""
    stages = with_warm_up(model.stages, warm_up_s)
    most = min(_MOST, most_users or _MOST)
    name = runner.user_classes[0].__name__
    gate = Gate(
        on_due=recorder.on_due,
        on_dropped=recorder.on_dropped,
        more_users=lambda count: [user.greenlet for user in runner.spawn_users({name: count})],
        users=lambda: int(runner.user_count),
        most_users=most,
        patience_s=PATIENCE_S,
    )
    first = min(max(_FEWEST, round(peak_per_s(stages) / 10)), most)
    with _tasks_behind(gate, recorder):
        runner.start(first, spawn_rate=float(first))
        _wait_for(lambda: runner.state == STATE_RUNNING and gate.free >= runner.user_count)
        origin = perf_counter() + _LEAD_S
        recorder.start(origin)
        halting = gevent.spawn(_end_when, halt, gate)
        gate.run(intended_starts(stages), origin)
        halting.kill()
        runner.stop()
        gate.drop_waiting()


def drive_closed(runner: Any, recorder: Recorder, model: ClosedModel, warm_up_s: float, halt: Event) -> None:
    """Keep the profile's users going for its time, or until `halt` is set."""
    recorder.start(perf_counter())
    beating = gevent.spawn(_heartbeat, recorder)
    runner.start(model.users, spawn_rate=model.ramp_per_s)
    try:
        halt.wait(warm_up_s + model.for_s)
    finally:
        beating.kill()
    runner.stop()


@contextmanager
def _tasks_behind(gate: Gate, recorder: Recorder) -> Iterator[None]:
    """Every task set of this process asks the gate before each task, and never waits for anything else."""
    plain_execute, plain_wait = TaskSet.execute_next_task, TaskSet.wait

    def execute_next_task(self: Any) -> None:
        task = self._task_queue[0]
        if isinstance(task, type) and issubclass(task, TaskSet):
            plain_execute(self)  # a set of tasks is a way to tasks, not one itself
            return
        self.user._state = LOCUST_STATE_WAITING  # noqa: SLF001 - Locust kills only those at once that wait
        arrival = gate.take()
        self.user._state = LOCUST_STATE_RUNNING  # noqa: SLF001
        recorder.on_begun(arrival)
        me = getcurrent()
        me.arrival = arrival
        try:
            plain_execute(self)
        except GreenletExit:
            if arrival.requests == 0:  # a client that does not tell by itself what was cut off
                recorder.on_unfinished("(unfinished)", perf_counter() - arrival.begun)
            raise
        finally:
            me.arrival = None

    def wait(self: Any) -> None:
        if self.user._state == LOCUST_STATE_STOPPING:  # noqa: SLF001
            raise StopUser

    TaskSet.execute_next_task, TaskSet.wait = execute_next_task, wait
    try:
        yield
    finally:
        TaskSet.execute_next_task, TaskSet.wait = plain_execute, plain_wait


def _end_when(halt: Event, gate: Gate) -> None:
    halt.wait()
    gate.end()


def _wait_for(ready: Any) -> None:
    give_up = perf_counter() + _READY_S
    while not ready() and perf_counter() < give_up:
        gevent.sleep(0.01)


def _heartbeat(recorder: Recorder) -> None:
    """How late the event loop comes back is how late every answer of this moment was seen."""
    while True:
        due = perf_counter() + _HEARTBEAT_S
        gevent.sleep(_HEARTBEAT_S)
        recorder.on_hub_late(max(0.0, perf_counter() - due))
