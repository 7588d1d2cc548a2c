"""A run begins only for whom, when and with the load that its tier allows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.limit_sentences import read_abort
from harness.formats.window_text import read_window
from harness.model.load import ClosedModel, LoadSpec, OpenModel, Profile, Stage
from harness.model.tier import LoadCap, Policy, Suite, Tier
from harness.rules.allowing import not_by_or_now, over_the_cap, unbound
from harness.rules.windows import is_open

FRIDAY = "2026-11-20"


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


def open_at(text: str, moment: str) -> bool:
    return is_open((read_window(text),), at(moment))


@pytest.mark.parametrize(
    ("window", "moment", "is_it"),
    [
        ("mon-fri 08:00-18:00 UTC", f"{FRIDAY}T08:00", True),
        ("mon-fri 08:00-18:00 UTC", f"{FRIDAY}T18:00", False),
        ("mon-fri 08:00-18:00 UTC", "2026-11-21T12:00", False),
        ("mon-fri 08:00-18:00 Asia/Shanghai", f"{FRIDAY}T00:30", True),
        ("fri 22:00-02:00 UTC", f"{FRIDAY}T23:00", True),
        ("fri 22:00-02:00 UTC", "2026-11-21T01:59", True),
        ("fri 22:00-02:00 UTC", f"{FRIDAY}T01:00", False),
        ("sat-mon 00:00-24:00 UTC", "2026-11-22T12:00", True),
        ("sat,sun 00:00-24:00 UTC", f"{FRIDAY}T12:00", False),
        ("sun 02:00-03:00 Europe/Berlin", "2026-03-29T00:30", False),  # 01:30 there
        ("sun 02:00-03:00 Europe/Berlin", "2026-03-29T01:00", False),  # 03:00 there: the hour that never was
    ],
)
def test_a_window_is_open_from_its_first_minute_to_before_its_last(window, moment, is_it):
    assert open_at(window, moment) is is_it


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_two_windows_that_share_a_day_out_are_never_both_open_nor_both_shut(moment):
    now = int(moment.replace(tzinfo=UTC).timestamp() * 1000)
    day, night = (read_window(f"mon-sun {hours} Europe/Berlin") for hours in ("07:30-19:15", "19:15-07:30"))
    assert is_open((day,), now) != is_open((night,), now)
    assert is_open((day, night), now)
    assert is_open((), now)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("always", "is not days, hours and a time zone"),
        ("mon 08:00-18:00", "is not days, hours and a time zone"),
        ("mon 08:00-25:00 UTC", "is no time of day"),
        ("mon 08:60-18:00 UTC", "is no time of day"),
        ("mon 08:00-08:00 UTC", "is open for no time"),
        ("moon 08:00-18:00 UTC", "is no day"),
        ("mon 08:00-18:00 Moon/Sea", "is no time zone"),
        ("mon 08:00-18:00 ../../etc/passwd", "is no time zone"),
    ],
)
def test_what_is_no_window_is_told(text, why):
    with pytest.raises(ValueError, match=why):
        read_window(text)


def test_who_and_when_are_refused_together_with_what_would_do():
    policy = Policy(who=("ci", "anna"), windows=(read_window("mon 08:00-18:00 UTC"),))
    tier = Tier(name="prod", policy=policy)
    problems = not_by_or_now(tier, user="bob", now_ms=at(f"{FRIDAY}T12:00"))
    assert [problem.message for problem in problems] == [
        "`bob` may not run prod",
        "prod may not be run at this hour",
    ]
    assert [problem.hint for problem in problems] == [
        "`who-may-run` in its [policy] names ci, anna",
        "its windows are mon 08:00-18:00 UTC",
    ]
    assert not_by_or_now(tier, user="anna", now_ms=at("2026-11-23T12:00")) == ()
    assert not_by_or_now(Tier(name="test"), user="anybody", now_ms=0) == ()


OPEN = Profile(name="peak", model=OpenModel(stages=(Stage(from_per_s=80.0, rate_per_s=20.0, for_s=60.0),)))
CLOSED = Profile(name="crowd", model=ClosedModel(users=50, ramp_per_s=5.0, for_s=30.0), warm_up_s=10.0)


@pytest.mark.parametrize(
    ("profile", "cap", "said"),
    [
        (OPEN, None, []),
        (OPEN, LoadCap(rate_per_s=80.0, for_s=60.0), []),
        (OPEN, LoadCap(rate_per_s=79.0), ["asks for 80 /s, and prod bears 79 /s"]),
        (OPEN, LoadCap(for_s=59.0), ["asks for 60 s, and prod bears 59 s"]),
        (CLOSED, LoadCap(users=50), []),
        (CLOSED, LoadCap(users=49, for_s=39.0), ["50 users, and prod bears 49", "40 s, and prod bears 39 s"]),
        (CLOSED, LoadCap(rate_per_s=10.0), ["50 users, whose rate nobody knows before"]),
    ],
)
def test_a_profile_beyond_the_cap_is_refused_by_its_figures(profile, cap, said):
    spec = LoadSpec(
        name="checkout",
        path="load/checkout.toml",
        users_file="checkout.py",
        users_class="Checkout",
        system="orders",
        profiles=(profile,),
        limits=(),
        profile_by_tier=(("prod", profile.name),),
    )
    problems = over_the_cap(Tier(name="prod", policy=Policy(load=cap)), (spec,))
    assert len(problems) == len(said)
    assert all(part in problem.message for part, problem in zip(said, problems, strict=True))
    assert over_the_cap(Tier(name="test", policy=Policy(load=cap)), (spec,)) == ()


BOUND = {
    "suites": (Suite.LOAD,),
    "methods": ("GET",),
    "who": ("anna",),
    "windows": (read_window("mon-fri 08:00-18:00 UTC"),),
    "load": LoadCap(rate_per_s=80.0, for_s=60.0),
    "alarm": "https://alerts.example/firing",
}


def load_of(tier, *aborts):
    return LoadSpec(
        name="checkout",
        path="load/checkout.toml",
        users_file="checkout.py",
        users_class="Checkout",
        system="orders",
        profiles=(OPEN,),
        limits=(),
        profile_by_tier=((tier, OPEN.name),),
        aborts=aborts,
    )


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({}, None),
        ({"who": ()}, "who may start it"),
        ({"windows": ()}, "when it may run"),
        ({"load": None}, "the most it may be, and for how long"),
        ({"load": LoadCap(rate_per_s=80.0)}, "the most it may be, and for how long"),
        ({"load": LoadCap(for_s=60.0)}, "the most it may be, and for how long"),
        ({"alarm": None}, "what ends it early"),
        ({"who": (), "methods": ()}, None),  # control: where nothing but hosts is limited, nobody asks
        ({"who": (), "suites": (Suite.UAT,)}, None),
    ],
)
def test_a_load_where_methods_are_limited_says_who_when_how_much_and_until_what(without, said):
    tier = Tier(name="prod", policy=Policy(**{**BOUND, **without}))
    problems = unbound(tier, (load_of("prod"), load_of("test")))
    assert [problem.message.rpartition("needs to say ")[2] for problem in problems] == ([said] if said else [])


def test_a_condition_of_the_load_itself_ends_it_early_too():
    tier = Tier(name="prod", policy=Policy(**{**BOUND, "alarm": None}))
    assert unbound(tier, (load_of("prod", read_abort("errors > 50 % for 10 s")),)) == ()


def test_everything_that_is_lacking_is_told_at_once():
    tier = Tier(name="prod", policy=Policy(suites=(Suite.LOAD,), methods=("GET",)))
    assert len(unbound(tier, (load_of("prod"),))) == 4
