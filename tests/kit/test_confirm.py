"""Requests of a contract of use on the wire: once each, in order, with the ids that the real dependency gives out."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.formats.shape import to_json
from harness.kit.confirm import main
from harness.model.uses import Link, Use

LINK = (Link(value="res-0001", by=0, pointer="/made/0/id"),)


class Erp(BaseHTTPRequestHandler):
    """Gives out an id of its own and writes down what it was asked."""

    asked: list[tuple[str, str, str, str | None]]
    given = "real-77"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.asked.append((self.command, self.path, body, self.headers.get("Authorization")))
        answer = json.dumps({"made": [{"id": self.given}]} if self.path == "/res" else {}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_DELETE = _answer  # noqa: N815 - the names that the server calls

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def erp() -> Iterator[tuple[str, list[Any]]]:
    asked: list[Any] = []
    handler = type("Told", (Erp,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def use(method: str, path: str, *, body: str = "", query: str = "", links: tuple[Link, ...] = ()) -> Use:
    return Use(
        operation="x", method=method, path=path, status=201, source="example", body=body, query=query, links=links
    )


def replayed(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *uses: Use) -> list[dict[str, Any]]:
    monkeypatch.chdir(folder)
    order = {"base_url": url, "each_s": 5, "uses": [to_json(one) for one in uses]}
    (folder / "order.json").write_text(json.dumps(order))
    (folder / "headers.json").write_text('{"Authorization": "Bearer t"}')
    assert main(["order.json"]) == 0
    return [json.loads(line) for line in (folder / "answers.ndjson").read_text().splitlines()]


def test_what_the_mock_gave_out_is_what_the_real_one_gives_out(
    erp: tuple[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = erp
    found = replayed(
        url,
        tmp_path,
        monkeypatch,
        use("POST", "/res", body="{}"),
        use("POST", "/orders", body='{"reservation": "res-0001", "note": "res-0001 or so"}', links=LINK),
        use("DELETE", "/res/res-0001", query="of=res-0001&hard=1", links=LINK),
    )
    assert [one["status"] for one in found] == [201, 201, 201]
    assert [(method, path, body) for method, path, body, _ in asked] == [
        ("POST", "/res", "{}"),
        ("POST", "/orders", '{"reservation": "real-77", "note": "res-0001 or so"}'),
        ("DELETE", "/res/real-77?of=real-77&hard=1", ""),
    ]
    assert {sign_in for *_, sign_in in asked} == {"Bearer t"}


def test_what_needs_an_id_that_nobody_gave_is_not_sent(
    erp: tuple[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = erp
    found = replayed(url, tmp_path, monkeypatch, use("POST", "/other"), use("DELETE", "/res/res-0001", links=LINK))
    assert "needs `res-0001`" in found[1]["why"]
    assert len(asked) == 1


def test_nobody_there_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = replayed("http://127.0.0.1:1", tmp_path, monkeypatch, use("POST", "/res"))
    assert "refused" in found["why"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("../accounts/42?force=1", "/res/..%2Faccounts%2F42%3Fforce%3D1?of=..%2Faccounts%2F42%3Fforce%3D1"),
        ("a&all=1#x", "/res/a%26all%3D1%23x?of=a%26all%3D1%23x"),
        ("..", None),
        (".", None),
        ("", None),
    ],
)
def test_what_the_real_one_gives_out_never_leads_to_another_path(
    erp: tuple[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, sent: str | None
) -> None:
    url, asked = erp
    monkeypatch.setattr(Erp, "given", given)
    first, second = replayed(
        url, tmp_path, monkeypatch, use("POST", "/res"), use("DELETE", "/res/res-0001", query="of=res-0001", links=LINK)
    )
    assert first["status"] == 201
    assert [path for _, path, _, _ in asked[1:]] == ([] if sent is None else [sent])
    assert (second.get("why", "").endswith("which is no id")) is (sent is None)
