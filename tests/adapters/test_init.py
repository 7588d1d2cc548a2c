"""`harness init` against small servers: it looks first, says what is off, writes once, and never attacks."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.actions.init import InitReport, Wish, init
from harness.adapters.http import fetch
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly, CouldNotTell, HarnessError
from harness.formats.criteria_toml import read_criteria
from harness.formats.load_toml import load_spec
from harness.model.tier import Basic, Bearer, SecretRef

Answer = tuple[int, str, str]
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Lamp Shop", "version": "1"},
    "paths": {
        path: {"get": {"operationId": path.strip("/"), "responses": {"200": {"description": "ok"}}}}
        for path in ("/lamps", "/logout", "/prices")
    },
}


@contextmanager
def serving(answers: Callable[[str, str | None], Answer]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that answers GETs as told; with the list of what was asked of it."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            asked.append(("GET", self.path))
            status, kind, body = answers(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def shop(base: str = "", *, at: str = "/openapi.json", token: str | None = None) -> Callable[[str, str | None], Answer]:
    """Lamps below `base`, the document at `at`."""

    def answers(path: str, authorization: str | None) -> Answer:
        if path == at:
            return 200, "application/json", json.dumps(DOCUMENT)
        if path == "/":
            return 200, "text/html", "<!doctype html><html><body>lamps</body></html>"
        if path.removeprefix(base) not in DOCUMENT["paths"] or not path.startswith(base):
            return 404, "text/plain", "no"
        return (200, "application/json", "[]") if token in {None, authorization} else (401, "application/json", "{}")

    return answers


def make(folder: Path, environ: dict[str, str] | None = None, **wish: object) -> InitReport:
    return init(Wish(folder=folder, **wish), environ=environ or {}, tell=lambda _: None)  # type: ignore[arg-type]


def refused(folder: Path, kind: type[HarnessError] = AskedWrongly, **wish: object) -> tuple[str, str | None]:
    with pytest.raises(kind) as caught:
        make(folder, **wish)  # type: ignore[arg-type]
    assert not [path for path in folder.rglob("*") if path.is_file()]
    return caught.value.problems[0].message, caught.value.problems[0].hint


def test_the_workspace_that_is_made_has_no_problems(tmp_path: Path) -> None:
    with serving(shop()) as (url, _):
        report = make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    tier = load_tier(tmp_path, "test", {})
    workspace = load_workspace(tmp_path, (tier,))
    assert report.base_url == url
    assert tier.system("lamp-shop").base_url == url
    assert [operation.id for operation in workspace.contracts[report.contract].operations] == [
        "lamps",
        "logout",
        "prices",
    ]
    assert set(report.written) == {
        ".gitignore",
        "contracts/lamp-shop.openapi.json",
        "environments/test.toml",
        "harness.toml",
        "load/README.md",
        "uat/README.md",
    }


def test_the_base_that_the_document_does_not_name_is_found_and_told(tmp_path: Path) -> None:
    with serving(shop("/api")) as (url, _):
        report = make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    assert report.base_url == f"{url}/api"
    assert "the document names no server; its operations answer under /api" in report.sentences


def test_a_document_is_found_from_the_address_alone(tmp_path: Path) -> None:
    with serving(shop(at="/v3/api-docs")) as (url, _):
        report = make(tmp_path, url=url)
    assert report.sentences[0] == f"{url}/v3/api-docs is OpenAPI 3.0: Lamp Shop, 3 operations"


def test_only_a_few_harmless_reads_are_sent(tmp_path: Path) -> None:
    with serving(shop()) as (url, asked):
        make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    assert "/logout" not in [path for _, path in asked]
    assert len(asked) < 40


def test_a_page_instead_of_a_document_is_told_with_the_place_of_the_document(tmp_path: Path) -> None:
    with serving(shop()) as (url, _):
        message, hint = refused(tmp_path, openapi=f"{url}/", url=url)
        assert message == f"{url}/ is an HTML page, not an OpenAPI document"
        assert hint == f"there is one at {url}/openapi.json"


def test_a_document_that_is_elsewhere_is_suggested(tmp_path: Path) -> None:
    with serving(shop(at="/swagger.json")) as (url, _):
        message, hint = refused(tmp_path, openapi=f"{url}/openapi.json", url=url)
        assert (message, hint) == (
            f"{url}/openapi.json answers 404, not a document",
            f"there is one at {url}/swagger.json",
        )


def test_credentials_that_are_missing_are_told(tmp_path: Path) -> None:
    with serving(shop(token="Bearer t0ken")) as (url, _):
        report = make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    assert any("it asks for credentials" in sentence for sentence in report.sentences)
    assert "# [systems.lamp-shop.auth]" in (tmp_path / "environments/test.toml").read_text()


def test_credentials_are_written_as_a_reference_and_tried(tmp_path: Path) -> None:
    auth = Bearer(token=SecretRef(kind="env", at="LAMP_TOKEN"))
    with serving(shop(token="Bearer t0ken")) as (url, _):
        report = make(tmp_path, {"LAMP_TOKEN": "t0ken"}, openapi=f"{url}/openapi.json", url=url, auth=auth)
    assert "the credentials were sent and nothing was refused (bearer token)" in report.sentences
    assert load_tier(tmp_path, "test", {}).system("lamp-shop").auth == auth
    assert not any("t0ken" in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_credentials_that_are_not_good_are_told(tmp_path: Path) -> None:
    auth = Basic(user="me", password=SecretRef(kind="env", at="PW"))
    with serving(shop(token="Bearer t0ken")) as (url, _):
        report = make(tmp_path, {"PW": "x"}, openapi=f"{url}/openapi.json", url=url, auth=auth)
    assert any("they are not accepted" in sentence for sentence in report.sentences)


def test_a_document_on_another_host_never_gets_credentials(tmp_path: Path) -> None:
    seen: list[str | None] = []

    def bait(path: str, authorization: str | None) -> Answer:
        seen.append(authorization)
        return 200, "application/json", json.dumps({**DOCUMENT, "servers": [{"url": "https://evil.example"}]})

    auth = Bearer(token=SecretRef(kind="env", at="T"))
    with serving(bait) as (elsewhere, _), serving(shop()) as (url, _asked):
        report = make(tmp_path, {"T": "t0ken"}, openapi=f"{elsewhere}/openapi.json", url=url, auth=auth)
    assert set(seen) == {None}
    assert report.base_url == url


def test_a_secret_that_is_not_there_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    auth = Bearer(token=SecretRef(kind="env", at="LAMP_TOKEN"))
    with serving(shop()) as (url, asked):
        message, hint = refused(tmp_path, openapi=f"{url}/openapi.json", url=url, auth=auth)
    assert message == "the auth of `the system` needs env `LAMP_TOKEN`, which is not there"
    assert hint == "export LAMP_TOKEN=…"
    assert asked == []


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/test.toml").write_text("mine")
    (tmp_path / ".gitignore").write_text("mine")
    with serving(shop()) as (url, _), pytest.raises(AskedWrongly) as caught:
        make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    assert caught.value.problems[0].message == "already here: environments/test.toml"
    assert (tmp_path / "environments/test.toml").read_text() == "mine"
    assert not (tmp_path / "harness.toml").exists()


def test_an_ignore_file_that_is_there_stays_and_is_mentioned(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    with serving(shop()) as (url, _):
        report = make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    assert (tmp_path / ".gitignore").read_text() == "mine"
    assert report.sentences[-1] == "there is a .gitignore already: add `.harness/` to it"


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with serving(shop()) as (url, _):
        pass
    message, _ = refused(tmp_path, CouldNotTell, openapi=f"{url}/openapi.json", url=url)
    assert message == f"{url}/openapi.json does not answer: connection refused"


def test_operations_that_answer_nowhere_are_told_with_what_was_tried(tmp_path: Path) -> None:
    with serving(shop("/deep/down")) as (url, _):
        message, hint = refused(tmp_path, CouldNotTell, openapi=f"{url}/openapi.json", url=url)
    assert message.startswith("the operations of Lamp Shop answer under none of the addresses tried")
    assert hint == "give the base address that goes in front of the document's paths: --url"


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({}, "there is nothing to begin with"),
        ({"url": "lamps.example"}, "`lamps.example` is not an address"),
        (
            {"url": "https://me:pw@lamps.example"},
            "an address must not hold credentials: they would be written into a file",
        ),
        ({"url": "https://lamps.example/?a=1"}, "`https://lamps.example/?a=1` is not a base address"),
        ({"openapi": "nowhere.yaml", "url": "http://127.0.0.1:1"}, "there is no file nowhere.yaml"),
    ],
)
def test_what_cannot_be_meant_is_asked_wrongly(tmp_path: Path, wish: dict[str, str], message: str) -> None:
    assert refused(tmp_path, **wish)[0] == message


def test_a_file_does_not_say_where_the_system_is(tmp_path: Path) -> None:
    source = tmp_path.parent / f"{tmp_path.name}.json"
    source.write_text(json.dumps({**DOCUMENT, "servers": [{"url": "https://lamps.example/v1"}]}))
    message, hint = refused(tmp_path, openapi=str(source))
    assert message == "a file does not say where the system is that you mean"
    assert hint == "add --url <base address>; the document itself names: https://lamps.example/v1"


def test_a_document_of_several_files_is_taken_along_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "parts").mkdir(parents=True)
    split = json.loads(json.dumps(DOCUMENT))
    split["paths"]["/lamps"] = {"$ref": "parts/lamps.json"}
    (source / "api.json").write_text(json.dumps(split))
    (source / "parts/lamps.json").write_text(json.dumps(DOCUMENT["paths"]["/lamps"]))
    with serving(shop()) as (url, _):
        report = make(tmp_path / "made", openapi=str(source / "api.json"), url=url)
    assert "contracts/parts/lamps.json" in report.written
    tier = load_tier(tmp_path / "made", "test", {})
    assert load_workspace(tmp_path / "made", (tier,))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is asked for, in order; what is said to be `lamps.example` is really this machine."""
    sent: list[str] = []

    def send(address: str, **more: object) -> object:
        sent.append(address)
        return fetch(address.replace("lamps.example", "127.0.0.1"), **more)  # type: ignore[arg-type]

    monkeypatch.setattr("harness.adapters.probing.fetch", send)
    return sent


def test_nothing_is_sent_elsewhere_before_somebody_agreed(tmp_path: Path, recorded: list[str]) -> None:
    with serving(shop()) as (url, asked):
        there = url.replace("127.0.0.1", "lamps.example")
        sentence = f"test suites create, change and delete data at {there}"
        for wish in ({"url": there}, {"url": there, "openapi": f"{there}/openapi.json"}, {"openapi": f"{there}/x"}):
            message, hint = refused(tmp_path, **wish)
            assert message == f"{sentence}; nothing was sent there yet"
            assert hint == "add --yes if that is meant; use an address where that does no harm"
        questions: list[str] = []

        def no(question: str) -> bool:
            questions.append(question)
            return False

        with pytest.raises(AskedWrongly, match="nothing was sent and nothing was written"):
            init(Wish(folder=tmp_path, url=there), environ={}, tell=lambda _: None, ask=no)
        assert questions == [f"{sentence}. Look at it with a few GET requests, and make it the test tier?"]
        assert (recorded, asked) == ([], [])
        assert make(tmp_path, url=there, yes=True).base_url == there
        assert recorded[0].startswith(there)  # the control: once agreed, the recorder sees what is sent
        assert asked


def test_who_says_yes_is_asked_once_and_then_looked_for(tmp_path: Path, recorded: list[str]) -> None:
    with serving(shop()) as (url, _):
        there, questions = url.replace("127.0.0.1", "lamps.example"), []

        def yes(question: str) -> bool:
            assert not recorded
            questions.append(question)
            return True

        report = init(Wish(folder=tmp_path, url=there), environ={}, tell=lambda _: None, ask=yes)
    assert (report.base_url, len(questions)) == (there, 1)


def test_on_a_host_that_only_holds_the_document_nothing_else_is_looked_for(tmp_path: Path, recorded: list[str]) -> None:
    with serving(shop(at="/other.json")) as (elsewhere, _), serving(shop()) as (url, _asked):
        there = elsewhere.replace("127.0.0.1", "lamps.example")
        message, hint = refused(tmp_path, openapi=f"{there}/nothing.json", url=url)
        assert message == f"{there}/nothing.json answers 404, not a document"
        assert hint == "give the address of the document itself, or save it and give the file"
        assert recorded == [f"{there}/nothing.json"]
        assert make(tmp_path, openapi=f"{there}/other.json", url=url).base_url == url
    assert [one for one in recorded if "lamps.example" in one] == [f"{there}/nothing.json", f"{there}/other.json"]


def test_a_document_address_with_credentials_is_neither_sent_nor_shown(tmp_path: Path, recorded: list[str]) -> None:
    message, _ = refused(tmp_path, openapi="https://me:pw@lamps.example/openapi.json")
    assert message == "an address must not hold credentials"
    assert recorded == []


def test_the_examples_beside_the_workspace_are_files_that_are_read_without_a_problem(tmp_path: Path) -> None:
    with serving(shop()) as (url, _):
        make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    blocks = {
        name: body
        for readme in ("load/README.md", "uat/README.md")
        for name, body in re.findall(r"^`(\S+)`\n\n```\w+\n(.*?)```", (tmp_path / readme).read_text(), re.S | re.M)
    }
    assert set(blocks) == {"load/reading.py", "load/reading.toml", "uat/criteria.toml", "uat/test_first.py"}
    assert load_spec(blocks["load/reading.toml"].encode(), "load/reading.toml").users_class == "Reading"
    assert read_criteria(blocks["uat/criteria.toml"].encode(), "uat/criteria.toml")
    for name, body in blocks.items():
        (tmp_path / name).write_text(body)
    tier = (tmp_path / "environments/test.toml").read_text()
    (tmp_path / "environments/test.toml").write_text(
        tier.replace('suites = ["contract"]', 'suites = ["contract", "load", "uat"]')
    )
    assert load_workspace(tmp_path, (load_tier(tmp_path, "test", {}),)).criteria


def test_one_endless_line_of_json_becomes_lines_with_places(tmp_path: Path) -> None:
    with serving(shop()) as (url, _):
        report = make(tmp_path, openapi=f"{url}/openapi.json", url=url)
    contract = load_workspace(tmp_path, (load_tier(tmp_path, "test", {}),)).contracts[report.contract]
    lines = [operation.line for operation in contract.operations]
    assert len(set(lines)) == 3
