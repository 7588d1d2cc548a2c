"""A limit is passed only where it was really measured, under the load that was asked for, to the end."""

import dataclasses
import json

import pytest

from harness.formats.limit_sentences import read_limit
from harness.formats.load_figures import write_figures
from harness.formats.sentences import say, what_to_do
from harness.model.evidence import Code, Outcome
from harness.model.figures import AnswersChecked, Figures, Generator, OperationFigures, ScriptError, Served, Slice
from harness.model.load import ClosedModel, OpenModel, Profile, Stage
from harness.model.plan import Check, Job, LoadWork, Promise
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.rules.histogram import bucket_of
from harness.runners.load import command, observe

SECRET = "Bearer s3cret-token"
LIMITS = (
    read_limit("all", "p95 < 300 ms"),
    read_limit("all", "errors < 1 %"),
    read_limit("all", "dropped = 0"),
    read_limit("createOrder", "p95 < 400 ms"),
)
IDS = ("load:checkout/p95", "load:checkout/errors", "load:checkout/dropped", "load:checkout/createOrder/p95")
WORK = LoadWork(
    spec="load/checkout.toml",
    system="orders",
    users_file="load/checkout.py",
    users_class="Checkout",
    profile=Profile(name="smoke", model=OpenModel(stages=(Stage(rate_per_s=20, for_s=10),))),
    limits=LIMITS,
)
JOB = Job(
    id="load:checkout",
    suite=Suite.LOAD,
    work=WORK,
    checks=tuple(Check(id=one, suite=Suite.LOAD, promise=Promise.LIMIT, title=one) for one in IDS),
    seed=7,
    deadline_s=70,
)
AROUND = Surroundings(
    run="r",
    tier="test",
    root="/ws",
    python="/venv/python",
    targets={"orders": Target(name="orders", base_url="http://127.0.0.1:9", headers={"Authorization": SECRET})},
)
CREATE = OperationFigures(
    name="createOrder",
    answered=200,
    statuses={"201": 200},
    response_us={bucket_of(50_000): 200},
    max_us=50_000,
    sum_us=200 * 50_000,
)
GOOD = Figures(
    closed=True,
    window_s=10,
    arrivals=200,
    begun=200,
    dropped=0,
    operations=(CREATE,),
    slices=tuple(Slice(at_s=float(at), answered=20) for at in range(10)),
    generator=Generator(cpu_share=0.1, late_us={bucket_of(100): 200}, late_max_us=100, counted=200, recorded=200),
)
SLOW = dataclasses.replace(CREATE, response_us={bucket_of(900_000): 200}, max_us=900_000)


def ended(figures: Figures | bytes | None, **changes: object) -> Ended:
    body = write_figures(figures) if isinstance(figures, Figures) else figures
    files = {} if body is None else {"figures.json": body}
    return Ended(**{"exit_status": 0, "files": files, **changes})


def outcomes(figures: Figures | bytes | None, **changes: object) -> dict[str, tuple[Outcome, tuple[Code, ...]]]:
    seen = observe(JOB, AROUND, ended(figures, **changes)).observations
    return {one.check: (one.outcome, tuple(reason.code for reason in one.reasons)) for one in seen}


def changed(**changes: object) -> Figures:
    return dataclasses.replace(GOOD, **changes)


def all_broken(code: Code) -> dict[str, tuple[Outcome, tuple[Code, ...]]]:
    return dict.fromkeys(IDS, (Outcome.BROKEN, (code,)))


def test_no_secret_is_on_the_command_line_or_in_the_environment():
    started = command(JOB, AROUND)
    assert SECRET not in " ".join(started.argv)
    assert SECRET not in json.dumps(dict(started.env))
    assert json.loads(started.files["settings.json"])["headers"] == {"Authorization": SECRET}


def test_the_engine_is_told_the_profile_and_where_the_users_are():
    started = command(JOB, AROUND)
    told = json.loads(started.files["settings.json"])
    assert started.argv == ("/venv/python", "-m", "harness.kit.load", "{scratch}/settings.json")
    assert (told["users_file"], told["users_class"]) == ("/ws/load/checkout.py", "Checkout")
    assert told["model"] == {"stages": [{"rate_per_s": 20, "for_s": 10, "from_per_s": None}]}
    assert started.deadline_s == 70


def test_good_figures_pass_every_limit():
    assert outcomes(GOOD) == dict.fromkeys(IDS, (Outcome.PASSED, ()))


def test_each_passed_limit_carries_its_figure_and_the_chart():
    seen = observe(JOB, AROUND, ended(GOOD))
    p95 = seen.observations[0]
    assert (p95.measures[0].name, p95.measures[0].unit, p95.measures[0].limit) == ("p95", "ms", "p95 < 300 ms")
    assert p95.evidence[0].media_type == "image/svg+xml"
    assert {one.name for one in seen.series} == {"load.svg", "operations.csv", "figures.json"}
    assert "200 arrivals in 10 s, 0 dropped: 200 requests, 0 failed" in seen.notes[0]


@pytest.mark.parametrize("status", [0, 1, 2, None])
def test_the_exit_status_decides_nothing(status):
    assert outcomes(GOOD, exit_status=status) == dict.fromkeys(IDS, (Outcome.PASSED, ()))


def test_a_slow_system_fails_the_limits_on_its_times_alone():
    found = outcomes(changed(operations=(SLOW,)))
    assert {one: outcome for one, (outcome, _) in found.items()} == {
        IDS[0]: Outcome.FAILED,
        IDS[1]: Outcome.PASSED,
        IDS[2]: Outcome.PASSED,
        IDS[3]: Outcome.FAILED,
    }
    reason = observe(JOB, AROUND, ended(changed(operations=(SLOW,)))).observations[3].reasons[0]
    assert say(reason) == "p95 of createOrder was 900 ms, the limit is < 400 ms"


def test_errors_fail_their_limit_and_are_named_by_kind():
    failing = dataclasses.replace(CREATE, answered=190, failed=10, errors={"status 503": 8, "timeout": 2})
    seen = observe(JOB, AROUND, ended(changed(operations=(failing,)))).observations[1]
    assert seen.outcome is Outcome.FAILED
    assert say(seen.reasons[0]) == "share of errors was 5 % (status 503 × 8, timeout × 2), the limit is < 1 %"


def test_dropped_arrivals_fail():
    assert outcomes(changed(dropped=3))[IDS[2]] == (Outcome.FAILED, (Code.LIMIT_BROKEN,))


def test_zero_requests_prove_nothing_though_the_engine_ended_well():
    nothing = changed(operations=(), arrivals=0, begun=0, slices=(), generator=Generator())
    assert outcomes(nothing) == all_broken(Code.NO_SAMPLES)


def test_an_operation_that_never_happened_is_undecided():
    other = dataclasses.replace(CREATE, name="listOrders")
    found = outcomes(changed(operations=(other,)))
    assert found[IDS[3]] == (Outcome.BROKEN, (Code.NO_SAMPLES,))
    assert found[IDS[0]] == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    ("body", "changes", "code"),
    [
        (None, {}, Code.ENGINE_SAID_NOTHING),
        (None, {"stderr": b"Traceback\nMemoryError: no\n", "exit_status": 1}, Code.ENGINE_CRASHED),
        (None, {"cannot_start": "no such file"}, Code.NOT_STARTED),
        (None, {"timed_out": True, "exit_status": None}, Code.ENGINE_TIMED_OUT),
        (b"{", {}, Code.OUTPUT_UNREADABLE),
        (b'{"kind": "harness/load-figures", "version": 9}', {}, Code.OUTPUT_UNREADABLE),
        (changed(closed=False), {"killed_by": "SIGKILL", "exit_status": None}, Code.ENGINE_CRASHED),
        (changed(closed=False), {"timed_out": True, "exit_status": None}, Code.ENGINE_TIMED_OUT),
        (changed(closed=False), {"interrupted": True, "exit_status": None}, Code.INTERRUPTED),
        (changed(problem=("invalid syntax", "load/checkout.py:3")), {"exit_status": 2}, Code.USERS_UNUSABLE),
    ],
)
def test_figures_that_are_not_whole_decide_nothing(body, changes, code):
    assert outcomes(body, **changes) == all_broken(code)


def test_what_was_measured_before_a_kill_is_still_shown():
    seen = observe(JOB, AROUND, ended(changed(closed=False), killed_by="SIGKILL", exit_status=None))
    assert seen.observations[0].measures[0].value == pytest.approx(50, rel=0.01)
    assert seen.series


def test_a_script_that_cannot_be_used_is_told_with_its_place():
    reason = observe(JOB, AROUND, ended(changed(problem=("'(' was never closed", "load/checkout.py:3"))))
    first = reason.observations[0].reasons[0]
    assert say(first) == "could not be judged: the load script can't be used ('(' was never closed)"
    assert what_to_do(first) == "mend it at load/checkout.py:3"


def unreached(count: int) -> OperationFigures:
    return OperationFigures(name="createOrder", failed=count, errors={"refused": count})


def test_a_system_that_never_answered_is_unreachable_and_not_slow():
    gone = changed(operations=(unreached(200),), generator=Generator(counted=200, recorded=200))
    assert outcomes(gone) == all_broken(Code.SYSTEM_UNREACHABLE)


def test_a_system_that_died_on_the_way_fails_its_errors_and_leaves_the_rest_open():
    slices = (*GOOD.slices[:5], *(Slice(at_s=float(at), failed=20, unreached=20) for at in range(5, 10)))
    half = dataclasses.replace(CREATE, answered=100, failed=100, errors={"refused": 100})
    found = outcomes(changed(operations=(half,), slices=slices))
    assert found[IDS[0]] == (Outcome.BROKEN, (Code.SYSTEM_DIED,))
    assert found[IDS[1]] == (Outcome.FAILED, (Code.LIMIT_BROKEN,))


@pytest.mark.parametrize(
    ("generator", "code"),
    [
        (Generator(workers=2, workers_lost=1, counted=200, recorded=200), Code.WORKER_LOST),
        (Generator(counted=199, recorded=200), Code.COUNTS_DIFFER),
        (Generator(cpu_share=0.99, counted=200, recorded=200), Code.GENERATOR_SATURATED),
        (
            Generator(late_us={bucket_of(400_000): 200}, late_max_us=400_000, counted=200, recorded=200),
            Code.GENERATOR_SATURATED,
        ),
    ],
)
def test_a_generator_in_trouble_leaves_kept_limits_undecided(generator, code):
    assert outcomes(changed(generator=generator)) == all_broken(code)


def test_a_slow_figure_that_the_generator_explains_is_undecided():
    late = Generator(late_us={bucket_of(700_000): 200}, late_max_us=700_000, counted=200, recorded=200)
    assert outcomes(changed(operations=(SLOW,), generator=late))[IDS[0]] == (
        Outcome.BROKEN,
        (Code.GENERATOR_SATURATED,),
    )


def test_exceptions_of_the_script_leave_kept_limits_undecided_and_broken_ones_broken():
    raised = (ScriptError(message="KeyError: 'id'", place="load/checkout.py:12", count=4),)
    found = outcomes(changed(operations=(SLOW,), script_errors=raised))
    assert found[IDS[0]] == (Outcome.FAILED, (Code.LIMIT_BROKEN,))
    assert found[IDS[1]] == (Outcome.BROKEN, (Code.USERS_UNUSABLE,))


def test_only_planned_checks_are_spoken_of():
    narrowed = dataclasses.replace(JOB, checks=JOB.checks[:1])
    assert [one.check for one in observe(narrowed, AROUND, ended(GOOD)).observations] == [IDS[0]]


def test_a_fixed_number_of_users_is_told_as_such():
    work = dataclasses.replace(WORK, profile=Profile(name="desk", model=ClosedModel(users=5, ramp_per_s=5, for_s=10)))
    closed = changed(arrivals=None, begun=None, dropped=None)
    seen = observe(dataclasses.replace(JOB, work=work), AROUND, ended(closed))
    assert seen.notes[0].startswith("5 users for 10 s")
    assert seen.observations[2].outcome is Outcome.BROKEN


def test_a_load_that_was_ended_early_proves_no_kept_limit_and_hides_no_broken_one():
    ended_early = changed(operations=(SLOW,), aborted=("errors > 50 % for 10 s", 12.0))
    found = outcomes(ended_early)
    assert found[IDS[0]] == (Outcome.FAILED, (Code.LIMIT_BROKEN,))
    assert found[IDS[1]] == (Outcome.BROKEN, (Code.LOAD_ABORTED,))


@pytest.mark.parametrize(
    ("count", "agrees"), [(200, True), (198, True), (203, True), (196, False), (205, False), (0, False), (None, False)]
)
def test_figures_that_the_system_counts_otherwise_prove_nothing(count, agrees):
    found = outcomes(changed(served=Served(count=count, fewest=199, most=201)))
    code = Code.NO_SAMPLES if count is None else Code.COUNTS_DIFFER
    assert found == (dict.fromkeys(IDS, (Outcome.PASSED, ())) if agrees else all_broken(code))


CONTRACT = read_limit("all", "contract-errors < 1 %")
UNLAWFUL = AnswersChecked(checked=100, unlawful=2, kinds={"createOrder 201: body /total: x": 2})


@pytest.mark.parametrize(
    ("answers", "outcome", "code"),
    [
        (AnswersChecked(checked=100, unlawful=0), Outcome.PASSED, None),
        (
            AnswersChecked(checked=100, unlawful=2, kinds={"createOrder 201: body /total: x": 2}),
            Outcome.FAILED,
            Code.LIMIT_BROKEN,
        ),
        (AnswersChecked(checked=0, unknown=9), Outcome.BROKEN, Code.NO_SAMPLES),
        (None, Outcome.BROKEN, Code.NO_SAMPLES),
    ],
)
def test_checked_answers_are_judged_and_unchecked_ones_are_not(answers, outcome, code):
    check = Check(id="load:checkout/contract-errors", suite=Suite.LOAD, promise=Promise.LIMIT, title=CONTRACT.text)
    job = dataclasses.replace(JOB, work=dataclasses.replace(WORK, limits=(CONTRACT,)), checks=(check,))
    (seen,) = observe(job, AROUND, ended(changed(answers=answers))).observations
    assert seen.outcome is outcome
    assert tuple(reason.code for reason in seen.reasons) == ((code,) if code else ())
    if outcome is Outcome.FAILED:
        assert "createOrder 201: body /total: x × 2; 2 of 100 checked" in say(seen.reasons[0])
