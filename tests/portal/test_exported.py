"""What the portal exports holds for both verifiers, and shows what was done behind its back."""

import html
import re

import pytest
from django.db import DatabaseError, connection

from harness.formats import offline_verifier
from harness.formats.acceptance_checking import check_acceptance
from harness.formats.bundle import read_bundle
from harness.formats.dsse import NotTrusted, public_bytes
from harness.formats.log_checking import anchors_in, check_log, read_log
from harness.formats.plain_zip import read_zip
from harness.portal import people
from harness.portal.bundling import gate_bundle
from harness.portal.checking import check_log as verify_now
from harness.portal.evidence_store import path_of
from harness.portal.keys import public_key
from harness.portal.models import Answered, Entry, Evidence, Frozen, Grant, Passkey, Person, Project, Signed
from tests.portal.portal import PASSWORD


def exported(portal) -> bytes:
    headers = {"Authorization": f"Bearer {portal.token('read')}", "Accept": "application/zip"}
    answer = portal.client.get("/api/v1/releases/2.4.1/bundle", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.content


def kept(portal) -> tuple[bytes, ...]:
    return anchors_in((portal.root / "witness" / "checkpoints.txt").read_bytes())


def theirs(body: bytes, anchors=()) -> str:
    try:
        offline_verifier.check(body, public_bytes(public_key()), list(anchors))
    except offline_verifier.Wrong as error:
        return str(error)
    return ""


def by_sql(words: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words, values)


def behind_the_guards(words: str, *values: object) -> None:
    """As somebody who may do anything with the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(words, values)
        for _, sql in triggers:
            cursor.execute(sql)


def answers(portal) -> list[tuple[str, str]]:
    """What the gate reads, the same in the whole bundle and in the single document."""
    whole = check_acceptance(exported(portal), (public_key(),)).bundle
    single = read_bundle(gate_bundle(Project.objects.get(), "2.4.1"), (public_key(),))
    assert whole.signoffs == single.signoffs and theirs(exported(portal)) == ""
    return [(one.criterion, one.answer.value) for one in whole.signoffs]


def test_a_bundle_holds_for_both_verifiers_and_every_checkpoint_that_was_ever_shown(portal):
    li, ana, code = portal.ready()
    li.accept(code, "order-desk")
    ana.accept(code, "finance")
    body = exported(portal)
    checked = check_acceptance(body, (public_key(),), kept(portal))
    assert [one.statement.name for one in checked.signatures] == ["Li Wei", "Ana Ruiz"]
    assert len(kept(portal)) >= 8 and theirs(body, kept(portal)) == ""


def test_what_a_person_keeps_holds_and_has_its_certificates_in_both_languages(portal):
    li, _, code = portal.ready()
    li.accept(code, "order-desk")
    body = li.get(f"/packages/{code}/bundle.zip").content
    assert check_acceptance(body, (public_key(),), kept(portal)) and theirs(body, kept(portal)) == ""
    members = read_zip(body)
    page = members[f"documents/certificate-{code}.en.html"].decode()
    assert "Li Wei" in page and "Head of order-desk" in page
    assert "验收证书" in members[f"documents/certificate-{code}.zh.html"].decode()
    assert any(name.startswith("evidence/") for name in members)
    assert not any(name.startswith(("evidence/", "documents/")) for name in read_zip(exported(portal)))


def test_the_auditors_log_holds_for_both(portal):
    li, _, code = portal.ready()
    li.accept(code, "order-desk")
    auditor = portal.person("Ada Moss", "qa", "auditor")
    body = auditor.get("/audit/ledger.zip").content
    assert check_log(read_log(body), (public_key(),), kept(portal))[0].size == len(kept(portal))
    assert theirs(body, kept(portal)) == ""


@pytest.mark.parametrize(
    ("side", "name", "why"),
    [
        ("it", "Ed Ops", "joined as"),
        ("it", "Li Wei", "joined as"),
        ("business", "Ed Ops", "role"),
    ],
)
def test_what_was_changed_in_the_tables_for_the_moment_of_signing_is_shown_by_the_log(portal, side, name, why):
    _, ana, code = portal.ready()
    evil = portal.person("Ed Ops", side)
    who = portal.who("Ed Ops")
    by_sql("UPDATE portal_person SET side = 'business', name = %s WHERE id = %s", name, who.id)
    Grant.objects.create(person=Person.objects.get(pk=who.id), role="order-desk", by="a", approved_by="b", since_ms=1)
    ana.accept(code, "finance")
    assert evil.accept(code, "order-desk").status_code == 200  # the tables were believed
    by_sql("UPDATE portal_person SET side = %s, name = 'Ed Ops' WHERE id = %s", side, who.id)
    by_sql("DELETE FROM portal_grant WHERE person_id = %s", who.id)
    body = exported(portal)
    with pytest.raises(NotTrusted, match=why):
        check_acceptance(body, (public_key(),))
    assert why in theirs(body)


_LEFT_OUT = (
    "UPDATE portal_signed SET taken_back = NULL",
    "UPDATE portal_signed SET taken_back = 1",
    "DELETE FROM portal_signed",
    "UPDATE portal_entry SET kind = 'release' WHERE kind IN ('signature', 'withdrawal')",
)


@pytest.mark.parametrize("words", _LEFT_OUT)
def test_no_row_that_is_changed_takes_a_refusal_out_of_what_the_gate_reads(portal, words):
    li, _, code = portal.ready()
    li.answer_all(code, "order-desk", **{"ORD-1": "no"})
    li.decide(code, "order-desk", "reject", "prices are wrong")
    assert li.sign(code, "order-desk").status_code == 200
    assert ("ORD-1", "rejected") in (before := answers(portal))
    behind_the_guards(words)
    assert answers(portal) == before


@pytest.mark.parametrize("words", _LEFT_OUT)
def test_no_row_that_is_changed_brings_a_withdrawn_acceptance_back(portal, words):
    li, _, code = portal.ready()
    assert li.accept(code, "order-desk").status_code == 200 and answers(portal)
    where = f"/packages/{code}/order-desk/withdraw"
    li.get(where)
    li.post(where, reason="no")
    assert li.post_json(where, li.device.used(li.given())).status_code == 200
    assert answers(portal) == []
    behind_the_guards(words)
    assert answers(portal) == []


def test_the_database_itself_keeps_what_says_where_a_signature_belongs(portal):
    li, _, code = portal.ready()
    li.accept(code, "order-desk")
    Signed.objects.update(taken_back=Entry.objects.count())  # written once, as a withdrawal does
    for words in (
        "UPDATE portal_signed SET taken_back = NULL",
        "UPDATE portal_signed SET package_id = package_id + 1",
        "UPDATE portal_signed SET slot_id = slot_id + 1",
        "UPDATE portal_frozen SET release = 'other'",
        "UPDATE portal_frozen SET nonce = 'other'",
        "UPDATE portal_frozen SET project_id = project_id + 1",
    ):
        with pytest.raises(DatabaseError, match="only added"):
            by_sql(words)
    Frozen.objects.update(void_ms=1)
    with pytest.raises(DatabaseError, match="only added"):
        by_sql("UPDATE portal_frozen SET void_ms = NULL")


def test_evidence_that_became_another_file_is_not_shown_under_the_digest_that_is_signed(portal):
    li, _, code = portal.ready()
    path = path_of(Evidence.objects.first().sha256)
    good = path.read_bytes()
    page = li.get(f"/packages/{code}/order-desk/try/ORD-1").text
    address = html.unescape(re.search(r'src="https://evidence.test([^"]+)"', page)[1])
    shown = portal.client.get(address, headers={"Host": "evidence.test"})
    assert (shown.status_code, shown.content) == (200, good) and not verify_now().troubles, "the control"
    path.write_bytes(good[:16] + b"doctored")
    assert portal.client.get(address, headers={"Host": "evidence.test"}).status_code == 404
    assert any("evidence" in one for one in verify_now().troubles)


def test_words_that_are_altered_while_somebody_answers_are_neither_shown_nor_answered(portal):
    li, _, code = portal.ready()
    where = f"/packages/{code}/order-desk/try/ORD-1"
    assert "price times quantity" in li.get(where).text, "the control"
    good = bytes(portal.package(code).manifest)
    altered = good.replace(b"price times quantity", b"whatever there is ok")
    assert altered != good
    behind_the_guards("UPDATE portal_frozen SET manifest = %s", altered)
    answer = li.get(where)
    assert answer.status_code == 500 and "whatever there is" not in answer.text
    li.post(where, said="yes", words="")
    assert not Answered.objects.exists()
    auditor = portal.person("Ada Moss", "qa", "auditor")
    assert "Altered behind" in auditor.get("/audit").text
    assert "Altered behind" in portal.browsers["Quinn Asare"].get("/board").text
    assert verify_now().troubles
    behind_the_guards("UPDATE portal_frozen SET manifest = %s", good)
    assert li.accept(code, "order-desk").status_code == 200


def test_a_removed_passkey_whose_row_is_revived_signs_nothing_that_is_believed(portal):
    li, ana, code = portal.ready()
    ana.accept(code, "finance")
    assert answers(portal), "the control"
    mine = Passkey.objects.get(person=portal.who("Li Wei"))
    li.prove()
    assert li.post("/account/passkeys/remove", passkey=str(mine.pk)).status_code == 302
    assert not verify_now().troubles
    by_sql("UPDATE portal_passkey SET revoked_ms = NULL WHERE id = %s", mine.pk)
    assert any("removed" in one for one in verify_now().troubles)
    assert li.accept(code, "order-desk").status_code == 200  # the tables were believed
    body = exported(portal)
    with pytest.raises(NotTrusted, match="removed before"):
        check_acceptance(body, (public_key(),))
    assert "removed before" in theirs(body)


def test_a_reset_that_the_tables_forget_keeps_its_day_in_the_log(portal):
    _, ana, code = portal.ready()
    ana.accept(code, "finance")
    person = portal.who("Li Wei")
    thief = portal.browser()
    thief.join(people.invite(person, by="admin-1"), PASSWORD)
    assert not verify_now().troubles, "the control"
    by_sql("UPDATE portal_person SET reset_ms = 0 WHERE id = %s", person.id)
    assert any("reset" in one for one in verify_now().troubles)
    assert thief.accept(code, "order-desk").status_code == 200  # the tables were believed
    body = exported(portal)
    with pytest.raises(NotTrusted, match="new way in"):
        check_acceptance(body, (public_key(),))
    assert "new way in" in theirs(body)
