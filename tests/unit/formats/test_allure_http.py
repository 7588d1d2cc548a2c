"""A request and its answer in the report: whole, readable, and without what signs in."""

import json

import pytest

from harness.formats.allure_http import exchange
from harness.formats.curl import Request


def shown(answer: str = "500: it broke", **more: object):
    request = Request(**{"method": "POST", "url": "http://127.0.0.1:9/orders", **more})  # type: ignore[arg-type]
    return json.loads(exchange(request, 500, answer))


def test_request_and_answer_stand_side_by_side():
    told = shown(headers={"Content-Type": "application/json"}, body=b'{"quantity": -1}')
    assert (told["request"]["method"], told["request"]["url"]) == ("POST", "http://127.0.0.1:9/orders")
    assert told["request"]["body"]["contentType"] == "application/json"
    assert told["request"]["body"]["value"] == '{"quantity": -1}'
    assert (told["response"]["status"], told["response"]["body"]["value"]) == ("500", "500: it broke")


def test_credentials_are_a_name():
    (header,) = shown(credentials=(("Authorization", "Bearer "),))["request"]["headers"]
    assert header == {"name": "Authorization", "value": "Bearer $HARNESS_TOKEN", "masked": True}
    assert shown(credentials=(('-u "me:$SECRET"', "-u x"),))["request"]["headers"] == []


@pytest.mark.parametrize(("body", "value"), [(None, None), (b"\xff\xfe", "(2 bytes that are no text)")])
def test_a_body_that_is_none_or_no_text_is_told(body, value):
    told = shown(body=body)["request"]["body"]
    assert (told and told["value"]) == value


def test_a_large_body_is_cut_and_says_so():
    told = shown(body=b"x" * 200_000, answer="y" * 200_000)
    assert told["request"]["body"]["truncated"] is True
    assert len(told["request"]["body"]["value"]) == len(told["response"]["body"]["value"]) == 64 * 1024


def test_a_cut_surrogate_in_an_answer_is_written_all_the_same():
    assert "broke" in shown(answer="broke \ud800")["response"]["body"]["value"]
