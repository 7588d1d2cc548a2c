"""The load client against servers that behave and servers that do not: each end is told by its kind, none hangs."""

import pytest

from harness.model.load import OpenModel, Stage

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

ONCE = OpenModel(stages=(Stage(rate_per_s=1, for_s=1),))
ALL = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    timeout_s = 0.7
    body_limit = 1_000_000

    @task
    def everything(self):
        for path in {paths!r}:
            self.client.get(path, name=path)
"""
GOOD = ("/ok", "/chunked", "/until-close", "/slow-head", "/204", "/304", "/100", "/gzip", "/http10", "/close", "/ok")
BAD = {
    "/500": "status 500",
    "/404": "status 404",
    "/stall": "timeout",
    "/drip": "timeout",
    "/reset": "reset",
    "/cut": "closed",
    "/headless": "closed",
    "/silent": "closed",
    "/garbage": "not HTTP",
    "/endless": "too large",
    "/huge": "too large",
    "/bomb": "too large",
}


def test_every_lawful_way_to_answer_is_an_answer(engine, wire):
    ran = engine.run(ALL.format(paths=GOOD), wire.url, ONCE)
    assert {one.name: dict(one.errors) for one in ran.figures.operations} == {path: {} for path in GOOD}
    assert ran.operation("/ok").answered == 2
    assert ran.operation("/204").statuses == {"204": 1}
    assert ran.outcomes == {"errors": "passed", "requests": "passed"}
    assert [path for path, _ in wire.asked] == list(GOOD)


def test_every_unlawful_end_is_counted_by_its_kind(engine, wire):
    ran = engine.run(ALL.format(paths=(*BAD, "/ok")), wire.url, ONCE)
    assert {one.name: list(one.errors) for one in ran.figures.operations if one.errors} == {
        path: [kind] for path, kind in BAD.items()
    }
    assert ran.operation("/ok").answered == 1
    assert ran.outcomes["errors"] == "failed"
    assert ran.figures.closed


def test_what_reaches_the_server_is_one_lawful_request(engine, wire):
    script = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    @task
    def one(self):
        self.client.post("/ok", params={"q": "a b"}, json={"x": 1}, headers={"X-Own": "1"}, name="post")
        self.client.get("/cookie", name="cookie")
        answer = self.client.get("/ok?é=1#part", name="get")
        assert answer.json() == {"ok": True} and answer.headers["Content-TYPE"] == "application/json"
"""
    engine.headers = {"Authorization": "Bearer t0ken"}
    ran = engine.run(script, wire.url, ONCE)
    assert ran.figures.script_errors == ()
    post, _, get = (raw.decode() for _, raw in wire.asked)
    host = wire.url.removeprefix("http://")
    assert post.startswith(f"POST /ok?q=a+b HTTP/1.1\r\nHost: {host}\r\n")
    assert post.endswith('Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"x":1}')
    for line in ("X-Own: 1", "Authorization: Bearer t0ken", "Accept-Encoding: gzip, deflate"):
        assert post.count(f"\r\n{line}\r\n") == 1
    assert get.startswith("GET /ok?%C3%A9=1 HTTP/1.1\r\n")
    assert "\r\nCookie: sid=abc\r\n" in get


def test_the_credentials_of_the_target_follow_no_redirect_to_another_server(engine, wire, other_wire):
    script = f"""
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    @task
    def away(self):
        stayed = self.client.get("/to/{other_wire.url}/ok", name="stayed")
        assert stayed.status_code == 302
        answer = self.client.get("/to/{other_wire.url}/ok", name="followed", allow_redirects=True)
        assert answer.status_code == 200 and len(answer.history) == 1
        self.client.get("{other_wire.url}/ok", name="direct")
"""
    engine.headers = {"Authorization": "Bearer t0ken", "X-Api-Key": "k3y"}
    ran = engine.run(script, wire.url, ONCE)
    assert [one.failed for one in ran.figures.operations] == [0, 0, 0]
    assert len(other_wire.asked) == 2
    assert all(b"t0ken" in raw and b"k3y" in raw for _, raw in wire.asked)
    assert not any(b"t0ken" in raw or b"k3y" in raw for _, raw in other_wire.asked)


def test_a_kept_connection_that_the_server_closed_is_no_failure(engine, wire):
    ran = engine.run(ALL.format(paths=["/ok", "/closes-quietly"] * 5), wire.url, ONCE)
    assert ran.operation("/ok").answered == 5
    assert ran.operation("/closes-quietly").answered == 5
    assert ran.outcomes["errors"] == "passed"


SECURE = """
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    verify = {verify!r}
    timeout_s = 5

    @task
    def everything(self):
        for path in ("/ok", "/chunked", "/drip-free", "/500"):
            self.client.get(path, name=path)
"""


def test_tls_is_verified_and_works_as_plain_does(engine, tls_wire, authority, tmp_path):
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    ran = engine.run(SECURE.format(verify=str(roots)), tls_wire.url, ONCE)
    assert {one.name: dict(one.errors) for one in ran.figures.operations} == {
        "/500": {"status 500": 1},
        "/chunked": {},
        "/drip-free": {},
        "/ok": {},
    }


@pytest.mark.parametrize(("verify", "kinds"), [(True, {"TLS"}), (False, {"status 500"})])
def test_a_certificate_that_nobody_vouches_for_is_refused_unless_asked(engine, tls_wire, verify, kinds):
    ran = engine.run(SECURE.format(verify=verify), tls_wire.url, ONCE)
    assert {kind for one in ran.figures.operations for kind in one.errors} == kinds
    assert bool(tls_wire.asked) is not verify
