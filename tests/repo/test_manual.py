"""Every block of the manual is run: files are read by their own parsers, commands are asked for their help."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import VERBS
from harness.formats.contract_baseline import read_baseline
from harness.formats.contract_probes import read_probes
from harness.formats.criteria_toml import read_criteria
from harness.formats.findings_toml import FILE as RULINGS
from harness.formats.findings_toml import read_rulings
from harness.formats.gate_toml import POLICY_FILE, read_gate
from harness.formats.load_toml import load_spec
from harness.formats.matrix_toml import read_matrix
from harness.formats.mock_toml import read_mock_toml
from harness.formats.tier_toml import read_tier

MANUAL = Path(__file__).resolve().parents[2] / "harness" / "manual"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (page.name, *found) for page in sorted(MANUAL.glob("*.md")) for found in BLOCK.findall(page.read_text("utf-8"))
]
READERS: dict[str, Callable[[bytes, str], object]] = {
    "environments": lambda body, path: (
        read_gate(body, ("test",)) if path == POLICY_FILE else read_tier("test", ((path, body),), {})
    ),
    "contracts": lambda body, path: (read_probes if "probes" in path else read_baseline)(body, path),
    "load": load_spec,
    "uat": lambda body, path: (read_rulings if path == RULINGS else read_criteria)(body),
    "mocks": lambda body, path: (
        read_matrix(body, path) if path.endswith("matrix.toml") else read_mock_toml(body, path, "erp")
    ),
}


def test_the_manual_has_pages_and_blocks() -> None:
    assert len(BLOCKS) >= 8


@pytest.mark.parametrize(("page", "path", "body"), [(p, f, b) for p, kind, f, b in BLOCKS if kind == "toml"])
def test_every_file_in_the_manual_is_read_without_a_problem(page: str, path: str, body: str) -> None:
    READERS[path.partition("/")[0]](body.encode(), path)


@pytest.mark.parametrize(("page", "path", "body"), [(p, f, b) for p, kind, f, b in BLOCKS if kind == "python"])
def test_every_script_in_the_manual_is_python(page: str, path: str, body: str) -> None:
    compile(body, path, "exec")


COMMANDS = sorted({line[2:] for _, kind, _, body in BLOCKS if kind == "console" for line in body.splitlines()})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_the_manual_has_its_verb_and_options(command: str) -> None:
    words = shlex.split(command)
    assert words[0] == "harness"
    assert words[1] in VERBS
    argv = [sys.executable, "-m", "harness", words[1], "--help"]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    for option in (word for word in words[2:] if word.startswith("--")):
        assert option in told


def test_the_manual_is_listed_and_an_unknown_topic_names_those_there_are() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "harness", "help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(page.stem in listed for page in MANUAL.glob("*.md"))
    wrong = subprocess.run([sys.executable, "-m", "harness", "help", "nonsense"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "tiers" in wrong.stderr
