"""What is installed here, as a CycloneDX 1.5 bill of materials: every distribution that Python sees, each once.

A distribution that a lock names carries the hashes that the lock allows. `strays` are those that no lock names, or
names in another version.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = frozenset({"harness", "pip", "setuptools", "wheel", "uv"})  # the package itself, and what put it in place
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)([^\n]*(?:\n[ \t]+--hash[^\n]*)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One installed distribution; its name as indexes write it."""

    name: str
    version: str


def plain(name: str) -> str:
    """The one way to write a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(found: Iterable[Distribution] | None = None) -> tuple[Part, ...]:
    """Every distribution that Python sees, sorted."""
    seen = distributions() if found is None else found
    return tuple(sorted({Part(plain(one.metadata["Name"]), one.version) for one in seen}))


def locked(folder: Path = ROOT / ".locks") -> Mapping[Part, tuple[str, ...]]:
    """Every pin of every lock, with the hashes that it allows."""
    pins: dict[Part, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*.txt")):
        for name, version, rest in _PIN.findall(file.read_text()):
            pins[Part(plain(name), version)] = tuple(_HASH.findall(rest))
    return pins


def strays(parts: Iterable[Part], pins: Mapping[Part, tuple[str, ...]]) -> tuple[Part, ...]:
    """What is installed and in no lock."""
    return tuple(one for one in parts if one not in pins and one.name not in OURS)


def bill(parts: Iterable[Part], pins: Mapping[Part, tuple[str, ...]]) -> bytes:
    """CycloneDX 1.5, the same bytes for the same parts."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": [_component(one, pins.get(one, ())) for one in parts],
    }
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def _component(part: Part, hashes: tuple[str, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "library",
        "name": part.name,
        "version": part.version,
        "purl": f"pkg:pypi/{part.name}@{part.version}",
    }
    return told | ({"hashes": [{"alg": "SHA-256", "content": one} for one in hashes]} if hashes else {})
