"""A finding's `curl` line sends exactly the request that found it, and never a credential."""

import shlex

import pytest

from harness.formats.curl import Request, curl_line, scheme_of


def test_a_line_says_everything_that_was_sent() -> None:
    request = Request(
        method="POST",
        url="http://h/orders?a=[1]&b='",
        headers={"Content-Type": "application/json", "X-Empty": ""},
        credentials=(("Authorization", "Bearer "),),
        body=b'{"name": "O\'Hara"}',
    )
    words = shlex.split(curl_line(request).replace("$HARNESS_TOKEN", "TOKEN"))
    assert words[:6] == ["curl", "-gsi", "--path-as-is", "-X", "POST", "http://h/orders?a=[1]&b='"]
    assert words[6:12] == [
        *("-H", "Content-Type: application/json"),
        *("-H", "X-Empty;"),
        *("-H", "Authorization: Bearer TOKEN"),
    ]
    assert words[12:] == ["--data-raw", '{"name": "O\'Hara"}']


def test_a_credential_is_a_variable_of_the_shell() -> None:
    line = curl_line(Request(method="GET", url="http://h/", credentials=(("X-Api-Key", ""),)))
    assert line.endswith('-H "X-Api-Key: $HARNESS_TOKEN"')


def test_a_body_without_a_content_type_is_sent_without_one() -> None:
    assert "'Content-Type:'" in curl_line(Request(method="PUT", url="http://h/", body=b"x"))


def test_bytes_that_are_no_text_are_written_in_octal() -> None:
    line = curl_line(Request(method="PUT", url="http://h/", headers={"content-type": "a/b"}, body=b"\x00%\xff'"))
    assert line.startswith("printf '\\000\\045\\377\\047' | curl ")
    assert line.endswith("--data-binary @-")


def test_head_is_asked_for_as_head() -> None:
    assert curl_line(Request(method="HEAD", url="http://h/x")) == "curl -gsi --path-as-is -I http://h/x"


@pytest.mark.parametrize(
    ("value", "scheme"),
    [("Bearer abc", "Bearer "), ("Basic abc", "Basic "), ("s3cret", ""), ("s3cret more", ""), ("Bearer", "")],
)
def test_only_known_schemes_are_told(value: str, scheme: str) -> None:
    assert scheme_of(value) == scheme


def test_a_line_signs_in_by_the_variable_that_the_workspace_names():
    line = curl_line(Request(method="GET", url="http://h/", credentials=(("Authorization", '-u "admin:$KINTO_PW"'),)))
    assert line == 'curl -gsi --path-as-is -X GET http://h/ -u "admin:$KINTO_PW"'
