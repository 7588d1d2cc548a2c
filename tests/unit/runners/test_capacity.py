"""A search passes only with a rate that held, and answers none of the load's own limits."""

import dataclasses

import pytest

from harness.formats.capacity_json import read_capacity, write_capacity
from harness.formats.limit_sentences import read_limit
from harness.model.capacity import Bend, Capacity, Search, Step
from harness.model.evidence import Code, Outcome
from harness.model.load import OpenModel, Profile, Stage
from harness.model.plan import Check, Job, LoadWork, Promise
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners.capacity import command, observe

JOB = Job(
    id="load:checkout",
    suite=Suite.LOAD,
    work=LoadWork(
        spec="load/checkout.toml",
        system="orders",
        users_file="load/checkout.py",
        users_class="Checkout",
        profile=Profile(name="p", model=OpenModel(stages=(Stage(rate_per_s=1, for_s=1),))),
        limits=(read_limit("all", "p95 < 300 ms"),),
        search=Search(from_per_s=10, to_per_s=100, step_s=5),
    ),
    checks=(Check(id="load:checkout/capacity", suite=Suite.LOAD, promise=Promise.LIMIT, title="how much"),),
    seed=1,
    deadline_s=60,
)
AROUND = Surroundings(
    run="r",
    tier="test",
    root="/ws",
    python="py",
    targets={"orders": Target(name="orders", base_url="http://127.0.0.1:9")},
)
HELD = Step(rate_per_s=10, achieved_per_s=10, mean_ms=2, p50_ms=2, p95_ms=3, p99_ms=4, held=True)
BROKE = Step(
    rate_per_s=20, achieved_per_s=15, mean_ms=200, p50_ms=9, p95_ms=400, p99_ms=800, held=False, why="p95 < 300 ms"
)
LOST = Step(rate_per_s=20, why="the load generator: it was itself 9.0 ms late at p95")


def seen(found: Capacity | bytes | None, **changes: object) -> tuple[Outcome, tuple[Code, ...], tuple[str, ...]]:
    body = write_capacity(found) if isinstance(found, Capacity) else found
    files = {} if body is None else {"capacity.json": body}
    observations = observe(JOB, AROUND, Ended(**{"exit_status": 0, "files": files, **changes}))
    (one,) = observations.observations
    return one.outcome, tuple(reason.code for reason in one.reasons), observations.notes


@pytest.mark.parametrize(
    ("found", "outcome", "codes"),
    [
        (Capacity(steps=(HELD, BROKE), held_per_s=10, broke_per_s=20), Outcome.PASSED, ()),
        (Capacity(steps=(BROKE,), broke_per_s=20), Outcome.FAILED, (Code.NO_CAPACITY,)),
        (Capacity(steps=(HELD, LOST), held_per_s=10), Outcome.BROKEN, (Code.GENERATOR_SATURATED,)),
        (b"{}", Outcome.BROKEN, (Code.OUTPUT_UNREADABLE,)),
        (None, Outcome.BROKEN, (Code.ENGINE_SAID_NOTHING,)),
    ],
)
def test_only_a_rate_that_held_passes(found, outcome, codes):
    assert seen(found)[:2] == (outcome, codes)


def test_a_search_that_was_ended_on_its_way_proves_nothing():
    found = Capacity(steps=(HELD,), held_per_s=10)
    assert seen(found, exit_status=None, killed_by="signal 9")[0] is Outcome.BROKEN
    assert seen(found, interrupted=True)[:2] == (Outcome.BROKEN, (Code.INTERRUPTED,))


def test_the_steps_the_answer_and_the_bend_are_told():
    bend = Bend(one_per_s=500, contention=0.05, coherency=0.001, peak_per_s=120, at=30)
    notes = seen(Capacity(steps=(HELD, BROKE), held_per_s=10, broke_per_s=20, bend=bend))[2]
    assert notes == (
        "10.0 /s: held, p50 2 ms, p95 3 ms, p99 4 ms",
        "20.0 /s: broke p95 < 300 ms, p50 9 ms, p95 400 ms, p99 800 ms",
        "every limit holds at 10.0 /s; at 20.0 /s it broke p95 < 300 ms",
        "scalability law: contention 5 %, coherency 0.1 %; it bends at about 120 /s with 30 requests under way",
    )


def test_what_was_written_is_read_back_and_anything_else_refused():
    found = Capacity(steps=(HELD, BROKE, LOST), held_per_s=10, broke_per_s=20)
    assert read_capacity(write_capacity(found)) == found
    for body in (b"", b"[]", b'{"kind": "x"}', write_capacity(found)[:-5]):
        with pytest.raises(ValueError, match=r"."):
            read_capacity(body)


def test_no_credential_is_on_the_command_line():
    around = dataclasses.replace(
        AROUND,
        targets={"orders": Target(name="orders", base_url="http://127.0.0.1:9", headers={"Authorization": "s3cret"})},
    )
    asked = command(JOB, around)
    assert "s3cret" not in " ".join((*asked.argv, *asked.env.values()))
    assert b"s3cret" in asked.files["settings.json"]
