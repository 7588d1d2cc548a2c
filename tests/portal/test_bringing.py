"""What machines bring: the same again changes nothing, and what is not what it says is refused before it is kept."""

import hashlib
import json

import pytest

from harness.portal.evidence_store import path_of
from harness.portal.models import Evidence, Published
from harness.portal.settings import PORTAL
from harness.portal.views.evidence import address_of
from tests.portal.publication import PICTURE, publication

SHA = hashlib.sha256(PICTURE).hexdigest()
HOSTILE = {
    "html": b"<html><script>fetch('//canary')</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="fetch(1)"/>',
    "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script/></html>',
    "xslt": b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#"?><a/>',
    "pdf": b"%PDF-1.7 /JavaScript",
    "polyglot": b"GIF89a=1;<script>alert(1)</script>",
    "markdown": b"[x](javascript:alert(1))<script>",
}


def test_a_run_that_is_brought_twice_is_there_once(portal):
    token = portal.token("publish")
    assert portal.publish(token).status_code == 201
    again = portal.publish(token)
    assert (again.status_code, again.json()["missing"]) == (200, [])
    assert Published.objects.count() == 1 and Evidence.objects.count() == 1


def send(portal, body: bytes, token: str = "", slug: str = "order-hub", **headers: str):
    said = {"Host": "portal.test", "Authorization": f"Bearer {token or portal.token('publish')}", **headers}
    return portal.client.post(f"/api/v1/projects/{slug}/runs", content=body, headers=said)


def changed(**more: object) -> bytes:
    data = json.loads(publication()[0])
    return json.dumps({**data, **more}).encode()


def other_artifacts() -> str:
    return json.loads(publication()[0])["declared"].replace("sha256:aa", "sha256:bb")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{" * 10_000, 400),
        (b'{"kind":"harness/publication","version":2}', 400),
        (changed(more=1), 400),
        (changed(plan="{}"), 400),
        (changed(record=json.loads(publication(run="x")[0])["record"]), 400),
        (changed(declared=json.loads(publication(nonce="x" * 32)[0])["declared"]), 400),
        (changed(acts=[{"kind": "king", "person": "x"}]), 400),
        (changed(declared=""), 400),
        (changed(declared=other_artifacts()), 400),
        (changed(acts=[1]), 400),
        (changed(policy_sha256="../../etc/passwd"), 400),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 400),
    ],
)
def test_what_is_no_publication_is_refused(portal, body, status):
    assert send(portal, body).status_code == status
    assert Published.objects.count() == 0


def test_tokens_are_for_one_project_and_one_purpose(portal):
    body, _ = publication()
    reading = portal.token("read")
    assert send(portal, body, token=reading).status_code == 403
    assert send(portal, body, token="hpt_wrong").status_code == 401
    assert send(portal, body, token=portal.token("publish", slug="other")).status_code == 403
    assert Published.objects.count() == 0


def test_a_body_that_differs_from_its_digest_is_refused(portal):
    assert send(portal, publication()[0], **{"Content-Digest": "sha-256=:AAAA:"}).status_code == 400


def put(portal, sha: str, body: bytes, **headers: str):
    said = {"Host": "portal.test", "Authorization": f"Bearer {portal.token('publish')}", **headers}
    return portal.client.put(f"/api/v1/evidence/{sha}", content=body, headers=said)


@pytest.mark.parametrize(
    ("sha", "body", "status"),
    [
        (SHA, PICTURE[:-1] + b"x", 400),
        (SHA, PICTURE[:-1], 400),
        (SHA, PICTURE + b"x", 400),
        ("0" * 64, b"nobody asked for this", 404),
        ("..%2f..%2fportal.key", b"x", 404),
        ("%00", b"x", 404),
    ],
)
def test_evidence_that_is_not_what_its_name_says_is_not_kept(portal, sha, body, status):
    send(portal, publication()[0])
    assert put(portal, sha, body).status_code == status
    folder = PORTAL.data / "evidence"
    assert not [one for one in folder.rglob("*") if one.is_file()]
    assert put(portal, SHA, PICTURE).status_code == 201, "the control"
    assert path_of(SHA).read_bytes() == PICTURE


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "image/png", "text/plain"])
def test_hostile_evidence_is_never_shown_as_what_it_is(portal, kind, media_type):
    portal.publish(pictures=(HOSTILE[kind],), media_type=media_type, name='"><script>alert(1)</script>.png')
    address = address_of(hashlib.sha256(HOSTILE[kind]).hexdigest(), media_type)
    assert address.startswith("https://evidence.test/e/")
    answer = portal.client.get(address.removeprefix("https://evidence.test"), headers={"Host": "evidence.test"})
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    shown = answer.headers["content-type"].split(";")[0]
    if shown == "text/plain":
        assert media_type == "text/plain"
    else:
        assert (shown, answer.headers["content-disposition"].split(";")[0]) == (
            "application/octet-stream",
            "attachment",
        )


def test_names_in_evidence_are_text_on_the_page(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    portal.person("Ana Ruiz", "business", "finance")
    qa = portal.person("Quinn Asare", "qa", "qa")
    portal.publish(media_type="text/html", name='"><script>alert(1)</script>')
    code = portal.freeze(qa)
    page = li.get(f"/packages/{code}/order-desk/try/ORD-1").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


@pytest.mark.parametrize("where", ["/tasks", "/sign-in", "/api/v1/checkpoint", "/static/portal.js", "/e/" + "0" * 64])
def test_the_evidence_host_has_nothing_but_what_a_page_pointed_to(portal, where):
    answer = portal.client.get(where, headers={"Host": "evidence.test"})
    assert answer.status_code == 404
    assert portal.client.post(where, headers={"Host": "evidence.test"}).status_code in {404, 405}


def test_an_address_of_evidence_is_for_that_file_alone_and_the_portal_itself_serves_none(portal):
    portal.publish()
    capability = address_of(SHA, "image/png").split("?")[1]
    assert portal.client.get(f"/e/{'0' * 64}?{capability}", headers={"Host": "evidence.test"}).status_code == 404
    assert portal.client.get(f"/e/{SHA}?c=x", headers={"Host": "evidence.test"}).status_code == 404
    assert portal.client.get(f"/e/{SHA}?{capability}", headers={"Host": "portal.test"}).status_code == 404
    assert portal.client.get(f"/e/{SHA}?{capability}", headers={"Host": "evidence.test"}).content == PICTURE
