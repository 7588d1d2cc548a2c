"""What is installed is what the locks name, byte for byte: pip is asked exactly as the set-up asks it."""

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.repo.test_tasks import script

NAME = "harness_lock_specimen"


def wheel(folder: Path, version: str) -> Path:
    """A wheel of one module, as an index would hand it out."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{NAME}-{version}-py3-none-any.whl"
    info = f"{NAME}-{version}.dist-info"
    held = {
        f"{NAME}.py": f"VERSION = {version!r}\n".encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: specimen\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_sum(body)},{len(body)}\n" for name, body in held.items())
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in held.items():
            archive.writestr(name, body)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return file


def _sum(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


class Place:
    """A checkout with one lock, an index that is a folder, and a folder to install to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.index, self.target, self.lock = folder / "index", folder / "installed", folder / ".locks" / "core.txt"
        self.lock.parent.mkdir()
        (folder / ".locks" / "build.txt").write_text("")
        (folder / ".venv").mkdir()
        self.wheel = wheel(self.index, "1.0")
        self.set_up = script("set_up")
        monkeypatch.setattr(self.set_up, "ROOT", folder)
        monkeypatch.setattr(self.set_up, "LOG", folder / "log.txt")
        monkeypatch.setattr(self.set_up, "installer", lambda: [sys.executable, "-m", "pip"])
        for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(self.index), "TARGET": str(self.target)}.items():
            monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        self.write("1.0", hashlib.sha256(self.wheel.read_bytes()).hexdigest())

    def write(self, version: str, *hashes: str) -> None:
        told = "".join(f" \\\n    --hash=sha256:{one}" for one in hashes)
        self.lock.write_text(f"{NAME.replace('_', '-')}=={version}{told}\n")

    def install(self) -> str:
        """Install by the lock; what is importable afterwards says its version."""
        self.set_up.install([self.lock])
        argv = [sys.executable, "-c", f"import {NAME}; print({NAME}.VERSION)"]
        return subprocess.run(argv, cwd=self.target, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def place(tmp_path, monkeypatch):
    return Place(tmp_path, monkeypatch)


def test_what_the_lock_names_is_installed_without_any_network(place):
    assert place.install() == "1.0"


def test_a_higher_version_that_an_index_offers_is_not_taken(place):
    wheel(place.index, "9.0")
    assert place.install() == "1.0"


def one_byte(place: Place) -> None:
    body = bytearray(place.wheel.read_bytes())
    body[40] ^= 1
    place.wheel.write_bytes(body)


def another_version(place: Place) -> None:
    was = hashlib.sha256(place.wheel.read_bytes()).hexdigest()
    wheel(place.index, "9.0")
    place.write("9.0", was)


def no_hash(place: Place) -> None:
    place.write("1.0")


def same_version_again(place: Place) -> None:
    place.wheel.write_bytes(wheel(place.index / "other", "1.0").read_bytes() + b"more")


@pytest.mark.parametrize(
    "spoil", [one_byte, another_version, no_hash, same_version_again], ids=lambda one: one.__name__
)
def test_whatever_else_lies_there_is_refused_and_nothing_is_installed(place, spoil, capsys):
    (place.index / "other").mkdir()
    spoil(place)
    with pytest.raises(SystemExit) as refused:
        place.install()
    assert refused.value.code == 2
    assert "pip could not install" in capsys.readouterr().err
    assert not place.target.exists()


def test_control_without_the_hashes_a_changed_wheel_would_be_taken(place, monkeypatch):
    (place.index / "other").mkdir()
    same_version_again(place)
    place.write("1.0")
    asked = place.set_up.pip
    monkeypatch.setattr(place.set_up, "pip", lambda *words: asked(*(one for one in words if one != "--require-hashes")))
    assert place.install() == "1.0"
