"""Every route: who may ask, what comes with each answer, and that nothing changes for a request of another page.

The routes are read from the application itself, so that a new one without an entry here fails.
"""

import base64
import json
import re

import pytest
from django.db import connection

from harness.portal import people, terminal
from harness.portal.asking import PORTAL_ROLES, Who
from harness.portal.models import Grant, Person, Session
from harness.portal.sessions import SessionStore
from harness.portal.urls import urlpatterns
from tests.portal.portal import PASSWORD, URL

# who is let in where (a page may still answer 302, 400, 404 or 409 to them: that is its own business)
MATRIX = {
    Who.ANYONE: {"nobody", "signer", "stranger", "qa", "release-manager", "auditor", "admin"},
    Who.SIGNED_IN: {"signer", "stranger", "qa", "release-manager", "auditor", "admin"},
    Who.BUSINESS: {"signer", "stranger"},
    Who.QA: {"qa"},
    Who.STAFF: {"qa", "release-manager", "auditor"},
    Who.OFFICE: {"qa", "release-manager", "auditor", "admin"},
    Who.AUDITOR: {"auditor"},
    Who.ADMIN: {"admin"},
}
EXPECTED = {
    "home": Who.ANYONE, "health": Who.ANYONE, "sign-in": Who.ANYONE, "sign-in-options": Who.ANYONE,
    "sign-in-passkey": Who.ANYONE, "sign-out": Who.SIGNED_IN, "language": Who.ANYONE, "invitation": Who.ANYONE,
    "verify": Who.ANYONE, "account": Who.SIGNED_IN, "zone": Who.SIGNED_IN, "confirm": Who.SIGNED_IN,
    "change-password": Who.SIGNED_IN, "passkey-options": Who.SIGNED_IN, "passkey-add": Who.SIGNED_IN,
    "passkey-remove": Who.SIGNED_IN, "tasks": Who.SIGNED_IN, "package": Who.SIGNED_IN, "try": Who.BUSINESS,
    "walk": Who.BUSINESS, "check": Who.BUSINESS, "conditions": Who.BUSINESS, "sign": Who.BUSINESS,
    "receipt": Who.BUSINESS,
    "withdraw": Who.BUSINESS, "met": Who.BUSINESS, "certificate": Who.SIGNED_IN, "bundle": Who.SIGNED_IN,
    "signatures-json": Who.SIGNED_IN, "signatures-csv": Who.SIGNED_IN, "improvements": Who.SIGNED_IN,
    "improvements-csv": Who.SIGNED_IN, "board": Who.STAFF, "prepare": Who.QA, "tokens": Who.QA, "remind": Who.QA,
    "people-seen": Who.OFFICE, "people-add": Who.ADMIN, "invite": Who.ADMIN, "switch-off": Who.ADMIN,
    "ask-role": Who.ADMIN, "agree": Who.OFFICE, "end-role": Who.ADMIN, "audit": Who.AUDITOR,
    "verify-now": Who.AUDITOR, "ledger": Who.AUDITOR, "audit-package": Who.AUDITOR,
}  # fmt: skip
ROUTES = [one for one in urlpatterns if hasattr(one, "callback") and hasattr(one.callback, "who")]


def path_of(route, portal, code: str) -> str:
    """A route with real values in it."""
    values = {
        "code": code,
        "role": "order-desk",
        "criterion": "ORD-1",
        "token": "t" * 40,
        "slug": "order-hub",
        "release": "2.4.1",
        "tier": "preprod",
        "person": portal.who("Stran Ger").id,
        "grant": "1",
    }
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], str(route.pattern))


@pytest.fixture
def crowd(portal):
    """A package, and one person of each kind."""
    li, _, code = portal.ready()
    people = {
        "nobody": portal.browser(),
        "signer": li,
        "stranger": portal.person("Stran Ger", "business", "cellar"),
        "qa": portal.browsers["Quinn Asare"],
        **{role: portal.person(f"{role.title()} One", "it", role) for role in PORTAL_ROLES if role != "qa"},
    }
    return people, code


def test_every_route_is_in_the_matrix_and_says_whom_it_is_for():
    assert {one.name: one.callback.who for one in ROUTES} == EXPECTED


def test_each_lets_in_who_is_written_and_nobody_else(portal, crowd):
    people, code = crowd
    differences = []
    for route in ROUTES:
        if route.name in {"sign-out", "invite", "switch-off"}:
            continue  # they end what the others need; the matrix above holds them
        for name, browser in people.items():
            method = route.callback.methods[0]
            path = path_of(route, portal, code)
            browser.get("/sign-in")
            answer = browser.get(path) if method == "GET" else browser.post(path)
            to_sign_in = answer.status_code == 302 and "/sign-in?next" in answer.headers["location"]
            inside = answer.status_code not in {401, 403} and not to_sign_in
            # in these a 403 is the page's own answer to somebody who is let in: no passkey was shown, none confirmed
            own = (
                route.name in {"sign-in-passkey", "passkey-options", "passkey-add"}
                and name in MATRIX[EXPECTED[route.name]]
            )
            if inside != (name in MATRIX[EXPECTED[route.name]]) and not own:
                differences.append((route.name, name, answer.status_code))
    assert differences == []


@pytest.mark.parametrize("path", ["", "/check", "/sign", "/receipt", "/withdraw", "/try/ORD-1", "/conditions"])
def test_a_package_of_others_is_not_there(portal, crowd, path):
    people, code = crowd
    where = f"/packages/{code}" + (f"/order-desk{path}" if path else "")
    assert people["stranger"].get(where).status_code == 404


def test_every_answer_carries_the_headers_errors_and_static_files_included(portal, crowd):
    people, code = crowd
    paths = [path_of(one, portal, code) for one in ROUTES if "GET" in one.callback.methods]
    paths += ["/nothing", "/static/portal.css", "/static/nothing", "/api/v1/checkpoint", "/api/v1/releases/x/bundle"]
    lacking = []
    for path in paths:
        for name in ("nobody", "signer", "auditor"):
            answer = people[name].get(path)
            lacking += [(path, name, header) for header in _missing(answer)]
    answer = portal.client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert lacking + [("wrong host", header) for header in _missing(answer)] == []


def _missing(answer) -> list[str]:
    policy = answer.headers.get("content-security-policy", "")
    wanted = {
        "hsts": "max-age=63072000" in answer.headers.get("strict-transport-security", ""),
        "csp": "default-src 'none'" in policy and "unsafe-" not in policy and "frame-ancestors" in policy,
        "base": "base-uri 'none'" in policy and "object-src 'none'" in policy,
        "nosniff": answer.headers.get("x-content-type-options") == "nosniff",
        "referrer": "referrer-policy" in answer.headers,
        "cache": "no-store" in answer.headers.get("cache-control", "")
        or answer.request.url.path.startswith("/static/"),
        "cookie": all(_good(one) for name, one in answer.headers.multi_items() if name == "set-cookie"),
        "inline": not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|javascript:", answer.text),
    }
    return [name for name, there in wanted.items() if not there]


def _good(cookie: str) -> bool:
    rest = cookie.lower()
    gone = "max-age=0" in rest
    return (
        cookie.strip().startswith("__Host-")
        and "secure" in rest
        and "samesite" in rest
        and ("httponly" in rest or gone)
    )


CROSS = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "same-site": {"Sec-Fetch-Site": "same-site", "Origin": "https://evidence.test"},
    "foreign origin alone": {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    "neither": {"Sec-Fetch-Site": None, "Origin": None},
    "null origin": {"Sec-Fetch-Site": None, "Origin": "null"},
    "typed": {"Sec-Fetch-Site": "none", "Origin": None},
}


@pytest.mark.parametrize("name", CROSS)
def test_a_change_that_no_page_of_ours_asked_for_changes_nothing(portal, crowd, name):
    people, code = crowd
    for route in ROUTES:
        if route.callback.methods == ("GET",):
            continue
        browser = people["admin"] if EXPECTED[route.name] in {Who.ADMIN, Who.OFFICE} else people["signer"]
        browser.get("/account")
        before = _dump()
        answer = _sent(browser, path_of(route, portal, code), CROSS[name])
        assert answer.status_code == 403, route.name
        assert _dump() == before, route.name


@pytest.mark.parametrize("token", ["", "wrong", "of another session"])
def test_a_form_without_its_own_token_changes_nothing(portal, crowd, token):
    people, code = crowd
    people["auditor"].get("/account")
    people["signer"].get("/account")
    people["signer"].token = people["auditor"].token if token == "of another session" else token
    before = _dump()
    assert people["signer"].post(f"/packages/{code}/order-desk/try/ORD-1", said="yes").status_code == 403
    assert _dump() == before


@pytest.mark.parametrize("more", [{"headers": {"X-HTTP-Method-Override": "POST"}}, {"params": {"_method": "POST"}}])
def test_reading_changes_no_answer(portal, crowd, more):
    people, code = crowd
    people["signer"].get(f"/packages/{code}")
    before = _dump()
    people["signer"].get(f"/packages/{code}/order-desk/try/ORD-1", params={"said": "yes", **more.get("params", {})})
    assert _dump() == before


def _sent(browser, path, headers):
    wanted = {"Host": "portal.test", **{name: value for name, value in headers.items() if value is not None}}
    wanted["Cookie"] = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    browser.client.cookies.clear()
    return browser.client.post(URL + path, data={"csrfmiddlewaretoken": browser.token, "said": "no"}, headers=wanted)


def _dump() -> list[tuple]:
    """Every row of every table but sessions, audit and what a page that is opened notes by itself."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in {"portal_session", "portal_audit", "portal_ceremony", "portal_slot", "portal_draft"}:
                cursor.execute(f"SELECT * FROM {table}")
                found += [(table, *row) for row in cursor.fetchall()]
    return found


def test_cookies_are_kept_as_hashes_and_never_the_same_twice(portal):
    made = {SessionStore()._get_new_session_key() for _ in range(10_000)}
    assert len(made) == 10_000 and all(len(one) >= 43 for one in made)
    li = portal.person("Li Wei", "business", "order-desk")
    cookie = li.cookies["__Host-session"]
    stored = [(one.key_sha256, one.data) for one in Session.objects.all()]
    assert stored and not any(cookie in key or cookie in data for key, data in stored)


@pytest.mark.parametrize("how", ["sign out", "switch off", "new password", "idle", "too long"])
def test_a_session_that_is_over_is_over_on_the_server(portal, how, monkeypatch):
    from tests.portal.test_attacks import _moved

    li = portal.person("Li Wei", "business", "order-desk")
    old = portal.browser()
    old.cookies = dict(li.cookies)
    assert old.get("/tasks").status_code == 200
    li.get("/account")
    match how:
        case "sign out":
            li.post("/sign-out")
        case "switch off":
            type(portal.who("Li Wei")).objects.update(active=False)
        case "new password":
            assert li.post("/account/password", old=PASSWORD, new="another-good-phrase").status_code == 302
        case "idle":
            _moved(monkeypatch, 31 * 60_000)
        case "too long":
            _moved(monkeypatch, 13 * 3_600_000)
    assert old.get("/tasks").status_code == 302


def test_each_proof_gives_a_new_cookie(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    first = li.cookies["__Host-session"]
    li.get("/account")
    li.post("/account/confirm", password=PASSWORD)
    assert li.cookies["__Host-session"] != first
    again = portal.browser()
    again.cookies = {"__Host-session": first}
    assert again.get("/tasks").status_code == 302


def test_passwords_cost_what_is_recommended():
    from tests.portal.conftest import STRENGTH

    time_cost, memory_kib, lanes = STRENGTH
    assert time_cost >= 2 and memory_kib >= 19 * 1024 and lanes >= 1


def test_guessing_is_hopeless_whatever_address_is_claimed_and_the_victim_still_comes_in(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    thief = portal.browser()
    thief.get("/sign-in")
    for number in range(60):
        said = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.1.0.{number}"}
        answer = thief.ask(
            "POST",
            "/sign-in",
            data={"csrfmiddlewaretoken": thief.token, "email": "li@example.org", "password": f"guess-{number}"},
            headers=said,
        )
        assert answer.status_code == 403
    assert thief.sign_in("li@example.org", PASSWORD).status_code == 403, "even the right one, once there were too many"
    victim = portal.browser()
    victim.device = li.device
    victim.get("/sign-in")
    options = victim.post_json("/sign-in/passkey/options", {}).json()
    answer = victim.post_json("/sign-in/passkey", victim.device.used(options))
    assert answer.status_code == 200, "the passkey still works"
    assert victim.get("/tasks").status_code == 200


def test_who_is_unknown_and_who_is_known_get_the_same_words(portal):
    portal.person("Li Wei", "business", "order-desk")
    browser = portal.browser()
    known = browser.sign_in("li@example.org", "wrong").text
    unknown = browser.sign_in("nobody@example.org", "wrong").text

    def plain(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert plain(known) == plain(unknown)


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_after_signing_in_nobody_is_sent_elsewhere(portal, where):
    portal.person("Li Wei", "business", "order-desk")
    browser = portal.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", email="li@example.org", password=PASSWORD, next=where)
    assert answer.headers["location"] == "/"


def nested(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


_ODD = {
    "deep": b"[" * 100_000,
    "deep inside": json.dumps({"id": "x", "response": {"clientDataJSON": nested(b"[" * 9000)}}).encode(),
    "half a character": b'{"id":"\\ud800","response":{}}',
    "half a character inside": json.dumps(
        {"id": "x", "response": {"clientDataJSON": nested(b'{"challenge":"\\ud800"}')}}
    ).encode(),
}


@pytest.mark.parametrize("name", _ODD)
def test_what_no_device_would_say_is_refused_and_breaks_nothing(portal, name):
    browser = portal.browser()
    browser.get("/sign-in")
    said = {"X-CSRFToken": browser.token, "Accept": "application/json", "Content-Type": "application/json"}
    assert browser.ask("POST", "/sign-in/passkey", content=_ODD[name], headers=said).status_code == 403


def test_numbers_that_are_none_break_no_page(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    quinn = portal.person("Quinn Asare", "qa", "qa", "auditor")
    portal.publish()
    li.prove()
    assert li.post("/account/passkeys/remove", passkey="abc").status_code == 400
    assert quinn.get("/audit?before=²").status_code == 200
    quinn.get("/board/tokens")
    assert quinn.post("/board/tokens", revoke="²").status_code == 200
    for sent in ({"phase": "²"}, {"run": "²"}, {"run": "9" * 40}, {"least:order-desk": "²"}):
        assert quinn.post("/board/order-hub/2.4.1/preprod", **sent).status_code == 400


def test_a_name_that_is_not_one_line_is_refused_before_anything_is_kept(portal):
    admin = portal.person("Max Adm", "it", "admin")
    admin.get("/people")
    for sent in ({"name": "New\nLine"}, {"title": "T\x00"}, {"email": "n@example.org\r\nBcc: x"}):
        whole = {"email": "n@example.org", "name": "Nel Line", "title": "Desk", "side": "business", **sent}
        assert admin.post("/people/add", **whole).status_code == 400
    assert Person.objects.count() == 1
    good = {"email": "n@example.org", "name": "王芳", "title": "Desk", "side": "business"}
    assert admin.post("/people/add", **good).status_code == 302, "the control"


def test_the_link_of_an_invitation_is_written_to_no_log(portal, caplog):
    link = terminal.add_person("z@example.org", "Zed Q", "T", "business", (), user="root")
    browser, path = portal.browser(), link.removeprefix("https://portal.test")
    browser.get(path)
    assert browser.post(path, password="short").status_code == 400
    browser.token = "forged"
    assert browser.post(path, password=PASSWORD).status_code == 403
    assert caplog.text.count("/invitation/…") == 2, "both refusals are written"
    assert path.rsplit("/", 1)[1] not in caplog.text
    assert browser.get(path).status_code == 200, "the control: the link still lets in"


def test_the_terminal_gives_a_role_of_the_office_at_once_only_while_nobody_has_it(portal):
    for name in ("ann", "bob"):
        terminal.add_person(f"{name}@example.org", f"{name} Q", "T", "qa", ("qa",), user="root")
    assert [one.since_ms is not None for one in Grant.objects.order_by("pk")] == [True, False]
    Grant.objects.filter(person__email="ann@example.org").update(until_ms=1)  # hidden for the moment, not ended
    terminal.add_person("cho@example.org", "Cho Q", "T", "qa", ("qa",), user="root")
    assert Grant.objects.get(person__email="cho@example.org").since_ms is None
    people.end_grant(Grant.objects.get(person__email="bob@example.org"), by="x")
    Grant.objects.filter(person__email="ann@example.org").update(until_ms=None)
    people.end_grant(Grant.objects.get(person__email="ann@example.org"), by="x")
    terminal.add_person("dee@example.org", "Dee Q", "T", "qa", ("qa",), user="root")
    assert Grant.objects.get(person__email="dee@example.org").since_ms is not None
