"""What goes on at a mock: who answered or nearly did, counted, and nothing of a client taken for markup."""

import json
from typing import Any

from harness.adapters.mock_server.showing import shown
from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.watching import Row, Watched, json_line, metrics, page, row_of
from harness.model.mock import EqualTo, MockSettings, RequestPattern, StubMapping, StubResponse, UrlKind

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/things": {
            "get": {
                "operationId": "list",
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "", "content": {"application/json": {"example": []}}}},
            }
        }
    },
}
STUB = StubMapping(
    name="the red one",
    place="m.json:1",
    request=RequestPattern(method="GET", url_kind=UrlKind.PATH, url="/red", query=(("page", EqualTo(value="1")),)),
    response=StubResponse(status=204),
)
EVIL = "/<script>alert(1)</script>"


def asked(*targets: str, document: Any = None) -> tuple[Mock, Watched, list[Row]]:
    mock = compile_mock(document, (STUB,), MockSettings(name="erp"))
    rows: list[Row] = []
    watched = Watched(lambda one: rows.append(row_of(one, mock)))
    for number, target in enumerate(targets):
        path, _, query = target.partition("?")
        request = Request("GET", path, query)
        watched.note(request, path, mock.answer(request), number)
    return mock, watched, rows


def look(path: str, *, host: str = "127.0.0.1:80", watched: Watched | None = None, method: str = "GET") -> Reply:
    mock, made, _ = asked("/red?page=1", EVIL)
    headers = (("host", host), ("accept-language", "zh-CN"))
    return shown(Request(method, path, "", headers), mock, watched or made, loopback=True)


def test_a_line_names_the_stub_or_the_nearest_and_why_not() -> None:
    _, _, (hit, near, far) = asked("/red?page=1", "/red?page=2", "/blue")
    assert (hit.by, hit.why, hit.status) == ("stub the red one", "", 204)
    assert (near.by, near.why) == ("nothing", "nearest is the red one, but for query page")
    assert "url" in far.why
    assert json.loads(json_line(near)) == {
        "kind": "interaction", "at_ms": 1, "method": "GET", "path": "/red", "status": 404, "by": "nothing",
        "why": "nearest is the red one, but for query page",
    }  # fmt: skip


def test_a_line_says_what_was_wrong_with_a_request() -> None:
    _, _, (good, bad) = asked("/things", "/things?page=x", document=DOCUMENT)
    assert (good.by, good.why) == ("example", "")
    assert bad.by == "refusal"
    assert "query page" in bad.why


def test_counts_are_of_all_that_were_ever_asked() -> None:
    mock, watched, _ = asked(*["/red?page=1"] * 1500, EVIL)
    assert len(watched) == 1000
    told = metrics(mock.settings.name, watched.counts).decode()
    assert 'harness_mock_requests_total{mock="erp",operation="",status="204",source="stub"} 1500\n' in told
    assert "alert" not in told


def test_no_name_breaks_out_of_a_label() -> None:
    assert 'mock="a\\"b\\\\c\\nd"' in metrics('a"b\\c\nd', {(None, 200, Source.STUB): 1}).decode()


def test_the_page_shows_what_was_asked_and_takes_nothing_for_markup() -> None:
    mock, watched, rows = asked("/red?page=1", EVIL)
    made = page(mock.settings.name, rows, len(watched), "en").decode()
    assert "the red one" in made
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def test_the_page_is_there_in_two_languages_and_holds_to_a_strict_policy() -> None:
    answer = look("/__harness")
    assert (answer.status, b'lang="zh-CN"' in answer.body, "交互记录".encode() in answer.body) == (200, True, True)
    assert "default-src 'none'" in dict(answer.headers)["content-security-policy"]
    assert look("/__harness/metrics").body.startswith(b"# HELP")


def test_a_name_that_leads_here_from_elsewhere_is_refused() -> None:
    assert [look("/__harness", host=name).status for name in ("evil.example", "", "[")] == [403, 403, 403]
    assert look("/__harness", host="[::1]:80").status == 200
    assert (look("/__harness", method="POST").status, look("/__harness/other").status) == (405, 404)
