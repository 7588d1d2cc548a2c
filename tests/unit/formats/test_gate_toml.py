"""The gate's policy: understood to the last key, or refused with the line."""

import base64

import pytest

from harness.errors import HarnessError
from harness.formats.gate_toml import entrance_to, read_gate
from harness.model.gate import MocksUsed, Wanted
from harness.model.signoff import Grade
from harness.model.tier import Suite

KEY = "ed25519:" + base64.b64encode(b"k" * 32).decode()
WHOLE = f"""\
[trust]
portal = ["{KEY}"]

[to.preprod]
[to.preprod.needs.test]
suites = ["contract", "load", "uat"]
max-age = "24 h"
coverage = {{ operations = "100 %", statuses = "80 %" }}
flaky = 2

[to.prod]
same-artifacts = true
needs.preprod = {{ suites = ["contract"], max-age = "72 h", mocks = "none" }}
acceptance = {{ must = "all", should = "signed or conditioned", roles = ["desk"], grade = "totp", max-age = "14 days" }}
"""
LEAST = '[to.preprod]\nneeds.test = { suites = ["contract"], max-age = "24 h" }\n'
TIERS = ("test", "preprod", "prod")


def test_a_whole_policy_is_read():
    policy = read_gate(WHOLE.encode(), TIERS)
    preprod, prod = policy.entrances
    (need,) = preprod.needs
    assert (need.suites, need.max_age_s) == ((Suite.CONTRACT, Suite.LOAD, Suite.UAT), 86400.0)
    assert (need.operations, need.statuses, need.flaky, need.mocks) == (1.0, 0.8, 2, MocksUsed.ANY)
    assert prod.same_artifacts and prod.needs[0].mocks is MocksUsed.NONE
    assert prod.acceptance is not None
    assert (prod.acceptance.should, prod.acceptance.grade) == (Wanted.CONDITIONED, Grade.TOTP)
    assert policy.portal_keys == (KEY,)
    assert len(policy.sha256) == 64


def test_the_passkeys_that_may_sign_are_read():
    mark = "passkey:" + "0a" * 32
    assert read_gate(WHOLE.replace("[trust]", f'[trust]\npasskeys = ["{mark}"]').encode(), TIERS).passkeys == (mark,)
    assert read_gate(WHOLE.encode(), TIERS).passkeys == ()


def test_the_strictest_is_what_is_not_written():
    acceptance = '[trust]\nportal = ["%s"]\n%s\n[to.preprod.acceptance]\nroles = ["desk"]\nmax-age = "1 d"\n'
    (entrance,) = read_gate((acceptance % (KEY, LEAST)).encode(), TIERS).entrances
    assert entrance.acceptance is not None
    assert (entrance.acceptance.must, entrance.acceptance.grade) == (Wanted.ALL, Grade.PASSKEY)
    assert entrance.needs[0].flaky == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("flaky = 2", "flakey = 2"), "unknown key `flakey`"),
        (('max-age = "24 h"', "max-age = 24"), "in quotes with its unit"),
        (('max-age = "24 h"', ""), "`max-age` is missing"),
        (('max-age = "24 h"', 'max-age = "0 h"'), "more than nothing"),
        (('suites = ["contract", "load", "uat"]', "suites = []"), "no suite is named"),
        (('"load"', '"speed"'), "not one of"),
        (("preprod.needs.test", "preprod.needs.tset"), "there is no tier `tset`"),
        (("needs.preprod", "needs.prod"), "can't need itself"),
        (('mocks = "none"', 'mocks = "few"'), "not one of"),
        (('"100 %"', '"0 %"'), "over 0 %"),
        (('"100 %"', '"101 %"'), "at most 100 %"),
        (("flaky = 2", "flaky = -1"), "less than 0"),
        (("flaky = 2", "flaky = true"), "whole number"),
        (('must = "all"', 'must = "some"'), "not one of"),
        (('grade = "totp"', 'grade = "sms"'), "not one of"),
        (("ed25519:", "rsa:"), "is not a public key"),
        (("[trust]", "[trust]\npasskeys = []"), "names none"),
        (("[trust]", '[trust]\npasskeys = ["li"]'), "no fingerprint of a passkey"),
        (("[trust]", '[trust]\npasskeys = ["passkey:%s"]' % ("A" * 64)), "no fingerprint of a passkey"),
        (("[trust]", "[trusted]"), "no portal's key is pinned"),
        (("same-artifacts = true", 'same-artifacts = "yes"'), "true or false"),
        (("[to.prod]", "[for.prod]"), "unknown key `for`"),
    ],
    ids=lambda one: one if isinstance(one, str) else one[1],
)
def test_a_policy_with_a_mistake_is_refused(change, said):
    assert change[0] in WHOLE
    with pytest.raises(HarnessError) as refused:
        read_gate(WHOLE.replace(*change, 1).encode(), TIERS)
    assert said in str(refused.value)
    assert all(one.place and one.place.line for one in refused.value.problems)


@pytest.mark.parametrize("body", ["", "[to.preprod]\n", "[trust]\nportal = []\n"])
def test_a_policy_that_asks_for_nothing_is_refused(body):
    with pytest.raises(HarnessError):
        read_gate(body.encode(), TIERS)


def test_a_tier_that_is_not_guarded_is_said():
    with pytest.raises(HarnessError, match="says nothing of entering `moon`"):
        entrance_to(read_gate(LEAST.encode(), TIERS), "moon")
