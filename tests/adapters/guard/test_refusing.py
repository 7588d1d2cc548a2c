"""What the policy does not allow never arrives, by whatever way it is tried; what it allows arrives marked."""

import contextlib
import json
import socket
import ssl
from dataclasses import asdict
from pathlib import Path

import pytest
import trustme

from harness.adapters.guard.order import Stand
from harness.model.guard import HARNESS, Door
from tests.adapters.guard.conftest import shop


def test_what_is_allowed_arrives_marked_and_named_and_comes_back_as_it_is(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    answer = guard.talk(
        b"GET /orders?a=1 HTTP/1.1\r\nHost: evil.example\r\nUser-Agent: me\r\nConnection: close\r\n\r\n"
    )
    assert answer.endswith(b"\r\n\r\nhello")
    assert b"Alt-Svc" not in answer
    [(_, method, path, headers)] = recorder.seen
    assert (method, path, headers["Host"]) == ("GET", "/orders?a=1", f"127.0.0.1:{recorder.port}")
    assert headers["X-Synthetic-Run"] == "run-1"
    assert headers["User-Agent"] == "me harness-synthetic/run-1"
    assert guard.guard.figures("job")["let_through"] == 1


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("POST /orders", ["Content-Length: 0"]),
        ("DELETE /orders/1", []),
        ("TRACE /", []),
        ("QUERY /orders", []),
        ("GET /orders", ["X-HTTP-Method-Override: DELETE"]),
        ("GET /orders?_method=delete", []),
        ("GET /orders", ["Upgrade: websocket", "Connection: Upgrade"]),
        ("GET http://127.0.0.1:9/", []),
        ("CONNECT 127.0.0.1:9", []),
    ],
)
def test_what_is_not_allowed_never_arrives_and_is_told(guarding, recording, line, fields):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert guard.ask(line, *fields) == 403
    assert recorder.seen == []
    [told] = guard.refused
    assert told.startswith(line.split(" ")[0])


def test_control_without_limits_the_same_requests_arrive(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port, methods=()))
    for line in ("POST /orders", "DELETE /orders/1", "TRACE /", "QUERY /orders"):
        assert guard.ask(line, "Content-Length: 0") == 200
    assert recorder.asked == ["POST /orders", "DELETE /orders/1", "TRACE /", "QUERY /orders"]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nPOST /x HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 30\r\n\r\nDELETE / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nDELETE: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nGET GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_nothing_is_smuggled_behind_a_request_that_was_judged(guarding, recording, request_):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert guard.talk(request_).startswith(b"HTTP/1.1 403")
    assert recorder.seen == []
    assert len(guard.refused) == 1


@pytest.mark.parametrize("request_", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), b"GET / HTTP/2.0\r\n\r\n"])
def test_another_version_of_the_protocol_reaches_nobody(guarding, recording, request_):
    recorder = recording()
    assert guarding(shop(recorder.port)).talk(request_).startswith(b"HTTP/1.1 400")
    assert recorder.seen == []


@pytest.mark.parametrize("target", ["/danger#x", "/danger?a#b", "/d%61nger#"])
def test_what_stands_behind_a_hash_changes_no_judgement(guarding, recording, target):
    recorder = recording()
    guard = guarding(shop(recorder.port, withheld=(("GET", "/danger"),)))
    assert guard.ask(f"GET {target}") == 403
    assert recorder.seen == []


def test_control_what_may_leave_does_so_without_what_is_behind_the_hash(guarding, recording):
    recorder = recording()
    assert guarding(shop(recorder.port, withheld=(("GET", "/danger"),))).ask("GET /orders?a=1#/danger") == 200
    assert recorder.asked == ["GET /orders?a=1"]


def test_a_script_that_finds_the_guards_own_line_is_not_heard(guarding, recording):
    recorder = recording()
    guard = guarding()
    more = json.dumps({"say": "origins", "origins": [asdict(shop(recorder.port, methods=()))]}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as intruder:
        intruder.settimeout(10)
        with contextlib.suppress(OSError):  # it is not even there any more
            intruder.connect(str(Path(guard.guard.doors_socket).with_name("control.sock")))
            intruder.sendall(more)
            assert intruder.recv(100) == b""
    assert guard.ask(f"GET http://127.0.0.1:{recorder.port}/", origin=None) == 403
    assert recorder.seen == []


@pytest.mark.parametrize(("job", "opened"), [("job", b"open"), (HARNESS, b"")])
def test_an_engine_hands_in_listeners_for_its_jobs_and_none_for_the_harness(guarding, recording, job, opened):
    doors = tuple(Door(job=one, origin="shop") for one in ("job", HARNESS))
    guard = guarding(shop(recording().port), doors=doors, passed=True)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as line,
    ):
        line.settimeout(10)
        line.connect(guard.guard.doors_socket)
        socket.send_fds(line, [Door(job=job, origin="shop").key.encode()], [listener.fileno()])
        assert line.recv(100) == opened


def test_control_the_harness_itself_is_heard(guarding, recording):
    recorder = recording()
    guard = guarding()
    guard.guard.allow([shop(recorder.port, methods=())])
    assert guard.ask(f"GET http://127.0.0.1:{recorder.port}/", origin=None) == 200
    assert recorder.asked == ["GET /"]


def test_a_job_that_was_refused_gets_nothing_more_through_and_another_job_does(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert [guard.ask("DELETE /"), guard.ask("GET /a"), guard.ask("GET /b", job="other")] == [403, 403, 200]
    assert recorder.asked == ["GET /b"]


def test_a_proxy_reaches_the_named_servers_alone(guarding, recording):
    recorder, elsewhere = recording(), recording()
    guard = guarding(shop(recorder.port))
    assert guard.ask(f"GET http://127.0.0.1:{recorder.port}/page", origin=None) == 200
    assert guard.ask(f"GET http://x@127.0.0.1:{elsewhere.port}/", origin=None) == 403
    for job, line in (("other", f"GET http://127.0.0.1:{elsewhere.port}/"),):
        assert guard.ask(line, origin=None, job=job) == 403
    assert recorder.asked == ["GET /page"]
    assert elsewhere.seen == []


def test_what_a_browser_asks_by_itself_is_refused_and_blames_nobody(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert guard.ask("CONNECT update.googleapis.com:443", origin=None) == 403
    assert guard.refused == []


def test_a_redirect_leads_through_the_guard_again_or_to_nothing(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    recorder.location = f"http://127.0.0.1:{recorder.port}/next"
    answer = guard.talk(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert f"Location: http://127.0.0.1:{guard.port()}/next".encode() in answer
    recorder.location = "http://elsewhere.example/next"
    assert b"Location: http://elsewhere.example/next" in guard.talk(
        b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )


def test_what_the_server_does_wrong_is_handed_on_as_it_is(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert guard.ask("GET /drop") == 0
    assert guard.refused == []


def test_a_websocket_that_is_granted_goes_both_ways(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port, granted=(("GET", "/feed"),)))
    upgrade = b"GET /feed HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello"
    answer = guard.talk(upgrade)
    assert answer.startswith(b"HTTP/1.1 101")
    assert answer.endswith(b"hello")


def test_credentials_stand_behind_placeholders_and_go_to_their_own_server_alone(guarding, recording):
    own, other = recording(), recording()
    guard = guarding(shop(own.port), shop(other.port, name="other"))
    guard.guard.stands([Stand(origin="shop", placeholder="stand-in-1", secret="the-real-token")])
    for origin in ("shop", "other"):
        assert guard.ask("GET /", "Authorization: Bearer stand-in-1", origin=origin) == 200
    assert own.seen[0][3]["Authorization"] == "Bearer the-real-token"
    assert other.seen[0][3]["Authorization"].strip() == "Bearer"
    assert b"the-real-token" not in guard.guard.journal()


def test_a_large_body_never_leaves_also_in_chunks(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port, methods=()))
    assert guard.ask("POST /", "Content-Length: 1001") == 403
    chunked = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
    )
    assert guard.talk(chunked, job="other").startswith(b"HTTP/1.1 403")
    assert recorder.seen == []


def test_tls_is_verified_by_host_and_trust(guarding, recording, tmp_path):
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    good = recording(authority.issue_cert("localhost"))
    other_name = recording(authority.issue_cert("elsewhere.example"))
    unknown = recording(stranger.issue_cert("localhost"))
    tls = {"scheme": "https", "host": "localhost", "ca": str(tmp_path / "ca.pem")}
    guard = guarding(
        shop(good.port, **tls), shop(other_name.port, name="other", **tls), shop(unknown.port, name="unknown", **tls)
    )
    assert [guard.ask("GET /", origin=name) for name in ("shop", "other", "unknown")] == [200, 0, 0]
    assert other_name.seen == unknown.seen == []
    assert b"TLS" in guard.guard.journal()


def test_a_browsers_tunnel_is_looked_into_or_refused(guarding, recording, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    recorder = recording(authority.issue_cert("localhost"))
    guard = guarding(shop(recorder.port, scheme="https", host="localhost", ca=str(tmp_path / "ca.pem")))

    def tunnelled(context: ssl.SSLContext, request: bytes, job: str) -> bytes:
        with socket.create_connection(("127.0.0.1", guard.port(None, job)), timeout=10) as plain:
            plain.sendall(f"CONNECT localhost:{recorder.port} HTTP/1.1\r\n\r\n".encode())
            assert plain.recv(1000).startswith(b"HTTP/1.1 200")
            with context.wrap_socket(plain, server_hostname="localhost") as inside:
                inside.sendall(request)
                return inside.recv(1000)

    trusting = ssl.create_default_context(cafile=guard.guard.ca_file)
    get = b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert tunnelled(trusting, get, "job").startswith(b"HTTP/1.1 200")
    assert tunnelled(trusting, get.replace(b"GET", b"DELETE"), "job").startswith(b"HTTP/1.1 403")
    with pytest.raises(ssl.SSLCertVerificationError):
        tunnelled(ssl.create_default_context(), get, "other")
    assert recorder.asked == ["GET /page"]
