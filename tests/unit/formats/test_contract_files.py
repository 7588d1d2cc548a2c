"""The files beside a contract: findings that are accepted, and requests that may be sent to production."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.contract_baseline import day, entry_text, read_baseline
from harness.formats.contract_probes import digest_of, read_probes, write_probes
from harness.model.plan import Accepted
from harness.model.probes import Probe, Probes

GOOD = """
[[accepted]]
finding = "GET /a | rule |  |  | 5xx"
owner = "team"
reason = "known"
expires = 2026-12-31
"""
PROBE = """
contract-sha256 = "a"
sha256 = "b"
[[probes]]
operation = "read"
request = "GET /items/i1?page=1"
status = "200"
headers = { Accept-Language = "de" }
from = "recorded on test"
"""


def problems(body: str, read: object) -> str:
    with pytest.raises(HarnessError) as error:
        read(body.encode(), "file.toml")  # type: ignore[operator]
    return " / ".join(one.message for one in error.value.problems)


def test_an_entry_is_read_as_it_stands() -> None:
    (one,) = read_baseline(GOOD.encode(), "x")
    assert (one.finding, one.expires, one.tiers) == ("GET /a | rule |  |  | 5xx", "2026-12-31", ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("2026-12-31", '"soon"'), "`expires` must be a day"),
        (('owner = "team"', ""), "`owner` is missing"),
        (('"known"', '" "'), "`reason` is empty"),
        (("expires", "expire"), "unknown key `expire`"),
    ],
)
def test_an_acceptance_without_owner_reason_or_end_is_refused(change: tuple[str, str], said: str) -> None:
    assert said in problems(GOOD.replace(*change), read_baseline)


def test_one_finding_is_accepted_once() -> None:
    assert "accepted twice" in problems(GOOD + GOOD, read_baseline)


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_what_is_written_is_read_again(finding: str, reason: str) -> None:
    one = Accepted(finding=finding, owner="o", reason=reason, expires="2026-12-31", tiers=("test",))
    assert read_baseline(entry_text(one, "12345678").encode(), "x") == (one,)


@pytest.mark.parametrize(
    ("text", "said"),
    [("tomorrow", "is no day"), ("2026-01-01", "is over"), ("2028-01-01", "not for ever"), ("2026-12-31", None)],
)
def test_an_acceptance_ends_within_a_year(text: str, said: str | None) -> None:
    why = day(text, date(2026, 11, 21))
    assert why is None if said is None else said in str(why)


def test_a_list_of_requests_is_read_with_the_digest_of_what_stands_there() -> None:
    listed = read_probes(PROBE.encode(), "x")
    (probe,) = listed.probes
    assert (probe.method, probe.path, probe.headers) == ("GET", "/items/i1?page=1", (("Accept-Language", "de"),))
    assert (listed.sha256, listed.sealed) == ("b", digest_of(listed.probes))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("GET /items/i1?page=1", "get items"), "is no request"),
        (("GET /items/i1?page=1", "GET https://elsewhere/x"), "is no request"),
        (('status = "200"', 'status = "ok"'), "is no status"),
        (("Accept-Language", "Authorization"), "is not for a probe"),
        (("[[probes]]", "[[probe]]"), "unknown key `probe`"),
    ],
)
def test_a_request_that_could_carry_or_lead_elsewhere_is_refused(change: tuple[str, str], said: str) -> None:
    assert said in problems(PROBE.replace(*change), read_probes)


@pytest.mark.parametrize("field", ["operation", "method", "path", "status", "headers"])
def test_the_digest_covers_all_that_is_sent_and_expected(field: str) -> None:
    values: dict[str, object] = {"operation": "o", "method": "GET", "path": "/x", "status": "200", "headers": ()}
    one = Probe(**values)  # type: ignore[arg-type]
    other = Probe(**{**values, field: (("a", "b"),) if field == "headers" else "changed"})  # type: ignore[arg-type]
    assert digest_of((one,)) != digest_of((other,))
    assert digest_of((one, other)) != digest_of((other, one)), "order counts"


def test_a_written_list_is_sealed() -> None:
    probes = (Probe(operation="o", method="GET", path="/x", status="2XX", headers=(("A", 'b"c'),), source="examples"),)
    listed = Probes(contract_sha256="c", sha256=digest_of(probes), sealed="", probes=probes)
    again = read_probes(write_probes("f", listed, (("p", "no example"),)).encode(), "f")
    assert (again.probes, again.sha256) == (probes, again.sealed)
