"""The admin API on a real socket: WireMock's own Python client drives a mock of ours, unmodified."""

import asyncio
import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wiremock.base.base_resource import RestClient
from wiremock.constants import Config
from wiremock.exceptions import InvalidInputException, NotFoundException, ServerException
from wiremock.resources.mappings import Mapping, MappingRequest, MappingResponse
from wiremock.resources.mappings.resource import Mappings
from wiremock.resources.near_misses import NearMissMatchPatternRequest, NearMissMatchRequest
from wiremock.resources.near_misses.resource import NearMisses
from wiremock.resources.requests.resource import Requests
from wiremock.resources.scenarios.resource import Scenarios
from wiremock.resources.settings import GlobalSetting
from wiremock.resources.settings.resource import GlobalSettings

from harness.actions.mock import serve_mock
from harness.adapters.host import Host
from harness.adapters.mock_server.journal import Journal
from harness.adapters.mock_server.limits import Limits
from harness.adapters.mock_server.serving import MockServer
from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.engine import compile_mock
from harness.mocks.messages import Request
from harness.model.mock import MockSettings

CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getThing",
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}},
                    }
                },
            },
        }
    },
}
WRITTEN = [
    {"name": "seven", "request": {"method": "GET", "urlPath": "/seven"}, "response": {"body": "from a file"}},
    {
        "scenarioName": "door", "newScenarioState": "open", "request": {"method": "POST", "urlPath": "/door"},
        "response": {"status": 204},
    },
]  # fmt: skip


class Served:
    """A mock in a thread of its own, with its admin API."""

    def __init__(self, journal: Path | None = None, *, contract: bool = False, administered: bool = True) -> None:
        mappings = read_stub_mappings(json.dumps(WRITTEN).encode(), "m.json", lambda _name: b"")
        self.mock = compile_mock(CONTRACT if contract else None, mappings, MockSettings())
        self._ready = threading.Event()
        self._journal = journal
        self._read_body = (lambda _name: b"a file") if administered else None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(20)

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._done = asyncio.Event()
            journal = Journal(self._journal, lambda: 1_700_000_000_000)
            server = MockServer(self.mock, journal, Limits(), self._loop, read_body=self._read_body)
            self.port = await server.listen("127.0.0.1", 0)
            self._ready.set()
            await self._done.wait()
            await server.stop()

        asyncio.run(main())

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(20)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {name.replace("_", "-"): one for name, one in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def told(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self.ask(method, f"/__admin{path}", body)[1])


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    made = Served()
    monkeypatch.setattr(Config, "base_url", f"http://127.0.0.1:{made.port}/__admin")
    monkeypatch.setattr(RestClient, "_log", lambda *_args, **_kwargs: None)
    yield made
    made.end()


def hello(path: str = "/hello", **more: Any) -> Mapping:
    return Mapping(
        priority=100, request=MappingRequest(method="GET", url=path), response=MappingResponse(status=200, body="hi"),
        persistent=False, **more,
    )  # fmt: skip


def pattern(path: str) -> NearMissMatchPatternRequest:
    return NearMissMatchPatternRequest(url=path, method="GET")


def test_the_client_creates_reads_changes_and_removes_stubs(served: Served) -> None:
    made = Mappings.create_mapping(hello())
    assert served.ask("GET", "/hello") == (200, b"hi")
    assert Mappings.retrieve_mapping(made).response.body == "hi"
    assert Mappings.retrieve_all_mappings().meta.total == 3
    made.response.body = "changed"
    assert Mappings.update_mapping(made).response.body == "changed"
    assert served.ask("GET", "/hello") == (200, b"changed")
    assert Mappings.delete_mapping(made.id).status_code == 200
    assert served.ask("GET", "/hello")[0] == 404
    with pytest.raises(NotFoundException):
        Mappings.retrieve_mapping(made)


def test_the_client_puts_stubs_back_as_they_were_in_the_files(served: Served) -> None:
    Mappings.create_mapping(hello())
    Mappings.delete_all_mappings()
    assert served.ask("GET", "/seven")[0] == 404
    Mappings.create_mapping(hello())
    Mappings.reset_mappings()
    assert served.ask("GET", "/seven") == (200, b"from a file")
    assert served.ask("GET", "/hello")[0] == 404


def test_the_client_finds_and_removes_stubs_by_metadata(served: Served) -> None:
    Mappings.create_mapping(hello(metadata={"suite": "a"}))
    Mappings.create_mapping(hello("/other", metadata={"suite": "b"}))
    Mappings.delete_mapping_by_metadata({"matchesJsonPath": {"expression": "$.suite", "equalTo": "a"}})
    assert served.ask("GET", "/hello")[0] == 404
    assert served.ask("GET", "/other") == (200, b"hi")


def test_the_client_verifies_what_was_asked(served: Served) -> None:
    Requests.reset_request_journal()
    for _ in range(3):
        served.ask("GET", "/seven")
    served.ask("GET", "/sevn", body={"a": 1}, X_Trace="t")
    assert Requests.get_matching_request_count(pattern("/seven")).count == 3
    assert Requests.get_matching_request_count(pattern("/eight")).count == 0
    (found,) = Requests.get_matching_requests(pattern("/sevn")).requests
    assert (found.url, found.headers["x-trace"], found.body) == ("/sevn", "t", '{"a": 1}')
    (unmatched,) = Requests.get_unmatched_requests().requests
    assert unmatched.url == "/sevn"
    Requests.reset_request_journal()
    assert Requests.get_matching_request_count(pattern("/seven")).count == 0


def test_one_request_is_read_by_its_id(served: Served) -> None:
    served.ask("GET", "/seven")
    newest = served.told("GET", "/requests?limit=1")["requests"][0]
    assert newest["stubMapping"]["name"] == "seven"
    assert Requests.get_request(newest["id"]).request.url == "/seven"
    with pytest.raises(NotFoundException):
        Requests.get_request(str(uuid.UUID(int=7)))


def test_the_client_learns_what_was_nearly_answered(served: Served) -> None:
    served.ask("PUT", "/seven")
    (nearest, *_) = Requests.get_unmatched_requests_near_misses().near_misses
    assert nearest.request.url == "/seven"
    assert 0 < nearest.match_result.distance < 1
    shown = served.told("GET", "/requests/unmatched/near-misses")["nearMisses"][0]
    assert (shown["stubMapping"]["name"], shown["matchResult"]["differs"]) == ("seven", ["method"])
    asked = NearMisses.find_nearest_misses_by_request(NearMissMatchRequest(url="/seven", method="PUT"))
    assert asked.near_misses
    by_pattern = NearMisses.find_nearest_misses_by_request_pattern(pattern("/seven"))
    assert by_pattern.near_misses[0].request.method == "PUT"


def test_the_client_puts_scenarios_back(served: Served) -> None:
    served.ask("POST", "/door")
    assert [one["state"] for one in served.told("GET", "/scenarios")["scenarios"]] == ["open"]
    Scenarios.reset_all_scenarios()
    assert [one["state"] for one in served.told("GET", "/scenarios")["scenarios"]] == ["Started"]
    assert served.ask("PUT", "/__admin/scenarios/door/state", {"state": "open"})[0] == 200
    assert served.told("GET", "/scenarios")["scenarios"][0]["state"] == "open"
    assert served.ask("PUT", "/__admin/scenarios/door/state", {"state": "ajar"})[0] == 422


def test_the_client_slows_everything_down(served: Served) -> None:
    GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=40))
    assert served.mock.answer(Request("GET", "/seven")).delay_ms == 40
    GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=0))
    assert served.mock.answer(Request("GET", "/seven")).delay_ms == 0


def test_everything_is_put_back_at_once(served: Served) -> None:
    Mappings.create_mapping(hello())
    served.ask("POST", "/door")
    assert served.ask("POST", "/__admin/reset")[0] == 200
    assert served.told("GET", "/mappings")["meta"]["total"] == 2
    assert served.told("GET", "/requests")["meta"]["total"] == 0
    assert served.told("GET", "/scenarios")["scenarios"][0]["state"] == "Started"


def test_several_stubs_are_imported_at_once(served: Served) -> None:
    mine = {"id": str(uuid.UUID(int=1)), "request": {"urlPath": "/mine"}, "response": {"body": "1"}}
    options = {"importOptions": {"duplicatePolicy": "IGNORE", "deleteAllNotInImport": True}}
    assert served.ask("POST", "/__admin/mappings/import", {"mappings": [mine], **options})[0] == 200
    again = {**mine, "response": {"body": "2"}}
    assert served.ask("POST", "/__admin/mappings/import", {"mappings": [again], **options})[0] == 200
    assert served.ask("GET", "/mine") == (200, b"1")
    assert served.ask("GET", "/seven")[0] == 404


def test_what_is_not_carried_out_is_refused_by_name_and_changes_nothing(served: Served) -> None:
    custom = {"request": {"customMatcher": {}}, "response": {}}
    status, told = served.ask("POST", "/__admin/mappings", custom)
    assert (status, b"customMatcher" in told) == (422, True)
    with pytest.raises(InvalidInputException, match="persistent"):
        Mappings.create_mapping(Mapping(request=MappingRequest(url="/a"), response=MappingResponse(), persistent=True))
    with pytest.raises(ServerException, match="mappings/"):
        Mappings.persist_mappings()
    for method, path, body, status in (
        ("POST", "/mappings", {"request": {"urlPattern": "("}, "response": {}}, 422),
        ("POST", "/mappings", [], 422),
        ("POST", "/requests/count", {"bodyPatterns": [{"matchesJsonPath": "$["}]}, 422),
        ("POST", "/settings", {"proxyPassThrough": True}, 422),
        ("POST", "/settings", {"fixedDelay": -1}, 422),
        ("GET", "/requests?limit=x", None, 400),
        ("GET", "/requests?since=yesterday", None, 400),
        ("POST", "/recordings/start", {}, 501),
        ("POST", "/shutdown", None, 501),
        ("PATCH", "/mappings", None, 405),
        ("GET", "/nowhere", None, 404),
    ):
        found, told = served.ask(method, f"/__admin{path}", body)
        assert (found, "title" in json.loads(told)) == (status, True), (method, path)
    assert served.told("GET", "/mappings")["meta"]["total"] == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "elsewhere.example"}, 403),
    ],
)
def test_a_web_page_from_elsewhere_cannot_change_a_mock(served: Served, headers: dict[str, str], status: int) -> None:
    assert served.ask("DELETE", "/__admin/mappings", **headers)[0] == status
    assert served.told("GET", "/mappings")["meta"]["total"] == (0 if status == 200 else 2)


def test_a_stub_that_lies_is_found_out_however_it_came(served: Served) -> None:
    lying = Served(contract=True)
    try:
        stub = {"request": {"urlPath": "/things/7"}, "response": {"jsonBody": []}}
        assert lying.ask("POST", "/__admin/mappings", stub)[0] == 201
        status, told = lying.ask("GET", "/things/7")
        assert (status, b"the stub `ANY /things/7` breaks the contract of getThing" in told) == (500, True)
        honest = {"request": {"urlPath": "/things/7"}, "response": {"jsonBody": {"id": 7}}}
        assert lying.ask("POST", "/__admin/mappings", honest)[0] == 201
        assert lying.ask("GET", "/things/7") == (200, b'{"id":7}')
    finally:
        lying.end()


def test_a_mock_of_a_run_changes_for_nobody_and_says_so(tmp_path: Path) -> None:
    fixed = Served(tmp_path / "journal.ndjson", administered=False)
    try:
        assert fixed.ask("GET", "/__admin/health")[0] == 200
        for method, path in (("POST", "/mappings"), ("DELETE", "/mappings"), ("GET", "/requests"), ("POST", "/reset")):
            assert fixed.ask(method, f"/__admin{path}", {})[0] == 404
        assert fixed.ask("GET", "/seven") == (200, b"from a file")
    finally:
        fixed.end()


def test_what_changed_a_mock_is_in_its_journal(tmp_path: Path) -> None:
    made = Served(tmp_path / "journal.ndjson")
    try:
        assert made.ask("POST", "/__admin/mappings", {"request": {"url": "/x"}, "response": {}})[0] == 201
        assert made.ask("GET", "/__admin/mappings")[0] == 200
    finally:
        made.end()
    lines = [json.loads(line) for line in (tmp_path / "journal.ndjson").read_text().splitlines()]
    assert [line["what"].partition(" ")[0] for line in lines if line["kind"] == "changed"] == ["stub"]


def test_what_was_sent_as_a_credential_is_not_shown(served: Served) -> None:
    served.ask("GET", "/hello", Authorization="Bearer hunter2", Cookie="sid=hunter2", X_Tenant="t")
    listed = served.told("GET", "/requests")
    assert "hunter2" not in json.dumps(listed)
    shown = {name.lower(): value for name, value in listed["requests"][0]["request"]["headers"].items()}
    assert (shown["authorization"], shown["cookie"], shown["x-tenant"]) == ("***", "***", "t")


@pytest.mark.parametrize(
    ("address", "admin", "administered"),
    [("127.0.0.1", False, True), ("0.0.0.0", False, False), ("::", False, False), ("0.0.0.0", True, True)],
)
def test_beyond_this_machine_a_mock_is_administered_only_where_somebody_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, admin: bool, administered: bool
) -> None:
    given: list[Any] = []
    monkeypatch.setattr("harness.actions.mock.serve", lambda _mock, **named: given.append(named["read_body"]))
    (tmp_path / "t.json").write_text(json.dumps(CONTRACT))
    serve_mock(Host(), tmp_path / "t.json", address=address, admin=admin, ready=lambda _serving: None)
    assert [one is not None for one in given] == [administered]
