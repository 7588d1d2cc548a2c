"""Every reason for leaving something out that a plan of this repository can give is told in Chinese too."""

import re
from dataclasses import replace

import pytest

from harness.formats.left_out_words import left_out_in
from harness.model.plan import Plan
from harness.rules.guarding import kept_back
from tests.unit.rules.test_planning import TIER, planned

REASONS = (
    "the policy of test does not name this suite",
    "its priority is `wont`",
    "it is for preprod, prod",
    "it is judged by-hand by desk, without a script",
    "no `contract` is named for it",
    "load/checkout.toml names no profile for prod",
    "--only names nothing here",
    "no request is recorded for it",
    "the recorded requests are not sent: `x` is no GET operation of the contract",
    "the policy of prod limits methods: only criteria that name prod in `tiers` run there",
    "the tier's policy grants no `rate`, and a guarded tier is not loaded without a cap",
    "profile `peak` asks for 90 /s, the tier's policy grants 20 /s",
    "profile `peak` asks for 90 users, the tier's policy grants 20",
    *kept_back(replace(TIER, policy=replace(TIER.policy, methods=("GET",)))).values(),
)


def in_chinese(why: str) -> str:
    ((_, told),) = left_out_in(replace(planned(), left_out=(("load:checkout", why),)), "zh")
    return told


@pytest.mark.parametrize("why", REASONS)
def test_a_reason_is_told_in_the_language_of_its_reader(why: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", in_chinese(why))


def test_every_name_of_the_plan_s_own_kind_of_word_is_told_too() -> None:
    plan: Plan = replace(planned(), left_out=(("everything else", "--only load"),))
    assert left_out_in(plan, "zh") == (("其余全部", "--only load"),)
    assert left_out_in(plan, "en") == plan.left_out


def test_what_nobody_translated_stays_as_it_is() -> None:
    assert in_chinese("because of the weather") == "because of the weather"
