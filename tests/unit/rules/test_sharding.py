"""Shards: together they are the plan, and a set that is not whole is never joined."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.evidence import Closed, Code, Fingerprint, Outcome, Reason, Record, Seen
from harness.model.plan import Check, ContractWork, Job, MockWork, Plan, Promise
from harness.model.tier import Policy, Suite
from harness.rules.sharding import joined_plan, joined_record, problems_of, shard_of

MOCK = Job(
    id="mock:erp",
    suite=Suite.MOCK,
    work=MockWork(dependency="erp", folder="mocks/erp", contract=None),
    checks=(Check(id="mock:erp/requests", suite=Suite.MOCK, promise=Promise.MOCK, title="t"),),
    seed=1,
    deadline_s=1.0,
)


def job(number: int) -> Job:
    work = ContractWork(system=f"s{number}", contract="c", operations=(), required=(), max_examples=1)
    checks = (Check(id=f"contract:s{number}/a", suite=Suite.CONTRACT, promise=Promise.OPERATION, title="t"),)
    return Job(id=f"contract:s{number}", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1.0)


def plan(jobs=3) -> Plan:
    whole = (*(job(number) for number in range(jobs)), MOCK)
    return Plan(run="r", tier="test", release=None, seed=1, jobs=whole, policy=Policy(), digests=())


def closed(share: Plan, **more) -> tuple[Plan, Record]:
    share = replace(share, run=f"r{share.shard.index}")
    seen = tuple(Seen(check=check.id, job="j", outcome=Outcome.PASSED) for check in share.checks)
    record = Record(
        run=share.run, tier="test", plan_sha256="p", started_ms=5, ended_ms=9, closed=Closed.COMPLETE, seen=seen
    )
    return share, replace(record, **more)


def shards(of=2) -> list[tuple[Plan, Record]]:
    return [closed(shard_of(plan(), index, of)) for index in range(1, of + 1)]


@given(jobs=st.integers(1, 12), data=st.data())
def test_every_job_is_in_one_shard_and_the_whole_comes_back(jobs, data):
    of = data.draw(st.integers(1, jobs))
    shares = [shard_of(plan(jobs), index, of) for index in range(1, of + 1)]
    dealt = [one.id for share in shares for one in share.jobs if one.suite is not Suite.MOCK]
    assert sorted(dealt) == sorted(one.id for one in plan(jobs).jobs if one.suite is not Suite.MOCK)
    found = tuple(closed(share) for share in data.draw(st.permutations(shares)))
    assert problems_of(found) == ()
    joined = joined_plan(tuple(one for one, _ in found), "new")
    assert {check.id for check in joined.checks} == {check.id for check in plan(jobs).checks}
    assert (joined.shard, len(joined.merged)) == (None, of)


@pytest.mark.parametrize(("index", "of"), [(0, 2), (3, 2), (1, 4), (1, 0)])
def test_a_shard_that_can_not_be_is_refused(index, of):
    with pytest.raises(ValueError, match="shard"):
        shard_of(plan(), index, of)


def test_a_missing_shard_is_named():
    assert problems_of(tuple(shards(3)[:2])) == ("shard 3 of 3 is missing",)


def test_a_shard_given_twice_is_named():
    assert problems_of((*shards(), shards()[0])) == ("shard 1 of 2 is given 2 times",)


def test_a_run_that_is_no_shard_is_named():
    (one, record), other = shards()
    assert problems_of(((replace(one, shard=None), record), other)) == ("r1 is no shard",)


def test_a_shard_that_was_never_closed_is_named():
    (one, _), other = shards()
    assert problems_of(((one, None), other)) == ("r1 was never closed",)


@pytest.mark.parametrize("change", [{"tier": "prod"}, {"digests": (("a", "b"),)}, {"only": ("x",)}], ids=str)
def test_a_shard_of_another_plan_is_named(change):
    one, (two, record) = shards()
    assert problems_of((one, (replace(two, **change), record))) == ("r2 is of another plan than r1",)


def test_a_check_taken_out_of_a_shard_is_noticed():
    one, (two, record) = shards()
    less = replace(two, jobs=tuple(replace(each, checks=()) for each in two.jobs))
    assert problems_of((one, (less, record))) == ("together they do not promise what the whole plan promised",)


def test_nothing_is_no_run():
    assert problems_of(())


def test_one_interrupted_shard_makes_the_whole_interrupted():
    (_, one), (_, two) = shards()
    assert joined_record((one, two), "new", "p").closed is Closed.COMPLETE
    assert joined_record((one, replace(two, closed=Closed.INTERRUPTED)), "new", "p").closed is Closed.INTERRUPTED


def test_shards_that_found_another_build_differ():
    (_, one), (_, two) = shards()
    old, new = (Fingerprint(system="hub", before=version, after=version) for version in ("1", "2"))
    record = joined_record((replace(one, fingerprints=(old,)), replace(two, fingerprints=(new,))), "new", "p")
    assert record.fingerprints == (Fingerprint(system="hub", before="1", after="2"),)


def test_a_mock_that_another_shard_called_was_called():
    never = Seen(check="mock:erp/requests", job="j", outcome=Outcome.BROKEN, reasons=(Reason.of(Code.NEVER_CALLED),))
    (_, one), (_, two) = shards()
    kept = tuple(seen for seen in one.seen if seen.check != never.check)
    quiet = replace(one, seen=(*kept, never))
    assert never not in joined_record((quiet, two), "new", "p").seen
    silent = replace(two, seen=(*(seen for seen in two.seen if seen.check != never.check), never))
    assert joined_record((quiet, silent), "new", "p").seen.count(never) == 2
