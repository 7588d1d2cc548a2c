"""Starting the sample: what is refused, and what it says about itself."""

import json

import pytest

from harness.errors import AskedWrongly
from harness.sample.__main__ import main
from harness.sample.erp.__main__ import main as erp_main
from harness.sample.faults import Fault
from harness.sample.payment.__main__ import main as payment_main
from harness.sample.settings import DEMO_SECRET, read_settings
from harness.sample.terminal import listen


def test_the_faults_are_listed_one_a_line_or_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    assert capsys.readouterr().out.split() == [known["name"] for known in _document(capsys)]
    assert {frozenset(known) for known in _document(capsys)} == {frozenset({"name", "suite", "sentence"})}


def _document(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    assert main(["--list-faults", "--json"]) == 0
    return list(json.loads(capsys.readouterr().out))


def test_with_a_fault_on_it_does_not_listen_beyond_loopback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMPLE_FAULTS", "lost-update")
    monkeypatch.setenv("SAMPLE_CLIENT_SECRET", "set")
    for host in ("0.0.0.0", "::", "192.0.2.1", "orders.example"):
        assert main(["--host", host, "--port", "0"]) == 2
        assert "does not listen on" in capsys.readouterr().err


def test_the_demo_secret_is_refused_beyond_loopback() -> None:
    with pytest.raises(AskedWrongly, match="loopback only"):
        read_settings("0.0.0.0", {})
    assert set(read_settings("127.0.0.1", {}).secrets_by_client.values()) == {DEMO_SECRET}
    assert set(read_settings("0.0.0.0", {"SAMPLE_CLIENT_SECRET": "own"}).secrets_by_client.values()) == {"own"}


def test_the_neighbours_that_ask_nobody_who_they_are_stay_on_loopback(capsys: pytest.CaptureFixture[str]) -> None:
    for start in (erp_main, payment_main):
        assert start(["--host", "0.0.0.0", "--port", "0"]) == 2
        assert "does not listen on 0.0.0.0" in capsys.readouterr().err


def test_settings_do_not_print_their_secrets() -> None:
    given = {"SAMPLE_CLIENT_SECRET": "very-secret", "SAMPLE_SIGNING_KEY": "very-secret-key"}
    assert "very-secret" not in repr(read_settings("127.0.0.1", given))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SAMPLE_FAULTS": "lost-updates"}, "unknown fault"),
        ({"DATABASE_URL": "mysql://somewhere/db"}, "does not speak"),
        ({"SAMPLE_CLIENTS": "nobody=secret"}, "names `nobody`"),
        ({"SAMPLE_CLIENTS": "crm"}, "names `crm`"),
    ],
)
def test_settings_that_make_no_sense_are_refused(environ: dict[str, str], said: str) -> None:
    with pytest.raises(AskedWrongly, match=said):
        read_settings("127.0.0.1", environ)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", None),
        (":memory:", None),
        ("sqlite:///hub.db", "hub.db"),
        ("sqlite:////tmp/hub.db", "/tmp/hub.db"),
        ("a", "a"),
    ],
)
def test_a_database_url_names_a_file_or_memory(url: str, path: str | None) -> None:
    assert read_settings("127.0.0.1", {"DATABASE_URL": url}).database == path


def test_faults_come_from_the_environment() -> None:
    assert read_settings("127.0.0.1", {"SAMPLE_FAULTS": "faint-text"}).faults == {Fault.FAINT_TEXT}


def test_an_address_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMPLE_FAULTS", raising=False)
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["--port", port]) == 2
        assert erp_main(["--port", port]) == 2
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "choose another --port" in said


def test_the_erp_does_not_listen_beyond_loopback(capsys: pytest.CaptureFixture[str]) -> None:
    assert erp_main(["--host", "0.0.0.0"]) == 2
    assert "does not listen on 0.0.0.0" in capsys.readouterr().err
