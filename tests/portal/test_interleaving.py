"""Sign, take back or replace at any moment while the gate fetches: it reads what stood before or after.

Every query of the export is a moment; at each of them somebody acts, and commits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.db import connection

from harness.formats.acceptance_checking import check_acceptance
from harness.formats.acceptance_standing import packages_seen
from harness.portal import archiving
from harness.portal.keys import public_key
from harness.portal.models import Frozen, Head

Stands = tuple[object, ...]


def stands(body: bytes) -> Stands:
    """What the gate reads of a bundle that holds for it."""
    found = check_acceptance(body, (public_key(),))
    signed = tuple(one.number for one in found.signatures if one.number not in found.withdrawn)
    return signed, tuple((one.code, one.state) for one in packages_seen(found)), found.checkpoint.size


@contextmanager
def at_query(number: int, act: Callable[[], object]) -> Iterator[list[int]]:
    """Somebody acts just before that query of ours."""
    asked, busy = [0], [False]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not busy[0]:
            asked[0] += 1
            if asked[0] == number:
                busy[0] = True
                act()
                busy[0] = False
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield asked


@pytest.fixture
def world(portal):
    li, ana, code = portal.ready()
    assert ana.accept(code, "finance").status_code == 200
    quinn = portal.browsers["Quinn Asare"]
    numbers = count()

    def sign_or_take_back() -> None:
        here = f"/packages/{newest().code}/order-desk"
        if next(numbers) % 2 == 0:
            assert li.accept(newest().code, "order-desk").status_code == 200
            return
        li.get(f"{here}/withdraw")
        li.post(f"{here}/withdraw", reason="I looked again")
        assert li.post_json(f"{here}/withdraw", li.device.used(li.given())).status_code == 200

    def replace() -> None:
        portal.freeze(quinn)

    return {"sign or take back": sign_or_take_back, "replace": replace}


def newest() -> Frozen:
    return Frozen.objects.order_by("-number")[0]


@pytest.mark.parametrize("what", ["sign or take back", "replace"])
def test_whatever_happens_meanwhile_the_gate_reads_what_stood_before_or_after(portal, world, what):
    seen = set()
    for moment in count(1):
        row = newest()
        before = stands(archiving.archive_of(row, evidence=False))
        with at_query(moment, world[what]) as asked:
            during = stands(archiving.archive_of(row, evidence=False))
        if asked[0] < moment:
            break
        after = stands(archiving.archive_of(row, evidence=False))
        assert before != after, "something did happen"
        assert during in {before, after}, f"at query {moment}"
        seen.add(during == before)
    assert seen == {True, False}, "some moments were before, some after"
    assert moment > 5


def test_an_export_that_reads_the_head_of_the_log_last_would_be_noticed(portal, world, monkeypatch):
    """The control: entries are chosen first, the head that they are proved by is read afterwards."""
    real = archiving.told_of
    kept = Head.objects.get(id=1).size

    def first(packages, size):
        return real(packages, min(size, kept))

    monkeypatch.setattr(archiving, "told_of", first)
    row = newest()
    before = stands(archiving.archive_of(row, evidence=False))
    world["sign or take back"]()
    mixed = stands(archiving.archive_of(row, evidence=False))
    monkeypatch.undo()
    after = stands(archiving.archive_of(row, evidence=False))
    assert mixed not in {before, after}
