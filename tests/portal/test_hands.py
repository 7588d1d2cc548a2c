"""Who had a hand in the release, told late: what is brought again adds people, whenever it comes."""

import pytest

from harness.formats.acceptance_checking import check_acceptance
from harness.formats.dsse import NotTrusted
from harness.formats.webauthn_assertion import fingerprint
from harness.model.acceptance import State
from harness.model.signoff import Answer
from harness.portal.checking import check_log
from harness.portal.keys import public_key
from harness.portal.models import Audit, Frozen, LateHand, Passkey, Published, Signed
from harness.portal.standings import state_of
from tests.portal.test_exported import answers, behind_the_guards, exported, theirs

KINDS = ("commit-author", "script-author", "deployer", "importer")


def hand(kind: str, mail: str = "li@example.org") -> dict[str, str]:
    return {"kind": kind, "person": mail, "about": "told late"}


def people(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    ana = portal.person("Ana Ruiz", "business", "finance")
    qa = portal.person("Quinn Asare", "qa", "qa")
    return li, ana, qa


def told(portal) -> list[str]:
    """The criteria that count, the same for both verifiers."""
    body = exported(portal)
    assert theirs(body) == "" and check_log().troubles == ()
    return [one.criterion for one in check_acceptance(body, (public_key(),)).bundle.signoffs]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hand_told_when_the_run_is_brought_again_counts_at_freezing(portal, kind):
    li, ana, qa = people(portal)
    portal.publish()
    assert portal.publish(acts=(hand(kind),)).status_code == 200
    code = portal.freeze(qa)
    assert li.accept(code, "order-desk").status_code == 403
    assert Audit.objects.filter(why=f"refused.not-{kind}").exists()
    assert ana.accept(code, "finance").status_code == 200, "the control: who has no hand in it signs"


def test_a_hand_told_after_freezing_keeps_its_person_from_signing(portal):
    li, ana, code = portal.ready()
    li.answer_all(code, "order-desk")
    li.decide(code, "order-desk", "accept")
    portal.publish(acts=(hand("deployer"),))
    assert li.sign(code, "order-desk").status_code == 403
    assert ana.accept(code, "finance").status_code == 200
    assert told(portal) == ["INV-1", "INV-2"]


def test_a_hand_told_after_signing_undoes_that_signature_alone_and_opens_its_place(portal):
    li, ana, code = portal.ready()
    wu = portal.person("Wu Min", "business", "order-desk")
    li.accept(code, "order-desk")
    ana.accept(code, "finance")
    assert told(portal) == ["ORD-1", "ORD-2", "INV-1", "INV-2"], "the control"
    portal.publish(acts=(hand("script-author"),))
    assert told(portal) == ["INV-1", "INV-2"]
    assert wu.accept(code, "order-desk").status_code == 200
    assert sorted(told(portal)) == ["INV-1", "INV-2", "ORD-1", "ORD-2"]
    assert portal.publish(acts=(hand("script-author"),)).status_code == 200
    assert LateHand.objects.count() == 1, "told once"


@pytest.mark.parametrize("kind", KINDS)
def test_naming_who_refused_takes_no_refusal_away(portal, kind):
    li, ana, code = portal.ready()
    wu = portal.person("Wu Min", "business", "order-desk")
    li.answer_all(code, "order-desk", **{"ORD-1": "no"})
    li.decide(code, "order-desk", "reject", "totals are wrong")
    assert li.sign(code, "order-desk").status_code == 200
    assert ana.accept(code, "finance").status_code == 200
    before, row = answers(portal), Frozen.objects.get(code=code)
    assert ("ORD-1", "rejected") in before
    assert portal.publish(acts=(hand(kind), hand(kind, "ana@example.org"))).status_code == 200
    assert wu.accept(code, "order-desk").status_code == 409, "its place did not open"
    assert answers(portal) == [one for one in before if one[1] == "rejected"], "the control: the acceptance went"
    assert state_of(row) == State.REJECTED.value and check_log().troubles == ()
    pinned = [fingerprint(key) for key in Passkey.objects.values_list("public_key", flat=True)]
    read = check_acceptance(exported(portal), (public_key(),), passkeys=pinned).bundle.signoffs
    assert {one.answer for one in read} == {Answer.REJECTED}


def test_who_refused_and_is_named_later_still_takes_it_back_themselves(portal):
    li, _, code = portal.ready()
    li.answer_all(code, "order-desk", **{"ORD-1": "no"})
    li.decide(code, "order-desk", "reject", "totals are wrong")
    assert li.sign(code, "order-desk").status_code == 200
    portal.publish(acts=(hand("deployer"),))
    where = f"/packages/{code}/order-desk/withdraw"
    li.get(where)
    li.post(where, reason="I read the wrong report")
    assert li.post_json(where, li.device.used(li.given())).status_code == 200
    assert answers(portal) == [] and check_log().troubles == ()


def test_who_brings_the_same_run_again_has_a_hand_in_it(portal):
    li, _, code = portal.ready()
    portal.publish(portal.token("publish", by=portal.who("Li Wei").id))
    assert li.accept(code, "order-desk").status_code == 403
    assert LateHand.objects.get().about == Published.objects.get().run, "in no language of its own"


def test_a_later_run_tells_of_authors_and_deployers_of_the_release_but_not_of_its_own_scripts(portal):
    li, ana, code = portal.ready()
    portal.publish(run="20261121T170301Z-aaaa", acts=(hand("script-author", "ana@example.org"), hand("deployer")))
    assert li.accept(code, "order-desk").status_code == 403
    assert ana.accept(code, "finance").status_code == 200


def test_a_hand_whose_row_is_taken_out_is_told_by_the_log(portal):
    li, _, code = portal.ready()
    portal.publish(acts=(hand("deployer"),))
    behind_the_guards("DELETE FROM portal_latehand")
    assert "hand" in " ".join(check_log().troubles)
    assert li.accept(code, "order-desk").status_code == 200, "the tables were believed"
    with pytest.raises(NotTrusted, match="hand"):
        check_acceptance(exported(portal), (public_key(),))
    assert "hand" in theirs(exported(portal))


def test_a_hand_that_was_told_is_not_taken_back(portal):
    _, _, code = portal.ready()
    portal.publish(acts=(hand("deployer"),))
    portal.publish(acts=())
    assert LateHand.objects.get(package__code=code).person == "li@example.org"
    assert not Signed.objects.exists()
