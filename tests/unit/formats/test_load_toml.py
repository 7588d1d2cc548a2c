"""A load file is read whole, or refused with every problem and its line."""

import pytest

from harness.errors import HarnessError
from harness.formats.load_toml import load_spec, read_stage
from harness.model.load import ClosedModel, OpenModel, Stage, Watch

WHOLE = b"""\
users = "checkout.py:Checkout"
system = "orders"

[profiles.smoke]
arrivals = "20 /s for 20 s"
[profiles.peak]
arrivals = ["100 /s for 30 s", "100 /s to 1000 /s over 1 min"]
warm-up  = "10 s"
[profiles.desk]
users = 50
ramp = "5 /s"
for = "2 min"

[watch]
memory = { from = "GET /health", field = "process.memory" }

[limits]
all = ["p95 < 300 ms", "errors < 0.1 %", "dropped = 0"]
"createOrder" = ["p99.9 <= 1.5 s"]
memory = ["growth < 30 MB"]

[tiers]
test = "smoke"
preprod = "peak"
"""


def problems_of(body: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(HarnessError) as refused:
        load_spec(body, "load/checkout.toml")
    return [(p.place.line if p.place else None, f"{p.message} {p.hint or ''}".strip()) for p in refused.value.problems]


def changed(old: bytes, new: bytes) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new)


def test_a_whole_file_becomes_a_spec():
    spec = load_spec(WHOLE, "load/checkout.toml")
    assert (spec.name, spec.users_file, spec.users_class, spec.system) == (
        "checkout",
        "load/checkout.py",
        "Checkout",
        "orders",
    )
    smoke, peak, desk = spec.profiles
    assert smoke.model == OpenModel(stages=(Stage(rate_per_s=20, for_s=20),))
    assert peak.model == OpenModel(
        stages=(Stage(rate_per_s=100, for_s=30), Stage(rate_per_s=1000, for_s=60, from_per_s=100))
    )
    assert (peak.warm_up_s, peak.duration_s) == (10, 100)
    assert desk.model == ClosedModel(users=50, ramp_per_s=5, for_s=120)
    assert [(one.subject, one.measure, one.relation, one.value, one.unit) for one in spec.limits] == [
        ("all", "p95", "<", 300, "ms"),
        ("all", "errors", "<", 0.001, "share"),
        ("all", "dropped", "=", 0, "count"),
        ("createOrder", "p99.9", "<=", 1500, "ms"),
        ("memory", "growth", "<", 30e6, "bytes"),
    ]
    assert spec.watches == (Watch(name="memory", path="/health", field="process.memory"),)
    assert spec.profile_for("preprod") == peak
    assert spec.profile_for("prod") is None


def test_without_a_system_the_only_one_is_meant():
    assert load_spec(changed(b'system = "orders"\n', b""), "load/checkout.toml").system == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (b'arrivals = "20 /s for 20 s"', b'arival = "20 /s for 20 s"', 5, "unknown key `arival`"),
        (b'arrivals = "20 /s for 20 s"', b'arival = "20 /s for 20 s"', 5, "did you mean `arrivals`?"),
        (b'"20 /s for 20 s"', b'"20 for 20 s"', 5, 'write it like "20 /s for 20 s"'),
        (b'"20 /s for 20 s"', b'"20 /s for 20"', 5, "has no unit"),
        (b'"20 /s for 20 s"', b'"20 /s over 20 s"', 5, 'write it like "20 /s for 20 s"'),
        (b'"20 /s for 20 s"', b'"0 /s for 20 s"', 5, "nothing arrives"),
        (b'"20 /s for 20 s"', b'"20 /s for 0 s"', 5, "lasts no time"),
        (b'"20 /s for 20 s"', b"[]", 5, "there are no arrivals"),
        (b"users = 50", b"users = 0", 10, "between 1 and 100000, not 0"),
        (b"users = 50", b'users = "50"', 10, "must be a whole number"),
        (b'for = "2 min"', b"", 9, "`for` is missing"),
        (b'for = "2 min"', b'for = "2 min"\narrivals = "1 /s for 1 s"', 9, "both `arrivals` and `users`"),
        (b'users = "checkout.py:Checkout"', b'users = "checkout.py"', 1, "write file and class"),
        (b'users = "checkout.py:Checkout"', b'users = "../x.py:Checkout"', 1, "leads out of the folder"),
        (b'users = "checkout.py:Checkout"', b'users = "/x.py:Checkout"', 1, "leads out of the folder"),
        (b'"p95 < 300 ms"', b'"p95 < 300"', 18, "has no unit"),
        (b'"p95 < 300 ms"', b'"p95 under 300 ms"', 18, "is not a limit"),
        (b'"p95 < 300 ms"', b'"p59x < 300 ms"', 18, "nothing that is measured"),
        (b'"p95 < 300 ms"', b'"errors < 1 %"', 18, "two limits on errors of `all`"),
        (b'test = "smoke"', b'test = "smoek"', 23, "there is no profile `smoek`"),
        (b'from = "GET /health"', b'from = "POST /health"', 15, "can't be watched"),
        (b'"growth < 30 MB"', b'"p95 < 30 ms"', 20, "known are growth, max, last"),
    ],
)
def test_each_mistake_is_told_with_its_line(old, new, line, said):
    found = problems_of(changed(old, new))
    assert any(at == line and said in text for at, text in found), found


def test_every_problem_is_told_at_once():
    body = WHOLE.replace(b"300 ms", b"300").replace(b'"smoke"', b'"smoek"').replace(b"users = 50", b"users = 0")
    assert [line for line, _ in problems_of(body)] == [10, 18, 23]


@pytest.mark.parametrize("missing", [b"users =", b"[profiles", b"[limits]", b"[tiers]"])
def test_what_a_load_cannot_do_without_is_asked_for(missing):
    kept = b"".join(
        block for block in WHOLE.replace(b"\n[", b"\n\0[").split(b"\0") if not block.lstrip().startswith(missing)
    )
    assert any("missing" in text for _, text in problems_of(kept))


def test_no_limits_at_all_are_no_proof():
    body = WHOLE[: WHOLE.index(b"[limits]")] + b'[limits]\n[tiers]\ntest = "smoke"\n'
    assert any("a load without a limit proves nothing" in text for _, text in problems_of(body))


def test_a_ramp_is_read_from_its_beginning_to_its_end():
    assert read_stage("0 /s to 10 /min over 1 h") == Stage(rate_per_s=10 / 60, for_s=3600, from_per_s=0)


CHECKED = WHOLE.replace(
    b'system = "orders"',
    b"""system = "orders"
check-answers = "5 %"
abort = ["errors > 50 % for 10 s", "p95 > 5 s for 5 s"]
""",
).replace(
    b"[watch]",
    b"""[served]
from = "GET /health"
field = "requestsServed"

[watch]""",
)


def test_a_file_may_say_when_to_end_what_to_check_and_where_requests_are_counted():
    spec = load_spec(CHECKED, "load/checkout.toml")
    assert [abort.text for abort in spec.aborts] == ["errors > 50 % for 10 s", "p95 > 5 s for 5 s"]
    assert spec.checked_share == pytest.approx(0.05)
    assert spec.served == Watch(name="served", path="/health", field="requestsServed")


def test_answers_that_are_checked_must_all_be_right_unless_a_limit_says_otherwise():
    assert [limit.text for limit in load_spec(CHECKED, "load/checkout.toml").limits][-1] == "contract-errors = 0"
    looser = CHECKED.replace(b'"dropped = 0"]', b'"dropped = 0", "contract-errors < 1 %"]')
    limits = [limit.text for limit in load_spec(looser, "load/checkout.toml").limits]
    assert "contract-errors < 1 %" in limits
    assert "contract-errors = 0" not in limits


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"dropped = 0"]', b'"dropped = 0", "contract-errors = 0"]', "no answer is checked"),
        (b'system = "orders"', b'system = "orders"\ncheck-answers = "120 %"', "more than all answers"),
        (b'system = "orders"', b'system = "orders"\nabort = "errors > 50 %"', "does not say how long"),
        (b"[watch]", b'[served]\nfrom = "POST /x"\nfield = "n"\n[watch]', "can't be watched"),
    ],
)
def test_what_makes_no_sense_of_it_is_refused(old, new, said):
    assert any(said in message for _, message in problems_of(changed(old, new)))
