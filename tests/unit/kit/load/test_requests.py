"""What goes over the wire: one request line, headers that stay in their lines, cookies that stay at home."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness.kit.load
from harness.kit.load.cookies import Cookies
from harness.kit.load.origin import request_target, split_url, with_params
from harness.kit.load.request_parts import body_and_headers, header_lines, redirected

HERE, _ = split_url("http://127.0.0.1:8080/api")
ELSEWHERE, _ = split_url("http://evil.example/")


def test_importing_the_kit_does_not_import_locust():
    assert harness.kit.load.__all__ == ["ApiUser"]
    assert "locust" not in sys.modules


@given(st.text(max_size=60))
def test_a_path_never_leaves_its_request_line(path):
    target = request_target(path)
    assert target.startswith("/")
    assert target.isascii()
    assert not any(sign in target for sign in "\r\n\t \0#")


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("http://127.0.0.1:8080/a?b=c#d", "127.0.0.1:8080", "/a?b=c"),
        ("https://host.example", "host.example", "/"),
        ("https://host.example:443/x y", "host.example", "/x%20y"),
        ("http://[::1]:81/", "[::1]:81", "/"),
    ],
)
def test_an_address_is_taken_apart(url, authority, target):
    origin, found = split_url(url)
    assert (origin.authority, found) == (authority, target)


@pytest.mark.parametrize("url", ["ftp://x/", "//x/", "x", "http://", "http://user:pw@host/"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ValueError, match=r"."):
        split_url(url)


def test_a_password_in_an_address_is_not_repeated():
    with pytest.raises(ValueError, match="carries no user") as refused:
        split_url("http://user:hunter2@host/")
    assert "hunter2" not in str(refused.value)


def test_parameters_are_added_and_empty_ones_left_out():
    assert with_params("/a?x=1", {"q": "tea & co", "n": None, "many": [1, 2]}) == "/a?x=1&q=tea+%26+co&many=1&many=2"
    assert with_params("/a", [("b", 1)]) == "/a?b=1"
    assert with_params("/a", None) == "/a"


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4))
def test_headers_are_one_line_each_or_refused(headers):
    try:
        lines = header_lines(headers)
    except ValueError:
        return
    assert lines.count(b"\r\n") == lines.count(b"\n") == len(headers)


def test_a_header_cannot_smuggle_another():
    with pytest.raises(ValueError, match="one line"):
        header_lines({"X": "a\r\nHost: evil"})


def test_bodies_are_written_as_authors_know_them():
    body, headers = body_and_headers(None, {"a": 1}, None, None)
    assert json.loads(body) == {"a": 1}
    assert headers == {"Content-Type": "application/json"}
    assert body_and_headers({"a": "1 2"}, None, None, None)[0] == b"a=1+2"
    assert body_and_headers("text", None, {"X": "1"}, None) == (b"text", {"X": "1"})
    assert body_and_headers(None, {}, {"content-type": "application/merge-patch+json"}, None)[1] == {
        "content-type": "application/merge-patch+json"
    }
    assert body_and_headers(None, None, None, ("a", "b"))[1] == {"Authorization": "Basic YTpi"}


@pytest.mark.parametrize(
    ("status", "method", "after"),
    [(303, "POST", "GET"), (302, "POST", "GET"), (301, "PUT", "PUT"), (307, "POST", "POST"), (303, "HEAD", "HEAD")],
)
def test_a_redirect_keeps_or_changes_the_method(status, method, after):
    found, body, headers = redirected(status, method, b"body", {"Authorization": "x", "X-Own": "1"})
    assert found == after
    assert body == (b"" if after != method or status == 303 else b"body")
    assert headers == {"X-Own": "1"}


def test_a_cookie_goes_back_to_its_host_and_path_only():
    cookies = Cookies()
    cookies.take(HERE, "sid=abc; Path=/api; HttpOnly", "/api/login")
    assert cookies["sid"] == "abc"
    assert cookies.line_for(HERE, "/api/orders?x=1") == b"Cookie: sid=abc\r\n"
    assert cookies.line_for(HERE, "/apis") == b""
    assert cookies.line_for(ELSEWHERE, "/api/orders") == b""


def test_a_secure_cookie_stays_away_from_plain_http():
    cookies = Cookies()
    cookies.take(HERE, "sid=abc; Secure; Path=/", "/")
    assert cookies.line_for(HERE, "/") == b""


@pytest.mark.parametrize("end", ["Max-Age=0", "Max-Age=-5", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_is_deleted_as_servers_delete_them(end):
    cookies = Cookies()
    cookies.take(HERE, "sid=abc; Path=/", "/")
    cookies.take(HERE, f"sid=; Path=/; {end}", "/")
    assert not cookies


@given(st.text(max_size=60))
def test_any_cookie_line_is_taken_or_left(line):
    cookies = Cookies()
    cookies.take(HERE, line.replace("\r", "").replace("\n", ""), "/a/b")
    sent = cookies.line_for(HERE, "/a/b")
    assert sent.count(b"\n") <= 1


def test_cookies_do_not_pile_up_without_end():
    cookies = Cookies()
    for index in range(1000):
        cookies.take(HERE, f"c{index}=1", "/")
    assert len(cookies) == 300
