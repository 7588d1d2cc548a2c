"""Requests taken apart, chained, and written for a shell: what goes in comes out, but for what was asked."""

import subprocess

import pytest

from harness.formats.contract_chain import carried, learnt, used_in
from harness.formats.contract_curl import curl_script
from harness.formats.contract_parts import bare, parts_of, shown_openly, value_of, without
from harness.formats.contract_replay import Stored, read_stored, write_stored
from harness.formats.curl import Request

BASE = "http://127.0.0.1:1/api"
ASKED = Request(
    method="POST",
    url=BASE + "/items/%2e?page=1&_token=a%20b&page=2",
    headers={"Content-Type": "application/json", "X-Trace": "t"},
    body=b'{"name": "tea", "price": 4}',
)


def test_the_parts_of_a_request_are_named_once() -> None:
    assert parts_of(ASKED) == ("query page", "query _token", "header X-Trace", "body /name", "body /price")
    assert value_of(ASKED, "query _token") == "a%20b"
    assert value_of(ASKED, "body /price") == "4"


@pytest.mark.parametrize("part", parts_of(ASKED))
def test_leaving_a_part_out_leaves_the_others_as_they_were(part: str) -> None:
    less = without(ASKED, part)
    assert parts_of(less) == tuple(one for one in parts_of(ASKED) if one != part)
    assert less.url.startswith(BASE + "/items/%2e"), "the path is not tidied up"


def test_the_bare_request_has_no_part_and_no_body() -> None:
    assert parts_of(bare(ASKED)) == ()
    assert bare(ASKED).body is None
    assert "Content-Type" not in bare(ASKED).headers


def test_only_values_that_would_be_hidden_for_their_names_are_stood_in_for() -> None:
    assert shown_openly(ASKED).url == BASE + "/items/%2e?page=1&_token=undefined&page=2"


def test_a_value_of_an_earlier_answer_goes_into_a_later_request_as_the_new_answer_gives_it() -> None:
    values = learnt('{"id": "i-7", "n": 41, "same": "x1"}', '{"id": "i/9", "n": 42, "same": "x1"}')
    assert values == {"i-7": "i/9", "41": "42"}
    later = Request(method="GET", url=BASE + "/items/i-7?n=41&other=i-77", body=b'{"of": "i-7", "at": "i-7x"}')
    again = carried(later, values)
    assert again.url == BASE + "/items/i%2F9?n=42&other=i-77"
    assert again.body == b'{"of": "i/9", "at": "i-7x"}'


def test_what_an_answer_did_not_give_is_left_as_it_is() -> None:
    later = Request(method="GET", url=BASE + "/items/i-7", body=b"\xff not json")
    assert carried(later, learnt('{"id": "i-8"}', '{"id": "i-9"}')) == later
    assert learnt("<html>", "{}") == {}


def test_used_values_are_found_in_path_and_query_only() -> None:
    answer = '{"id": "i-7", "name": "tea", "page": 12}'
    later = Request(method="GET", url=BASE + "/items/i-7?p=12")
    assert dict(used_in(later, answer)) == {"/id": "i-7", "/page": "12"}


def test_a_script_takes_the_id_from_the_new_answer_in_a_real_shell(tmp_path: object) -> None:
    make = Request(method="POST", url=BASE + "/items", body=b"{}")
    read = Request(method="GET", url=BASE + "/items/i-7/parts?of=i-7")
    script = curl_script(((make, '{"item": {"name": "x", "id": "i-7"}}'),), read)
    fake = (
        'curl() { for a in "$@"; do case "$a" in http*) url=$a;; esac; done; '
        'case "$url" in */items) printf \'HTTP/1.1 201\\r\\n\\r\\n{"item": {"name": "x", "id": "i-9"}}\';; '
        '*) echo "asked $url";; esac; }; '
    )
    said = subprocess.run(["sh", "-c", fake + script], capture_output=True, text=True, check=True).stdout
    assert said == f"asked {BASE}/items/i-9/parts?of=i-9\n"


def test_a_stored_finding_comes_back_for_a_system_that_stands_elsewhere() -> None:
    stored = Stored(
        id="GET /items | rule |  |  | 5xx",
        operation="GET /items",
        rule="rule",
        kind="ServerError",
        status=500,
        request=ASKED,
        before=((Request(method="PUT", url=BASE, body=b"\xff"), "{}"),),
        detail={"wrong": "x", "missing_headers": ("a", "b")},
    )
    again = read_stored(write_stored(stored, BASE), "http://10.0.0.1:9/v2")
    assert again.request.url == "http://10.0.0.1:9/v2/items/%2e?page=1&_token=a%20b&page=2"
    assert again.before[0][0].url == "http://10.0.0.1:9/v2"
    assert read_stored(write_stored(stored, BASE), BASE) == stored
