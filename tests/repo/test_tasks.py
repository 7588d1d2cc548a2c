"""The scripts behind `make`: what they count, when they act, and what they say when they cannot."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The set-up script of a checkout that is somewhere else and has no venv yet."""
    module = script("set_up")
    venv = tmp_path / ".venv"
    for name, value in {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python", "STAMP": venv / "s"}.items():
        monkeypatch.setattr(module, name, value)
    return module


def make_venv(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)


def test_a_checkout_without_a_venv_is_not_set_up(set_up: ModuleType) -> None:
    assert not set_up.usable({})


def test_a_venv_made_here_is_used_again(set_up: ModuleType, tmp_path: Path) -> None:
    make_venv(tmp_path)
    version = set_up.version_in_venv()
    assert version == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert set_up.usable({"home": str(tmp_path / ".venv"), "python": version})


@pytest.mark.parametrize("stamp", [{"home": "/elsewhere/.venv"}, {"python": "3.10"}])
def test_a_venv_of_another_place_or_python_is_not_used(
    set_up: ModuleType, tmp_path: Path, stamp: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    make_venv(tmp_path)
    assert not set_up.usable(stamp)
    assert "makes it anew" in capsys.readouterr().out


def test_a_venv_whose_python_is_gone_is_not_used(set_up: ModuleType, tmp_path: Path) -> None:
    make_venv(tmp_path)
    for name in ("python", "python3"):
        (tmp_path / ".venv" / "bin" / name).unlink()
    assert not set_up.usable({})


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_an_unreadable_stamp_counts_as_none(set_up: ModuleType, tmp_path: Path, text: str) -> None:
    (tmp_path / ".venv").mkdir()
    set_up.STAMP.write_text(text)
    assert set_up.stamps() == {}


def test_a_changed_lock_changes_the_stamp(set_up: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "core.txt"
    lock.write_text("a==1")
    before = set_up.digest(lock)
    lock.write_text("a==2")
    assert set_up.digest(lock) != before


def test_an_unknown_lock_is_refused_with_the_known_ones(set_up: ModuleType, tmp_path: Path) -> None:
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "core.txt").write_text("")
    with pytest.raises(SystemExit) as ended:
        set_up.lock_of("cor")
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ('tests="5" failures="1" errors="1" skipped="0"', (3, 2)),
        ('tests="5" failures="0" errors="0" skipped="2"', (3, 2)),
        ('tests="5" failures="0" errors="0" skipped="0"', (5, 0)),
    ],
)
def test_a_skipped_test_counts_as_failed(tmp_path: Path, counts: str, expected: tuple[int, int]) -> None:
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite {counts}/></testsuites>")
    assert script("test").counted(report) == expected


@pytest.mark.parametrize("text", [None, "<testsuites>"])
def test_a_session_without_a_readable_report_is_a_failure(tmp_path: Path, text: str | None) -> None:
    report = tmp_path / "report.xml"
    if text:
        report.write_text(text)
    assert script("test").counted(report) == (0, 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print('25 passed, 0 failed')", (25, 0)),
        ("print('24 passed, 1 failed'); raise SystemExit(1)", (24, 1)),
        ("print('25 passed, 0 failed'); raise SystemExit(3)", (25, 1)),
        ("print('all is well')", (0, 1)),
    ],
)
def test_a_proof_counts_by_its_closing_line_and_its_status(
    tmp_path: Path, body: str, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("test")
    monkeypatch.setattr(module, "BIN", Path(sys.executable).parent)
    path = tmp_path / "faults.py"
    path.write_text(body)
    part = module.proof(path)
    assert (part.passed, part.failed) == expected


def test_what_hangs_is_ended_at_its_deadline() -> None:
    status, said = script("test").told("it", ["sh", "-c", "echo began; sleep 300 & wait"], 1, {})
    assert status != 0
    assert said == "began\n"


@pytest.mark.parametrize(
    ("ci", "closing", "status"), [("", "7 passed, 0 failed", 0), ("true", "7 passed, 2 failed", 1)]
)
def test_tests_that_could_not_run_are_named_and_fail_in_ci(
    ci: str, closing: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("test")
    monkeypatch.setenv("CI", ci)
    part = module.Part(name="tests", passed=7, failed=0, seconds=1.0)
    state = module.State.MISSING
    docker = module.Means(
        name="docker", state=state, found="", needed_by="services", remedy="install Docker", required=False
    )
    assert module.summary([part], "a::b needs docker\nc::d needs docker\n", [docker]) == status
    out = capsys.readouterr().out
    assert "a::b needs docker" in out
    assert "to have docker: install Docker" in out
    assert out.splitlines()[-1] == closing


def test_a_test_that_needs_what_is_missing_is_left_out_by_name(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = needs(*means)\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.needs('docker', 'browser')\ndef test_far(): pass\ndef test_near(): pass\n"
    )
    note = tmp_path / "note.txt"
    environment = {**os.environ, "HARNESS_TESTS_WITHOUT": "docker,npm", "HARNESS_TESTS_LEFT_OUT": str(note)}
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:locust", str(tmp_path)]
    ended = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "1 passed, 1 deselected" in ended.stdout, ended.stdout
    assert note.read_text() == "test_it.py::test_far needs docker\n"


def test_make_lists_its_tasks() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    for task in ("demo", "test", "check", "proof-%", "bench", "locks"):
        assert f"make {task} " in listed


def test_an_unknown_proof_is_refused_with_the_known_ones() -> None:
    argv = [sys.executable, ROOT / ".ci" / "proofs.py", "nonsense"]
    ended = subprocess.run(argv, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "the proofs are:" in ended.stderr


def test_the_stamp_is_json_that_names_its_locks(set_up: ModuleType, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    set_up.STAMP.write_text(json.dumps({"locks": [".locks/core.txt"]}))
    assert set_up.stamps()["locks"] == [".locks/core.txt"]


def test_every_live_test_and_every_proof_is_in_one_part(tmp_path: Path) -> None:
    shared, alone = script("test").everything(tmp_path, "")
    given = {str(value) for part in (*shared, *alone) for value in part.args}
    live = set((ROOT / "tests" / "live").rglob("test_*.py"))
    assert live
    for path in live:
        top = path.relative_to(ROOT / "tests" / "live").parts[0]
        assert f"tests/live/{top}" in given, path
    for path in (ROOT / "tests" / "proofs").glob("[a-z]*.py"):
        assert str(path) in given
    assert "tests/live/asked.py" not in given  # what only helps tests is no part


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def test_one(): pass", (1, 0)),
        ("def test_one(): assert 0", (0, 1)),
        ("", (0, 1)),
        ("import nothing_here", (0, 1)),
    ],
)
def test_a_part_without_a_test_is_a_failure(
    tmp_path: Path, body: str, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("test")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(body)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(module, "BIN", Path(sys.executable).parent)
    part = module.tests("it", "tests", "not live", {"HARNESS_TESTS_LEFT_OUT": str(tmp_path / "no-note")}, show=False)
    assert (part.passed, part.failed) == expected
