"""A walkthrough that waits is offered to who is asked about it, once each, and to nobody else."""

import json
import threading

import pytest

from harness.portal import walks

LINK = "https://walk.example:8443/walk#key"


def _put(portal, code: str, token: str, method: str = "PUT", **body: object):
    headers = {"Authorization": f"Bearer {token}", "Host": "portal.test"}
    content = json.dumps({"criteria": ["ORD-1"], "links": [f"{LINK}-1", f"{LINK}-2"], **body})
    return portal.client.request(method, f"/api/v1/packages/{code}/walks", content=content, headers=headers)


def _try(browser, code: str, criterion: str = "ORD-1", role: str = "order-desk") -> str:
    return browser.get(f"/packages/{code}/{role}/try/{criterion}").text


def test_a_link_is_given_to_one_person_and_is_in_no_table_and_no_audit(portal):
    li, ana, code = portal.ready()
    assert "Try it with us" not in _try(li, code)
    assert _put(portal, code, portal.token("walk")).status_code == 201
    assert "Try it with us" in _try(li, code)
    assert "Try it with us" not in _try(li, code, "ORD-2"), "nobody waits with that one"
    given = [li.post(f"/packages/{code}/order-desk/walk/ORD-1").text for _ in range(3)]
    mine = LINK.replace("#", "?by=Li+Wei#")
    assert f'href="{mine}-' in given[0] and f'href="{mine}-' in given[1], "whoever runs it is told who took the link"
    assert "walk.example:8443" in given[0], "where it leads is said"
    assert given[0].split(mine)[1][:2] != given[1].split(mine)[1][:2]
    assert "walk.example" not in given[2] and "Nobody waits" in given[2]
    assert "Try it with us" not in _try(li, code)
    database = (portal.root / "data" / "portal.sqlite3").read_bytes()
    assert b"walk.example" not in database
    assert ana.post(f"/packages/{code}/order-desk/walk/ORD-1").status_code == 404, "it is not asked of her"


def test_when_the_walkthrough_ends_or_twenty_minutes_pass_nothing_is_offered(portal, monkeypatch):
    li, _, code = portal.ready()
    token = portal.token("walk")
    _put(portal, code, token)
    assert _put(portal, code, portal.token("walk"), "DELETE").status_code == 200
    assert "Try it with us" in _try(li, code), "who did not offer it takes nothing away"
    assert _put(portal, code, token, "DELETE").status_code == 200
    assert "Try it with us" not in _try(li, code)
    _put(portal, code, token)
    late = walks.now_ms() + walks.LASTS_MS + 1
    monkeypatch.setattr(walks, "now_ms", lambda: late)
    assert "Try it with us" not in _try(li, code)
    assert not list((portal.root / "data" / "walks" / code).glob("[0-9a-f]*")), "and the key is gone from the disk"


def test_of_many_who_ask_at_once_each_link_goes_to_one(portal):
    _, _, code = portal.ready()
    walks.offer(code, ("ORD-1",), tuple(f"{LINK}-{number}" for number in range(5)), "token 1")
    taken: list[str] = []
    threads = [threading.Thread(target=lambda: taken.append(walks.take(code, "ORD-1"))) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    given = [one for one in taken if one]
    assert len(given) == len(set(given)) == 5


@pytest.mark.parametrize(
    "body",
    [
        {"links": ["javascript:alert(1)"]},
        {"links": ["http://walk.example/"]},
        {"links": ["https://user:secret@walk.example/"]},
        {"links": ["https://walk.example/\nSet-Cookie: x"]},
        {"links": [LINK] * 9},
        {"links": []},
        {"links": [1]},
        {"links": LINK},
        {"criteria": []},
        {"criteria": ["ORD-99"]},
        {"criteria": None},
        {"criteria": ["C" * 70_000]},
    ],
)
def test_what_is_no_offer_is_refused(portal, body):
    li, _, code = portal.ready()
    assert _put(portal, code, portal.token("walk"), **body).status_code == 400
    assert "Try it with us" not in _try(li, code)


def test_a_token_of_another_purpose_or_project_offers_nothing(portal):
    li, _, code = portal.ready()
    for token in (portal.token("publish"), portal.token("read")):
        assert _put(portal, code, token).status_code == 403
    assert _put(portal, code, portal.token("walk", "another")).status_code == 404
    assert _put(portal, code, "hpt_nobody").status_code == 401
    assert "Try it with us" not in _try(li, code)


def test_what_lies_in_the_folder_is_for_the_portal_alone(portal):
    _, _, code = portal.ready()
    _put(portal, code, portal.token("walk"))
    folder = portal.root / "data" / "walks" / code
    assert folder.stat().st_mode & 0o077 == 0
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
