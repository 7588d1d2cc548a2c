"""Known weaknesses stop us, and so does not knowing: what is installed is held against advisories, or undecided."""

import importlib.metadata
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.repo.test_tasks import ROOT, script

BORNE = """
[[ignored]]
id = "OSV-1"
package = "pytest"
reason = "only where reports are parsed, and none are"
owner = "platform"
until = {until}
"""


@pytest.fixture
def audit(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    module = script("audit")
    monkeypatch.setattr(module, "IGNORED", tmp_path / "audit.toml")
    monkeypatch.delenv("HARNESS_ADVISORIES", raising=False)
    yield module
    sys.modules.pop("bill", None)


@pytest.fixture
def advisories(tmp_path, monkeypatch):
    """A folder of OSV documents that names nothing installed, until a test adds one."""
    folder = tmp_path / "advisories"
    folder.mkdir()
    monkeypatch.setenv("HARNESS_ADVISORIES", str(folder))

    def add(package: str, version: str, name: str = "OSV-1") -> None:
        affected = {"package": {"name": package, "ecosystem": "PyPI"}, "versions": [version]}
        (folder / f"{name}.json").write_text(json.dumps({"id": name, "affected": [affected]}))

    add("something-else", "1.0", "OSV-0")
    return add


def test_what_is_installed_here_is_what_the_locks_name_and_nothing_is_open(audit, advisories, capsys):
    assert audit.main([]) == 0
    assert "nothing open in" in capsys.readouterr().out


def test_a_planted_version_with_a_known_weakness_is_red(audit, advisories, capsys):
    advisories("PyTest", pytest.__version__)
    assert audit.main([]) == 1
    assert f"pytest {pytest.__version__} has a known weakness: OSV-1" in capsys.readouterr().out


def test_control_the_same_weakness_of_another_version_is_nothing(audit, advisories):
    advisories("pytest", "0.0.1")
    assert audit.main([]) == 0


def test_a_document_that_names_no_versions_may_mean_ours(audit, advisories, tmp_path, capsys):
    affected = {"package": {"name": "pytest"}, "ranges": [{"type": "ECOSYSTEM"}]}
    (tmp_path / "advisories" / "r.json").write_text(json.dumps({"id": "OSV-2", "affected": [affected]}))
    assert audit.main([]) == 1


FROM_THE_FIRST = {"introduced": "0"}


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ([FROM_THE_FIRST], True),
        ([FROM_THE_FIRST, {"fixed": "2.1"}], True),
        ([FROM_THE_FIRST, {"fixed": "2.0"}], False),
        ([FROM_THE_FIRST, {"fixed": "2"}], False),
        ([{"fixed": "1.10"}, FROM_THE_FIRST], False),
        ([{"introduced": "2.0"}], True),
        ([{"introduced": "2.0.1"}], False),
        ([{"introduced": "2.0rc1"}, {"fixed": "2.0"}], False),
        ([FROM_THE_FIRST, {"last_affected": "2.0"}], True),
        ([FROM_THE_FIRST, {"last_affected": "1.9"}], False),
        ([FROM_THE_FIRST, {"fixed": "1.5"}, {"introduced": "1.9"}], True),
        ([FROM_THE_FIRST, {"fixed": "1.5"}, {"introduced": "2.5"}, {"fixed": "2.6"}], False),
        ([FROM_THE_FIRST, {"limit": "1.9"}], False),
        ([FROM_THE_FIRST, {"limit": "*"}], True),
        ([], True),
        ([FROM_THE_FIRST, {"fixed": "the day after"}], True),
        ([{"mended": "1.0"}], True),
    ],
)
def test_a_range_counts_beside_a_list_of_versions(audit, events, affected):
    ranges = [{"type": "GIT", "events": [FROM_THE_FIRST]}, {"type": "ECOSYSTEM", "events": events}]
    assert audit._is_affected("2.0", {"versions": ["1.0", "1.1"], "ranges": ranges}) is affected


def test_a_version_is_the_listed_one_however_it_is_spelled(audit):
    assert audit._is_affected("2.0", {"versions": ["2.0.dev-old-r7", "2.0.0"]})
    assert not audit._is_affected("2.0", {"versions": ["2.0.dev-old-r7", "2.0.1"]})


def test_an_open_range_is_red_although_the_list_does_not_know_our_version(audit, tmp_path, advisories, capsys):
    ranges = [{"type": "ECOSYSTEM", "events": [FROM_THE_FIRST]}]
    affected = {"package": {"name": "pytest", "ecosystem": "PyPI"}, "versions": ["7.0.0"], "ranges": ranges}
    (tmp_path / "advisories" / "r.json").write_text(json.dumps({"id": "OSV-3", "affected": [affected]}))
    assert audit.main([]) == 1
    assert f"pytest {pytest.__version__} has a known weakness: OSV-3" in capsys.readouterr().out


@pytest.mark.parametrize(
    "source", ["", "{folder}/nowhere", "{folder}/empty", "{folder}/torn", "http://127.0.0.1:9/", "ftp://127.0.0.1/"]
)
def test_where_nobody_can_be_asked_it_is_undecided_and_never_green(audit, source, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "one.json").write_text('{"id": "OSV-1", "aff')
    monkeypatch.setenv("HARNESS_ADVISORIES", source.format(folder=tmp_path))
    assert audit.main([]) == 3
    assert capsys.readouterr().err.startswith("undecided: ")


def test_what_is_borne_is_borne_until_its_day_and_red_after_it(audit, advisories, tmp_path, capsys):
    advisories("pytest", pytest.__version__)
    (tmp_path / "audit.toml").write_text(BORNE.format(until="2999-01-01"))
    assert audit.main([]) == 0
    (tmp_path / "audit.toml").write_text(BORNE.format(until="2020-01-01"))
    assert audit.main([]) == 1
    assert "borne until 2020-01-01 by platform" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ['owner = ""', "until = 'some day'", 'more = "x"', ""])
def test_an_entry_that_nobody_answers_for_makes_it_undecided(audit, advisories, tmp_path, wrong):
    entry = BORNE.format(until="2999-01-01")
    key = wrong.partition(" ")[0]
    kept = [line for line in entry.splitlines() if not key or not line.startswith(key)]
    kept = kept if wrong else [line for line in kept if not line.startswith("reason")]
    (tmp_path / "audit.toml").write_text("\n".join([*kept, wrong]))
    assert audit.main([]) == 3


class _Service(BaseHTTPRequestHandler):
    answers: int | None = None

    def do_POST(self):
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [{"vulns": [{"id": "OSV-9"}]} if one["package"]["name"] == "pytest" else {} for one in queries]
        body = json.dumps({"results": results[: self.answers]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@pytest.mark.parametrize(("answers", "status"), [(None, 1), (1, 3)], ids=["whole", "cut short"])
def test_a_service_is_asked_for_every_distribution_and_believed_when_it_answers_for_all(
    audit, monkeypatch, capsys, answers, status
):
    server = HTTPServer(("127.0.0.1", 0), type("Service", (_Service,), {"answers": answers}))
    threading.Thread(target=server.handle_request, daemon=True).start()
    monkeypatch.setenv("HARNESS_ADVISORIES", f"http://127.0.0.1:{server.server_port}/v1/querybatch")
    assert audit.main([]) == status
    assert ("OSV-9" in capsys.readouterr().out) is (status == 1)
    server.server_close()


def test_the_bill_names_every_distribution_that_python_sees_and_no_other(audit, advisories, tmp_path):
    assert audit.main(["--bill", str(tmp_path / "bill.json")]) == 0
    told = json.loads((tmp_path / "bill.json").read_bytes())
    named = {(one["name"], one["version"]) for one in told["components"]}
    seen = {(audit.plain(one.metadata["Name"]), one.version) for one in importlib.metadata.distributions()}
    assert named == seen
    assert all(one["hashes"] for one in told["components"] if one["name"] == "pytest")


def test_control_a_distribution_that_no_lock_names_is_in_the_bill_and_red(audit, advisories, tmp_path, monkeypatch):
    planted = tmp_path / "site" / "left_pad-1.0.dist-info"
    planted.mkdir(parents=True)
    (planted / "METADATA").write_text("Metadata-Version: 2.1\nName: Left.Pad\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(planted.parent))
    assert audit.main(["--bill", str(tmp_path / "bill.json")]) == 1
    assert b"pkg:pypi/left-pad@1.0" in (tmp_path / "bill.json").read_bytes()
