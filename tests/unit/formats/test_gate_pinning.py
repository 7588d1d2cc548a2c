"""Trusting a portal changes one list of the policy, and nothing that somebody wrote around it."""

import base64
import tomllib

import pytest

from harness.errors import AskedWrongly
from harness.formats.gate_pinning import with_portal_key

OLD, NEW = ("ed25519:" + base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
TO = '[to.prod]  # the last one\nneeds.test = { suites = ["uat"], max-age = "1 d" }\n'
WAYS = {
    "a list of one": f'{TO}\n[trust]   # whose word counts\nportal = ["{OLD}"]\n# theirs\nrunners = ["{OLD}"]\n',
    "over several lines": f'[trust]\nportal = [\n  "{OLD}",  # ] the first\n]\n{TO}',
    "dotted": f'trust.portal = ["{OLD}"]\n{TO}',
    "no portal yet": f'[trust]\nrunners = ["{OLD}"]\n{TO}',
    "no trust yet": TO,
    "windows": f'{TO}\n[trust]\nportal = ["{OLD}"]\n'.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("only", [False, True])
def test_one_list_changes_and_nothing_else(text: str, only: bool) -> None:
    before, after = tomllib.loads(text), with_portal_key(text.encode(), NEW, only=only).decode()
    was = before.get("trust", {}).get("portal", [])
    before.setdefault("trust", {})["portal"] = [NEW] if only else [*was, NEW]
    assert tomllib.loads(after) == before
    around = [one for one in text.splitlines() if OLD not in one and one not in {"portal = [", "]"}]
    assert [one for one in after.splitlines() if one in around] == around
    assert ("\r\n" in after) == ("\r\n" in text)


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_told_twice_it_changes_nothing(text: str) -> None:
    once = with_portal_key(text.encode(), NEW)
    assert with_portal_key(once, NEW) == once


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (f'trust = {{ portal = ["{OLD}"] }}\n{TO}', NEW, "can't be edited"),
        (f'[trust]\nportal = "{OLD}"\n{TO}', NEW, "no list of keys"),
        ("[trust\n", NEW, "Expected"),
        (TO, "ed25519:short", "key"),
    ],
)
def test_what_can_not_be_edited_safely_is_refused(text: str, key: str, said: str) -> None:
    with pytest.raises(AskedWrongly) as refused:
        with_portal_key(text.encode(), key)
    assert said in str(refused.value)
