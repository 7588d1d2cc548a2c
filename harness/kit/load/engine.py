"""One load run in this process: Locust as a library, our arrivals and figures around it.

What was measured is written down every few seconds by rename, and once more at the end with `closed` set, so
a kill leaves everything up to the last few seconds, and nobody takes that for the whole.
"""

import gc
import json
import logging
import os
import random
import signal
from pathlib import Path
from time import perf_counter
from typing import Any

import gevent
import locust
from gevent.event import Event
from locust.argument_parser import get_parser
from locust.env import Environment

from harness.formats.load_figures import write_figures
from harness.formats.load_progress import progress_line
from harness.kit.load.answers import answers_against
from harness.kit.load.bounding import Bounding
from harness.kit.load.driving import drive_closed, drive_open
from harness.kit.load.reconciling import Reconciling
from harness.kit.load.recorder import Recorder
from harness.kit.load.script import Unusable, load_users, place_of, shown_path
from harness.kit.load.settings import Settings
from harness.kit.load.users import ApiUser
from harness.kit.load.watching import watch
from harness.model.figures import Figures
from harness.model.load import ClosedModel, OpenModel, Profile
from harness.rules.aborting import abort_due
from harness.rules.histogram import merged, percentile_us

DRAIN_S = 10.0
_CHECKPOINT_S = 2


def run(settings: Settings) -> int:
    """Carry a run out; gives the exit status of the process (0 measured, 2 the users' file can't be used)."""
    logging.getLogger("locust").setLevel(logging.CRITICAL)  # what users raise is counted, not printed a thousand times
    ApiUser.target_headers = dict(settings.headers)
    try:
        users = load_users(settings.users_file, settings.users_class)
        bounding = Bounding(settings.bounds)
        if bounding.binds:
            ApiUser.bounding = bounding
            _must_be_bounded(users, settings)
    except Unusable as error:
        _write(settings.figures, Figures(closed=True, problem=(str(error), error.place)))
        return 2
    random.seed(settings.seed)
    environment = Environment(
        user_classes=[users],
        events=locust.events,
        host=settings.base_url,
        parsed_options=get_parser().parse_args(args=["--headless"]),
        locustfile=Path(settings.users_file).name,
        stop_timeout=DRAIN_S,
    )
    runner = environment.create_local_runner()
    environment.events.init.fire(environment=environment, runner=runner, web_ui=None)
    recorder = _recorder_for(settings, environment)
    recorder.answers = answers_against(
        settings.contract, root=str(Path.cwd()), share=settings.checked_share, base_url=settings.base_url
    )
    reconciling, halt = Reconciling(settings), Event()
    _write_when_stopped(settings, recorder, runner)
    gc.collect()
    gc.freeze()
    beside = [gevent.spawn(_note, settings, recorder, runner, halt), gevent.spawn(watch, settings, recorder)]
    match settings.model:
        case OpenModel():
            drive_open(runner, recorder, settings.model, settings.warm_up_s, halt, settings.bounds.users)
        case ClosedModel():
            drive_closed(runner, recorder, settings.model, settings.warm_up_s, halt)
    gevent.killall(beside)
    recorder.served = reconciling.served(
        recorded=recorder.recorded,
        unsure=recorder.unsure,
        extra=recorder.extra,
        readings=recorder.own_readings,
    )
    environment.events.quitting.fire(environment=environment, reverse=True)
    runner.quit()
    environment.events.quit.fire(exit_code=0)
    _write(settings.figures, recorder.figures(closed=True, counted=_counted(runner)))
    return 0


def _must_be_bounded(users: type[Any], settings: Settings) -> None:
    """Only our own client holds the tier's bounds: users on another one would walk past them."""
    if not issubclass(users, ApiUser):
        why = f"`{users.__name__}` must derive from harness.kit.load.ApiUser here: only so the tier's bounds hold"
        raise Unusable(why, shown_path(settings.users_file))


def _recorder_for(settings: Settings, environment: Environment) -> Recorder:
    whole_s = Profile(name="", model=settings.model).duration_s
    recorder = Recorder(
        warm_up_s=settings.warm_up_s, window_s=whole_s, open_model=isinstance(settings.model, OpenModel)
    )
    environment.events.test_start.add_listener(lambda **_: recorder.forget_counts())
    environment.events.request.add_listener(recorder.on_request)
    ApiUser.report_unfinished = staticmethod(recorder.on_unfinished)

    def on_user_error(exception: BaseException, **_: Any) -> None:
        place = place_of(exception, settings.users_file)
        if isinstance(exception, AssertionError):
            recorder.on_assertion(str(exception) or "an assertion failed", place)
        else:
            recorder.on_script_error(f"{type(exception).__name__}: {exception}", place)

    environment.events.user_error.add_listener(on_user_error)
    return recorder


def _note(settings: Settings, recorder: Recorder, runner: Any, halt: Event) -> None:
    """Once a second: a line for whoever watches, and whether to go on. Every few seconds: all figures, not closed."""
    whole_s = recorder.warm_up_s + recorder.window_s
    with (
        settings.progress.open("a", encoding="utf-8") as lines,
        settings.shown.open("a", encoding="utf-8") as sentences,
    ):
        for second in range(1, 1_000_000):
            gevent.sleep(1)
            cpu_share = recorder.on_second(runner.user_count)
            now = _line(recorder, whole_s, runner.user_count, cpu_share)
            lines.write(json.dumps(now) + "\n")
            lines.flush()
            sentences.write(progress_line(now, settings.limits) + "\n")
            sentences.flush()
            if settings.aborts and not halt.is_set() and (why := _abort(settings, recorder)):
                recorder.end_early(why)
                halt.set()
            if second % _CHECKPOINT_S == 0:
                _write(settings.figures, recorder.figures(closed=False, counted=_counted(runner)))


def _abort(settings: Settings, recorder: Recorder) -> str | None:
    """The condition that ends the load now, if any; the warm-up counts, since harm does not wait for its end."""
    slice_s = recorder.slice_s
    slices = [moment.figures(index * slice_s) for index, moment in enumerate(recorder.moments)]
    due = abort_due(settings.aborts, slices, now_s=perf_counter() - recorder.origin, slice_s=slice_s)
    return due.text if due is not None else None


def _line(recorder: Recorder, whole_s: float, users: int, cpu_share: float) -> dict[str, Any]:
    times = merged(tally.response for tally in recorder.tallies.values())
    last = recorder.moments[-2] if len(recorder.moments) > 1 else None

    def ms(percent: float) -> float | None:
        found = percentile_us(times, percent)
        return None if found is None else found / 1000

    return {
        "at_s": round(perf_counter() - recorder.origin, 1),
        "of_s": whole_s,
        "requests": sum(tally.answered + tally.failed for tally in recorder.tallies.values()),
        "errors": sum(tally.failed for tally in recorder.tallies.values()),
        "dropped": recorder.dropped,
        "rate": (last.answered + last.failed) / recorder.slice_s if last is not None else 0.0,
        "p50_ms": ms(50),
        "p95_ms": ms(95),
        "p99_ms": ms(99),
        "users": users,
        "cpu_share": round(cpu_share, 2),
    }


def _write_when_stopped(settings: Settings, recorder: Recorder, runner: Any) -> None:
    """A polite end from outside leaves what was measured, not closed."""

    def stop(number: int) -> None:
        _write(settings.figures, recorder.figures(closed=False, counted=_counted(runner)))
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop, number)


def _counted(runner: Any) -> int:
    return int(runner.stats.total.num_requests)


def _write(path: Path, figures: Figures) -> None:
    new = path.with_name(path.name + ".new")
    new.write_bytes(write_figures(figures))
    new.replace(path)
