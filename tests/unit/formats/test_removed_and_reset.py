"""A passkey signs nothing after it was removed, and nobody signs on the day of a reset: for both verifiers alike."""

from dataclasses import replace

import pytest

from harness.formats import offline_verifier
from harness.formats.acceptance_checking import check_acceptance
from harness.formats.dsse import NotTrusted, public_bytes
from harness.model.ledger import PasskeyRemoved, WayInReset
from harness.rules.signing import COOLING_MS
from tests.unit.acceptances import NOW
from tests.unit.bundles import ANN, ANN_SIGNS, FROZEN, LI, LI_SIGNS, PINNED, Writing, story

LATER = replace(LI.withdraws(LI_SIGNS), withdrawn_ms=NOW + 2000)


def removed(signer, at_ms: int = NOW) -> PasskeyRemoved:
    credential = signer.enrolled().credential
    return PasskeyRemoved(number=0, person=signer.person.id, credential=credential, at_ms=at_ms)


def reset(signer, before_ms: int) -> Writing:
    """Li joins, is reset that long before they sign, and signs."""
    log = Writing()
    at_ms = NOW - before_ms
    joined = tuple(replace(one, at_ms=at_ms) for one in (*LI.joined(), LI.enrolled()))
    for told in (*joined, WayInReset(number=0, person=signer.person.id, by="p-admin", at_ms=at_ms)):
        log.add(told)
    for told in (replace(FROZEN, at_ms=max(at_ms, FROZEN.at_ms)), LI_SIGNS):
        log.add(told)
    return log


HOLDS = {
    "removed after the signature": story(LI_SIGNS, removed(LI)),
    "another's passkey removed": story(removed(ANN), LI_SIGNS),
    "a reset a day before": reset(LI, COOLING_MS),
    "another's reset": reset(ANN, 1000),
}
REFUSED = {
    "removed before the signature": (story(removed(LI), LI_SIGNS), "removed before"),
    "removed before the withdrawal": (story(LI_SIGNS, removed(LI, NOW + 1), LATER), "removed before"),
    "a reset just less than a day before": (reset(LI, COOLING_MS - 1), "new way in"),
    "a reset a second before": (reset(LI, 1000), "new way in"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_is_right_holds_for_both(name):
    body = HOLDS[name].bundle()
    assert check_acceptance(body, PINNED).signatures
    assert offline_verifier.check(body, public_bytes(PINNED[0]), [])


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_named_by_both(name):
    log, why = REFUSED[name]
    with pytest.raises(NotTrusted, match=why):
        check_acceptance(log.bundle(), PINNED)
    with pytest.raises(offline_verifier.Wrong, match=why):
        offline_verifier.check(log.bundle(), public_bytes(PINNED[0]), [])


def test_without_a_removal_the_same_story_holds():
    assert len(check_acceptance(story(LI_SIGNS, ANN_SIGNS, LATER).bundle(), PINNED).withdrawn) == 1
