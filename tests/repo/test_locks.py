"""The locks: complete, hashed, of one mind, and without a word about where packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {path.stem: path for path in sorted((ROOT / ".locks").glob("*.txt"))}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {"core": [], **PYPROJECT["project"]["optional-dependencies"]}
SHIPPED = ROOT / "harness" / "adapters" / "allure_tool"


def pins(text: str) -> dict[str, str]:
    """Name to version; a package may be there twice only for other machines."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", [*ASKED, "build"])
def test_every_extra_has_a_lock(name: str) -> None:
    assert name in LOCKS


@pytest.mark.parametrize("name", list(ASKED))
def test_a_lock_holds_what_the_project_asks_for(name: str) -> None:
    locked = pins(LOCKS[name].read_text())
    for line in [*PYPROJECT["project"]["dependencies"], *ASKED[name]]:
        wanted = Requirement(line)
        found = locked.get(wanted.name.lower().replace("_", "-"))
        assert found, f"{wanted.name} is in no lock: make locks"
        assert wanted.specifier.contains(found), f"{wanted} but {found} is locked: make locks"


@pytest.mark.parametrize("path", [*LOCKS.values(), SHIPPED / "npm.txt"], ids=lambda path: path.name)
def test_every_pin_has_a_hash_and_no_address(path: Path) -> None:
    text = path.read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert requirements
    assert all("--hash=sha256:" in one for one in requirements)
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_no_two_locks_disagree() -> None:
    versions: dict[str, set[str]] = {}
    for path in LOCKS.values():
        for name, version in pins(path.read_text()).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_report_tools_lock_holds_hashes_and_no_download_address() -> None:
    text = (SHIPPED / "package-lock.json").read_text()
    packages = re.findall(r'^    "node_modules/', text, re.MULTILINE)
    assert len(packages) > 100
    assert text.count('"integrity": "sha512-') == len(packages)
    assert '"resolved"' not in text
    assert ".tgz" not in text
