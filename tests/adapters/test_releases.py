"""A declared release: bound to its files, never overwritten by accident, and what ran for it is kept."""

import json

import pytest

from harness.actions.releasing import declare
from harness.adapters.host import Host
from harness.adapters.releases import file_of, note_run, read_declared, release_for_run, runs_noted
from harness.errors import AskedWrongly, CouldNotTell
from harness.model.plan import Release

CONTRACT = """\
openapi: 3.1.0
info: {title: hub, version: "1"}
paths:
  /a:
    get: {operationId: a, responses: {"200": {description: ok}}}
"""
TIER = """\
[systems.hub]
base-url = "http://127.0.0.1:9"
contract = "../contracts/hub.yaml"
[policy]
suites = ["contract"]
"""


@pytest.fixture
def root(tmp_path):
    for name, body in (("environments/test.toml", TIER), ("contracts/hub.yaml", CONTRACT)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(body)
    return tmp_path


def test_a_release_is_declared_with_its_artifacts_its_sources_and_a_nonce(root):
    (root / "hub.tar").write_bytes(b"bytes")
    image = "registry.example/hub@sha256:" + "a" * 64
    declared, file = declare(Host(), root, "2.4.1", (str(root / "hub.tar"), image), commit="abc")
    assert file == root / ".harness/releases/2.4.1.json"
    assert json.loads(file.read_bytes())["kind"] == "harness/release"
    assert [one.name for one in declared.artifacts] == ["hub.tar", "registry.example/hub"]
    assert declared.artifacts[0].digest.startswith(
        "sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
    )
    assert [name for name, _ in declared.sources] == ["contracts/hub.yaml"]
    assert read_declared(root, "2.4.1")[0] == declared


def test_declaring_again_needs_a_word_and_gives_another_nonce(root):
    first, _ = declare(Host(), root, "1", ())
    with pytest.raises(AskedWrongly, match="declared already"):
        declare(Host(), root, "1", ())
    second, _ = declare(Host(), root, "1", (), again=True)
    assert first.nonce != second.nonce


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x" * 101, "a b"])
def test_a_name_that_is_no_file_name_is_refused(root, name):
    with pytest.raises(AskedWrongly):
        file_of(root, name)


def test_an_artifact_that_is_not_there_is_refused(root):
    with pytest.raises(AskedWrongly, match="can't read"):
        declare(Host(), root, "1", ("nothing-here.tar",))


def test_a_run_names_release_and_nonce_where_it_was_declared(root):
    declared, _ = declare(Host(), root, "1", ())
    found = release_for_run(root, "1")
    assert (found.nonce, len(found.sha256)) == (declared.nonce, 64)
    assert release_for_run(root, "2") == Release(name="2")
    assert release_for_run(root, None) is None


def test_what_ran_for_a_release_is_noted_before_and_after(root):
    declare(Host(), root, "1", ())
    release = release_for_run(root, "1")
    note_run(root, release, "r1", "p")
    note_run(root, release, "r1", "p", "d")
    note_run(root, Release(name="1"), "r2", "p")
    assert [(one.run, one.record) for one in runs_noted(root, "1")] == [("r1", ""), ("r1", "d")]


def test_a_note_that_can_not_be_read_stops_the_reading(root):
    declare(Host(), root, "1", ())
    (root / ".harness/releases/1.runs.ndjson").write_bytes(b'{"run": "r1"\n')
    with pytest.raises(CouldNotTell):
        runs_noted(root, "1")
