"""Twenty and more ways to have a signature that its person did not give: refused, written down, and not in the log.

The control is the good way itself: without the attack, the very same steps sign.
"""

import pytest
from django.db import DatabaseError, connection

from harness.formats.log_checking import check_log as check_log_of
from harness.formats.log_checking import read_log
from harness.portal import people
from harness.portal.checking import check_log
from harness.portal.keys import public_key
from harness.portal.models import Answered, Audit, Draft, Entry, Frozen, Grant, Passkey, Person, Signed
from harness.portal.passwords import hashed
from tests.portal.browser import Browser, SoftKey
from tests.portal.portal import PASSWORD

_ONCE_MORE = (
    'INSERT INTO portal_entry SELECT "index" + 1000, kind, at_ms, body, leaf_sha256, countersignature '
    "FROM portal_entry WHERE kind = 'signature'"
)


def ready_to_sign(portal) -> tuple[Browser, Browser, str]:
    """Li has answered and decided; the signature is one touch away."""
    li, ana, code = portal.ready()
    li.answer_all(code, "order-desk")
    assert li.decide(code, "order-desk", "accept").status_code == 302
    return li, ana, code


def refused(portal, answer, *statuses: int) -> None:
    """No signature, and somebody can read that it was tried."""
    assert answer.status_code in (statuses or (403, 409)), answer.text
    assert Signed.objects.count() == 0
    assert not Entry.objects.filter(kind="signature").exists()


def tried(what: str = "sign") -> int:
    return Audit.objects.filter(what=what, outcome="refused").count()


def where(code: str, role: str = "order-desk") -> str:
    return f"/packages/{code}/{role}/sign"


def test_without_an_attack_the_same_steps_sign(portal):
    li, _, code = ready_to_sign(portal)
    assert li.sign(code, "order-desk").status_code == 200
    assert Signed.objects.count() == 1 and not check_log().troubles


def test_a_replayed_answer_signs_nothing(portal):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    answer = li.device.used(li.given())
    assert li.post_json(where(code), answer).status_code == 200
    again = li.post_json(where(code), answer)
    assert again.status_code == 403
    assert (Signed.objects.count(), tried()) == (1, 1)


def test_an_answer_that_was_refused_once_is_used_up(portal):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    refused(portal, li.post_json(where(code), li.device.used(options, flags=0x01)))
    refused(portal, li.post_json(where(code), li.device.used(options)))
    assert tried() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": 0x01},  # the device did not check who it was
        {"flags": 0x04},  # nobody was there
        {"origin": "http://evil.example"},
        {"origin": "http://portal.test"},
        {"rp": "evil.example"},
        {"kind": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
)
def test_a_device_that_says_anything_else_signs_nothing(portal, wrong):
    li, _, code = ready_to_sign(portal)
    refused(portal, li.sign(code, "order-desk", **wrong))
    assert tried() == 1


def test_another_device_signs_nothing(portal):
    li, ana, code = ready_to_sign(portal)
    li.get(where(code))
    refused(portal, li.post_json(where(code), SoftKey().used(li.given())))
    li.get(where(code))
    refused(portal, li.post_json(where(code), ana.device.used(li.given())))
    assert tried() == 2


def test_the_challenge_of_one_package_signs_no_other(portal):
    li, _, first = ready_to_sign(portal)
    li.get(where(first))
    options = li.given()
    portal.publish(run="20261121T170301Z-aaaa", nonce="m" * 32)
    second = portal.freeze(portal.browsers["Quinn Asare"])
    refused(portal, li.post_json(where(second), li.device.used(options)))


def test_a_challenge_for_signing_in_signs_nothing(portal):
    li, _, code = ready_to_sign(portal)
    options = li.post_json("/sign-in/passkey/options", {}).json()
    refused(portal, li.post_json(where(code), li.device.used(options)))


def test_the_challenge_of_one_session_is_of_no_use_in_another(portal):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    thief = portal.browser()
    thief.sign_in("li@example.org", PASSWORD)
    thief.get("/tasks")
    refused(portal, thief.post_json(where(code), li.device.used(options)))


def test_a_stolen_cookie_alone_signs_nothing_in_a_hundred_tries(portal):
    li, _, code = ready_to_sign(portal)
    thief = portal.browser()
    thief.cookies = dict(li.cookies)
    for _ in range(50):
        thief.get(where(code))
        refused(portal, thief.post_json(where(code), SoftKey().used(thief.given())))
        refused(portal, thief.post_json(where(code), {"id": li.device.credential, "response": {}}))
    assert tried() == 100


def test_after_ten_minutes_the_page_signs_nothing(portal, monkeypatch):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    _moved(monkeypatch, 601_000)
    refused(portal, li.post_json(where(code), li.device.used(options)))


def test_without_looking_through_the_answers_nothing_is_signed(portal):
    li, _, code = portal.ready()
    answer = li.get(where(code))
    assert answer.headers["location"].endswith("/check")
    li.answer_all(code, "order-desk")
    Draft.objects.filter(role="order-desk").update(decision="accept")
    assert li.get(where(code)).headers["location"].endswith("/check")


@pytest.mark.parametrize("change", ["answer", "decision", "name", "words"])
def test_what_changed_since_it_was_shown_is_not_signed(portal, change):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    match change:
        case "answer":
            Answered.objects.filter(criterion="ORD-1").update(said="no")
        case "words":
            Answered.objects.filter(criterion="ORD-1").update(words="and I accept everything else too")
        case "decision":
            Draft.objects.update(decision="reject", reason="changed")
        case "name":
            Person.objects.filter(email="li@example.org").update(name="The Chief Executive")
    refused(portal, li.post_json(where(code), li.device.used(options)), 409)


def test_a_package_that_was_replaced_is_not_signed(portal):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    newer = portal.freeze(portal.browsers["Quinn Asare"])
    refused(portal, li.post_json(where(code), li.device.used(options)))
    assert newer != code


@pytest.mark.parametrize("act", ["commit-author", "script-author", "deployer", "importer"])
def test_who_had_a_hand_in_the_release_does_not_sign_it(portal, act):
    li = portal.person("Li Wei", "business", "order-desk")
    portal.person("Ana Ruiz", "business", "finance")
    qa = portal.person("Quinn Asare", "qa", "qa")
    portal.publish(acts=({"kind": act, "person": "Li@Example.org", "about": "abc123"},))
    code = portal.freeze(qa)
    li.answer_all(code, "order-desk")
    li.decide(code, "order-desk", "accept")
    refused(portal, li.sign(code, "order-desk"))
    assert Audit.objects.filter(why=f"refused.not-{act}").exists()


def test_who_brought_the_run_does_not_sign_it(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    portal.person("Ana Ruiz", "business", "finance")
    qa = portal.person("Quinn Asare", "qa", "qa")
    portal.publish(token=portal.token("publish", by=portal.who("Li Wei").id))
    code = portal.freeze(qa)
    li.answer_all(code, "order-desk")
    li.decide(code, "order-desk", "accept")
    refused(portal, li.sign(code, "order-desk"))


@pytest.mark.parametrize(
    "change",
    [
        lambda who: Person.objects.filter(pk=who.pk).update(active=False),
        lambda who: Person.objects.filter(pk=who.pk).update(side="it"),
        lambda who: Grant.objects.filter(person=who).update(until_ms=1),
        lambda who: Passkey.objects.filter(person=who).update(revoked_ms=1),
        lambda who: Passkey.objects.filter(person=who).update(enrolled_by="admin"),
        lambda who: Grant.objects.filter(person=who).update(by=who.id, approved_by=who.id),
        lambda who: Grant.objects.create(person=who, role="admin", by="x", approved_by="y", since_ms=1),
    ],
)
def test_who_may_not_any_more_at_the_moment_of_signing_does_not_sign(portal, change):
    li, _, code = ready_to_sign(portal)
    li.get(where(code))
    options = li.given()
    change(portal.who("Li Wei"))
    refused(portal, li.post_json(where(code), li.device.used(options)), 401, 403, 404, 409)


def test_a_reset_by_an_administrator_blocks_signing_for_a_day_and_tells_the_person(portal):
    admin = portal.person("Ada Admin", "it", "admin")
    li, _, code = ready_to_sign(portal)
    admin.get("/people")
    assert admin.post(f"/people/{portal.who('Li Wei').id}/invite").status_code == 302
    mail = sorted((portal.root / "data" / "outbox").glob("*.eml"))[-1].read_text()
    assert "li@example.org" in mail and "was reset" in mail
    assert li.get("/tasks").status_code == 302, "every session is over"
    link = [line for line in mail.splitlines() if "/invitation/" in line][-1]
    thief = portal.browser()
    thief.join(link, PASSWORD)
    thief.answer_all(code, "order-desk")
    thief.decide(code, "order-desk", "accept")
    refused(portal, thief.sign(code, "order-desk"))
    assert Audit.objects.filter(why="refused.no-recent-reset").exists()
    assert any(b"reset" in bytes(one.body) for one in Entry.objects.filter(kind="account"))


def test_an_administrator_has_no_page_that_signs_or_acts_for_somebody(portal):
    admin = portal.person("Ada Admin", "it", "admin")
    _, _, code = ready_to_sign(portal)
    admin.get("/people")
    for path in (where(code), f"/packages/{code}/order-desk/check", f"/packages/{code}/order-desk/withdraw"):
        refused(portal, admin.post(path, decision="accept"), 403, 404)
    for path in ("/admin/", "/admin/login/", "/people/add/password", "/accounts/login/"):
        assert admin.get(path).status_code == 404
    assert Audit.objects.filter(outcome="refused", who=portal.who("Ada Admin").id).count() >= 3


def test_a_role_needs_two_and_nobody_gives_themselves_one(portal):
    admin = portal.person("Ada Admin", "it", "admin")
    ada, li = portal.who("Ada Admin"), portal.person("Li Wei", "business")
    admin.get("/people")
    assert admin.post(f"/people/{ada.id}/roles", role="auditor").status_code == 400
    assert admin.post(f"/people/{ada.id}/roles", role="order-desk").status_code == 400
    assert admin.post(f"/people/{portal.who('Li Wei').id}/roles", role="order-desk").status_code == 302
    grant = Grant.objects.get(role="order-desk")
    assert admin.post(f"/roles/{grant.pk}/agree").status_code == 400, "who proposed it does not agree to it"
    assert li.post(f"/roles/{grant.pk}/agree").status_code == 403
    grant.refresh_from_db()
    assert grant.since_ms is None


@pytest.mark.parametrize("name", ["Li Wei", "LI WEI", "Lі Wеi", "Lí Wei", "Li  Wei"])
def test_nobody_gets_a_name_that_reads_like_somebody_elses(portal, name):
    admin = portal.person("Ada Admin", "it", "admin")
    portal.person("Li Wei", "business", "order-desk")
    admin.get("/people")
    answer = admin.post("/people/add", name=name, title="x", email="twin@example.org", side="business")
    assert answer.status_code == 400


@pytest.mark.parametrize("scope", ["publish", "read"])
def test_a_token_opens_no_page_and_signs_nothing(portal, scope):
    _, _, code = ready_to_sign(portal)
    headers = {"Authorization": f"Bearer {portal.token(scope)}", "Origin": "https://portal.test"}
    for path in ("/tasks", where(code), f"/packages/{code}"):
        assert portal.client.get(path, headers=headers).status_code == 302
    refused(portal, portal.client.post(where(code), json={}, headers=headers), 401, 403)


def test_a_clock_that_was_set_back_signs_nothing(portal, monkeypatch):
    li, _, code = ready_to_sign(portal)
    _moved(monkeypatch, -7_200_000)
    li.get(where(code))
    thief = portal.browser()
    thief.sign_in("li@example.org", PASSWORD)
    answer = thief.get(where(code))
    if answer.status_code == 200:
        answer = thief.post_json(where(code), li.device.used(thief.given()))
    assert answer.status_code in {302, 403, 404, 409}
    assert Signed.objects.count() == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE portal_entry SET body = x'7b7d' WHERE \"index\" = 0",
        'DELETE FROM portal_entry WHERE "index" = 0',
        "UPDATE portal_audit SET outcome = 'done'",
        "DELETE FROM portal_audit",
        "UPDATE portal_frozen SET manifest = x'7b7d'",
        "DELETE FROM portal_frozen",
        "UPDATE portal_signed SET decision = 'accept'",
        "DELETE FROM portal_signed",
    ],
)
def test_the_database_itself_refuses_to_rewrite(portal, sql):
    li, _, code = ready_to_sign(portal)
    assert li.sign(code, "order-desk").status_code == 200
    with pytest.raises(DatabaseError, match="only added"), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE portal_entry SET body = x'7b7d' WHERE \"index\" = 1",
        'DELETE FROM portal_entry WHERE "index" = (SELECT max("index") FROM portal_entry)',
        "UPDATE portal_frozen SET manifest = replace(CAST(manifest AS TEXT), '2.4.1', '2.4.2')",
        "UPDATE portal_signed SET decision = 'reject'",
        "UPDATE portal_signed SET role = 'finance'",
        "UPDATE portal_signed SET taken_back = 3",
        "DELETE FROM portal_signed",
        "UPDATE portal_passkey SET person_id = (SELECT id FROM portal_person WHERE email = 'ana@example.org')",
        "UPDATE portal_passkey SET public_key = 'AAAA'",
        "UPDATE portal_head SET size = size - 1",
        _ONCE_MORE,
    ],
)
def test_who_rewrites_past_the_guards_is_found_and_named(portal, sql):
    li, _, code = ready_to_sign(portal)
    assert li.sign(code, "order-desk").status_code == 200
    assert not check_log().troubles, "the control: nothing is found where nothing was done"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(sql)
        for _, text in guards:
            cursor.execute(text)
    assert check_log().troubles


def test_an_earlier_database_put_back_is_found_by_the_witness(portal):
    li, _, code = ready_to_sign(portal)
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, frontier, root_sha256, last_ms, checkpoint FROM portal_head")
        head = cursor.fetchone()
    assert li.sign(code, "order-desk").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute("DELETE FROM portal_signed")
        cursor.execute(f'DELETE FROM portal_entry WHERE "index" >= {head[0]}')
        cursor.execute(
            "UPDATE portal_head SET size = %s, frontier = %s, root_sha256 = %s, last_ms = %s, checkpoint = %s", head
        )
        for _, text in guards:
            cursor.execute(text)
    witness = portal.root / "witness" / "checkpoint.txt"
    kept = witness.read_bytes()
    assert any("cut" in one or "anchor" in one or "checkpoint" in one for one in check_log().troubles)
    witness.unlink()
    assert not check_log().troubles, "the control: without the outside copy the older log looks whole"
    witness.write_bytes(kept)


def test_the_exported_log_is_one_that_the_verifier_believes(portal):
    li, _, code = ready_to_sign(portal)
    assert li.sign(code, "order-desk").status_code == 200
    otto = portal.person("Otto Audit", "qa", "auditor")
    log = read_log(otto.get("/audit/ledger.zip").content)
    point, entries = check_log_of(log, (public_key(),), ((portal.root / "witness" / "checkpoint.txt").read_bytes(),))
    assert point.size == len(entries) == Entry.objects.count()
    assert "every hash, signature and row is right" in otto.post("/audit/verify").text


def test_the_second_for_the_same_role_is_told_who_was_first(portal):
    li, _, code = ready_to_sign(portal)
    wu = portal.person("Wu Min", "business", "order-desk")
    wu.answer_all(code, "order-desk")
    wu.decide(code, "order-desk", "accept")
    assert li.sign(code, "order-desk").status_code == 200
    answer = wu.sign(code, "order-desk")
    assert answer.status_code == 409
    assert "Li Wei" in answer.json()["error"]
    assert Signed.objects.count() == 1 and Frozen.objects.count() == 1


def _moved(monkeypatch, by_ms: int) -> None:
    """Another time for the whole portal."""
    import sys

    from harness.portal import clock

    real = clock.now_ms
    for name, module in list(sys.modules.items()):
        if name.startswith("harness.portal") and getattr(module, "now_ms", None) is real:
            monkeypatch.setattr(module, "now_ms", lambda: real() + by_ms)


def enrols(browser: Browser) -> int:
    """The status of an attempt to enrol a device of one's own."""
    browser.get("/account")
    options = browser.post_json("/account/passkeys/options", {})
    if options.status_code != 200:
        return options.status_code
    made = {"credential": browser.device.made(options.json()), "label": "x"}
    return browser.post_json("/account/passkeys", made).status_code


@pytest.mark.parametrize("hidden", ["", "UPDATE portal_passkey SET revoked_ms = 1", "DELETE FROM portal_passkey"])
def test_a_password_that_was_swapped_in_the_database_enrols_no_passkey(portal, hidden):
    portal.ready()
    person = portal.who("Li Wei")
    person.password = hashed("whoever-runs-the-database")
    person.save(update_fields=("password",))
    thief = portal.browser()
    assert thief.sign_in("li@example.org", "whoever-runs-the-database").status_code == 302
    with connection.cursor() as cursor:
        cursor.execute(hidden or "SELECT 1")
    assert enrols(thief) == 403
    assert thief.post("/account/passkeys/remove", passkey="1").status_code == 400
    assert not any(b"passkey-removed" in bytes(one.body) for one in Entry.objects.all())


def test_a_second_passkey_is_enrolled_with_the_first_and_a_new_one_after_a_reset(portal):
    li, _, _ = portal.ready()
    assert enrols(li) == 403, "the password of joining is not enough for a second one"
    li.prove()
    first, li.device = li.device, SoftKey()
    assert enrols(li) == 200
    li.device = first
    again = portal.browser()
    again.join(people.invite(portal.who("Li Wei"), by="admin-1"), PASSWORD)
