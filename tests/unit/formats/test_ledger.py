"""The log as bytes: what was hashed is what is read, and nothing else is."""

from dataclasses import replace

import pytest

from harness.errors import HarnessError
from harness.formats.ledger import (
    countersigned,
    entry_of,
    read_entries,
    read_entry,
    told_by,
    told_in,
    write_entry,
)
from harness.model.acceptance import Withdrawal
from harness.model.ledger import (
    Enrolled,
    EntryKind,
    FrozenPackage,
    LedgerEntry,
    MetCondition,
    Signature,
    VoidPackage,
    Withdrawn,
)
from harness.model.signoff import Grade
from tests.unit.acceptances import NOW, signature

ENTRY = LedgerEntry(index=0, kind=EntryKind.ROLE, at_ms=NOW, body='{"a":"é"}')
WITHDRAWN = Withdrawn(
    number=3,
    withdrawal=Withdrawal(
        statement_sha256="s",
        package_sha256="p",
        person="p-li",
        name="Li",
        reason="r",
        nonce="n",
        issued_ms=1,
        expires_ms=2,
    ),
    grade=Grade.PASSKEY,
    withdrawn_ms=NOW,
)
ENROLLED = Enrolled(number=1, person="p-li", credential="c", public_key="k", by="p-li", at_ms=NOW)
MET = MetCondition(number=9, signature=7, criterion="S-1", by="p-li", at_ms=NOW)
FROZEN = FrozenPackage(number=2, package_sha256="p", code="7F3A-92KD", by="p-qa", at_ms=NOW)
VOID = VoidPackage(number=5, package_sha256="p", reason="a new build", by="p-qa", at_ms=NOW)


def test_an_entry_is_read_as_it_was_written():
    assert read_entry(write_entry(ENTRY)) == ENTRY


def test_a_log_is_read_whole():
    lines = b"".join(write_entry(replace(ENTRY, index=index)) + b"\n" for index in range(3))
    assert [one.index for one in read_entries(lines)] == [0, 1, 2]
    assert read_entries(b"") == ()


@pytest.mark.parametrize("indexes", [(1,), (0, 2), (0, 0), (1, 0)])
def test_a_gap_or_a_number_given_twice_is_named(indexes):
    lines = b"".join(write_entry(replace(ENTRY, index=index)) + b"\n" for index in indexes)
    with pytest.raises(HarnessError, match=r"line [12]"):
        read_entries(lines)


@pytest.mark.parametrize("body", [b"{}\n", b"\n", write_entry(ENTRY), b" " + write_entry(ENTRY) + b"\n"])
def test_what_is_no_log_is_refused(body):
    with pytest.raises(HarnessError):
        read_entries(body)


@pytest.mark.parametrize(
    "told", [signature(7), WITHDRAWN, ENROLLED, MET, FROZEN, VOID], ids=lambda told: type(told).__name__
)
def test_what_happened_and_its_entry_are_one(told):
    entry = entry_of(told)
    assert told_in(type(told), entry) == told
    for other in (replace(entry, index=8), replace(entry, at_ms=1), replace(entry, kind=EntryKind.ROLE)):
        with pytest.raises(HarnessError, match="differ"):
            told_in(type(told), other)


def test_an_entry_of_the_rest_of_the_log_tells_nothing_here():
    assert told_by(ENTRY) is None
    assert told_by(entry_of(MET)) == MET


def test_one_thing_is_never_read_as_another():
    with pytest.raises(HarnessError):
        told_in(Signature, entry_of(WITHDRAWN))


def test_the_countersignature_is_over_every_part_of_an_entry():
    others = [
        replace(ENTRY, index=1),
        replace(ENTRY, at_ms=1),
        replace(ENTRY, kind=EntryKind.ACCOUNT),
        replace(ENTRY, body="{}"),
    ]
    assert len({countersigned(one) for one in (ENTRY, *others)}) == 5
