"""What a signer can do and sees: conditions, refusal, withdrawal, carried-over answers, the same words everywhere."""

import csv
import io
import json
import re

import pytest

from harness.formats.acceptance_checking import check_acceptance
from harness.model.signoff import Answer
from harness.portal.keys import public_key
from harness.portal.models import Answered, Entry, Signed
from tests.portal.publication import CRITERIA, criterion


def bundle(portal):
    """What the gate fetches, believed only whole."""
    headers = {"Authorization": f"Bearer {portal.token('read')}", "Accept": "application/zip"}
    answer = portal.client.get("/api/v1/releases/2.4.1/bundle", headers=headers)
    anchors = ((portal.root / "witness" / "checkpoint.txt").read_bytes(),)
    return check_acceptance(answer.content, (public_key(),), anchors).bundle


def conditions(code: str, **more: str) -> dict[str, str]:
    return {
        "text:ORD-2": "The list shows only its own",
        "owner:ORD-2": "Dev team",
        "due:ORD-2": "2029-12-31",
        "before:ORD-2": "prod",
        **more,
    }


def test_a_condition_is_signed_word_for_word_and_reaches_the_gate_and_the_list(portal):
    li, ana, code = portal.ready()
    where = f"/packages/{code}/order-desk"
    li.answer_all(code, "order-desk", **{"ORD-2": "no"})
    assert li.decide(code, "order-desk", "accept").status_code == 400, "a Should that does not work needs a condition"
    assert li.decide(code, "order-desk", "accept-with-conditions").headers["location"].endswith("/conditions")
    li.get(f"{where}/conditions")
    assert li.post(f"{where}/conditions", **conditions(code, **{"due:ORD-2": "2001-01-01"})).status_code == 400
    assert li.post(f"{where}/conditions", **conditions(code, **{"owner:ORD-2": ""})).status_code == 400
    assert li.post(f"{where}/conditions", **conditions(code)).headers["location"].endswith("/sign")
    assert li.sign(code, "order-desk").status_code == 200
    (one,) = (one for one in bundle(portal).signoffs if one.criterion == "ORD-2")
    assert (one.answer, one.before_tier, one.met) == (Answer.CONDITIONED, "prod", False)
    assert "The list shows only its own" in li.get("/improvements").text
    assert li.post(f"{where}/met/ORD-2").status_code == 302
    assert next(one for one in bundle(portal).signoffs if one.criterion == "ORD-2").met
    assert ana.post(f"{where}/met/ORD-2").status_code == 404


def test_a_must_that_does_not_work_can_only_be_refused_and_that_takes_no_more_than_accepting(portal):
    li, _, code = portal.ready()
    li.answer_all(code, "order-desk", **{"ORD-1": "no"})
    for decision in ("accept", "accept-with-conditions"):
        li.decide(code, "order-desk", decision)
        li.get(f"/packages/{code}/order-desk/sign")
        assert li.last is not None and li.last.status_code == 302
    assert li.decide(code, "order-desk", "reject").status_code == 400, "a refusal says why"
    assert li.decide(code, "order-desk", "reject", "The total is wrong").status_code == 302
    assert li.sign(code, "order-desk").status_code == 200
    told = bundle(portal).signoffs
    assert {one.answer for one in told} == {Answer.REJECTED}, "who refuses a package accepts nothing of it"
    assert sorted(one.criterion for one in told) == ["ORD-1", "ORD-2"]


def test_nothing_is_chosen_beforehand(portal):
    li, _, code = portal.ready()
    li.answer_all(code, "order-desk")
    page = li.get(f"/packages/{code}/order-desk/check").text
    assert page.count('type="radio"') == 3 and "checked" not in page
    assert li.decide(code, "order-desk", "").status_code == 400


def test_a_signature_that_was_taken_back_counts_no_more_and_the_place_is_open_again(portal):
    li, _, code = portal.ready()
    where = f"/packages/{code}/order-desk"
    assert li.accept(code, "order-desk").status_code == 200
    li.get(f"{where}/withdraw")
    assert li.post(f"{where}/withdraw", reason="").status_code == 400
    li.post(f"{where}/withdraw", reason="I looked at the wrong list")
    assert li.post_json(f"{where}/withdraw", li.device.used(li.given(), flags=0x01)).status_code == 403
    li.post(f"{where}/withdraw", reason="I looked at the wrong list")
    assert li.post_json(f"{where}/withdraw", li.device.used(li.given())).status_code == 200
    assert bundle(portal).signoffs == ()
    assert Signed.objects.get().taken_back is not None
    li.decide(code, "order-desk", "reject", "wrong list")
    assert li.sign(code, "order-desk").status_code == 200
    assert {one.answer for one in bundle(portal).signoffs} == {Answer.REJECTED}


def test_what_was_accepted_and_did_not_change_is_filled_in_and_what_changed_is_not(portal):
    li, ana, code = portal.ready()
    li.accept(code, "order-desk")
    ana.accept(code, "finance")
    newer = (criterion("ORD-1", "order-desk", version="2"), *CRITERIA[1:])
    portal.publish(run="20261121T170301Z-aaaa", nonce="m" * 32, criteria=newer)
    second = portal.freeze(portal.browsers["Quinn Asare"])
    page = li.get(f"/packages/{second}").text
    assert "Reworded" in page
    known = Answered.objects.filter(package__code=second).values_list("criterion", "said", "carried")
    assert list(known) == [("ORD-2", "yes", True)]
    assert bundle(portal).signoffs == (), "the old signatures are for the old declaration"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_name_title_meaning_time_and_place_are_the_same_in_every_readable_form(portal, language):
    li, _, code = portal.ready()
    li.get("/account")
    li.post("/language", language=language, next="/account")
    li.accept(code, "order-desk")
    (one,) = json.loads(li.get(f"/packages/{code}/signatures.json").text)["signatures"]
    (row,) = csv.DictReader(io.StringIO(li.get(f"/packages/{code}/signatures.csv").text.lstrip("\ufeff")))
    certificate = li.get(f"/packages/{code}/certificate").text
    receipt = li.get(f"/packages/{code}/order-desk/receipt").text
    moment = one["signed_utc"].replace("T", " ").replace("Z", " UTC")
    assert moment in certificate and row["signed_utc"] == one["signed_utc"]
    for name in ("name", "title", "role", "statement_sha256", "meaning"):
        assert row[name] == one[name]
        assert one[name] in certificate and one[name] in receipt
    assert re.search(rf"\b{one['number']}\b", receipt) and row["number"] == str(one["number"])
    assert ("本人" in one["meaning"]) == (language == "zh")


def test_no_cell_of_a_table_runs_as_a_formula(portal):
    li, _, code = portal.ready()
    li.get(f"/packages/{code}")
    for words in ("=1+1", "+1", "-1", "@SUM(1)", "\t=1"):
        li.post(f"/packages/{code}/order-desk/try/ORD-2", said="no", words=words, asked="1")
    li.answer_all(code, "order-desk", **{"ORD-1": "no"})
    li.post(f"/packages/{code}/order-desk/try/ORD-1", said="no", words='=HYPERLINK("http://evil")', asked="1")
    li.decide(code, "order-desk", "reject", "no")
    assert li.sign(code, "order-desk").status_code == 200
    table = li.get("/improvements.csv").text
    cells = [cell for row in csv.reader(io.StringIO(table.lstrip("\ufeff"))) for cell in row]
    assert '\'=HYPERLINK("http://evil")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_the_receipt_that_is_mailed_holds_a_checkpoint_that_nobody_here_can_take_back(portal):
    li, _, code = portal.ready()
    li.accept(code, "order-desk")
    mail = max((portal.root / "data" / "outbox").glob("*.eml")).read_text()
    assert "Receipt" in mail and f"receipt-{code}.json" in mail


def test_two_of_a_role_must_sign_where_qa_wants_two(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    wu = portal.person("Wu Min", "business", "order-desk")
    ana = portal.person("Ana Ruiz", "business", "finance")
    qa = portal.person("Quinn Asare", "qa", "qa")
    portal.publish()
    code = portal.freeze(qa, **{"least:order-desk": "2"})
    ana.accept(code, "finance")
    li.accept(code, "order-desk")
    assert "Waiting" in li.get(f"/packages/{code}").text
    assert li.get(f"/packages/{code}/order-desk/sign").headers["location"].endswith("/receipt"), "nobody signs twice"
    wu.accept(code, "order-desk")
    assert Entry.objects.filter(kind="signature").count() == 3
    assert 'class="tag accepted"' in wu.get(f"/packages/{code}").text
