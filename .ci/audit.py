"""Hold what is installed against known weaknesses. Red where one is open; undecided where nobody could be asked.

    audit.py [--bill FILE]      --bill: also write the bill of materials (CycloneDX 1.5)

`HARNESS_ADVISORIES` is where advisories come from: the address of a service that answers OSV batch queries, or a
folder of OSV documents (`*.json`). There is none that is asked by itself. What is known and borne for a while stands
in .ci/audit.toml, each with package, reason, owner and a last day; a day that is past is red.
Exit status: 0 nothing open, 1 something is, 3 it can't be told.
"""

import argparse
import json
import os
import sys
import tomllib
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bill import Part, bill, installed, locked, plain, strays
from packaging.version import InvalidVersion, Version

IGNORED = Path(__file__).parent / "audit.toml"
_WITHIN_S, _MOST_BYTES = 30, 64 * 1024**2
_NO_LIMIT = ("limit", "*")


class CannotTell(Exception):
    """Nobody could be asked, or what was answered can't be understood."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A weakness that is known and borne until a day."""

    id: str
    package: str
    reason: str
    owner: str
    until: date


def main(argv: list[str]) -> int:
    """Tell what is open."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bill", type=Path)
    asked = parser.parse_args(argv)
    parts, pins = installed(), locked()
    if asked.bill:
        asked.bill.write_bytes(bill(parts, pins))
    try:
        known = weaknesses(os.environ.get("HARNESS_ADVISORIES", ""), parts)
        borne = ignored(IGNORED)
    except CannotTell as why:
        print(f"undecided: {why}", file=sys.stderr)
        return 3
    wrong = [f"{one.name} {one.version} is installed and in no lock" for one in strays(parts, pins)]
    wrong += open_ones(known, borne, datetime.now(UTC).date())
    print("\n".join(wrong) or f"nothing open in {len(parts)} distributions")
    return int(bool(wrong))


def weaknesses(source: str, parts: tuple[Part, ...]) -> Mapping[Part, tuple[str, ...]]:
    """The advisories that name an installed version; CannotTell where they can't be had whole."""
    if not parts:
        raise CannotTell("nothing is installed")
    if not source:
        raise CannotTell("HARNESS_ADVISORIES names no source of advisories")
    try:
        return _asked(source, parts) if source.startswith(("http://", "https://")) else _read(Path(source), parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotTell(f"advisories can't be had from {source}: {error or type(error).__name__}") from error


def _asked(address: str, parts: tuple[Part, ...]) -> Mapping[Part, tuple[str, ...]]:
    queries = [{"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in parts]
    request = urllib.request.Request(  # noqa: S310 - the address is http or https: looked at above
        address, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_WITHIN_S) as answer:  # noqa: S310 - the same
        results = json.loads(answer.read(_MOST_BYTES))["results"]
    if len(results) != len(parts) or any(one.get("next_page_token") for one in results):
        raise ValueError("not every distribution was answered for")
    found = {part: tuple(each["id"] for each in one.get("vulns", ())) for part, one in zip(parts, results, strict=True)}
    return {part: ids for part, ids in found.items() if ids}


def _read(folder: Path, parts: tuple[Part, ...]) -> Mapping[Part, tuple[str, ...]]:
    documents = [json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    if not documents:
        raise ValueError("there is no OSV document in it")
    found: dict[Part, tuple[str, ...]] = {}
    for document in documents:
        for affected in document["affected"]:
            for part in parts:
                if part.name == plain(affected["package"]["name"]) and _is_affected(part.version, affected):
                    found[part] = (*found.get(part, ()), document["id"])
    return found


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """By the list of versions or by any range, as OSV says; what can't be understood may mean any version."""
    listed = affected.get("versions") or ()
    ranges = [one for one in affected.get("ranges") or () if one.get("type") != "GIT"]
    if not listed and not ranges:
        return True
    try:
        mine = Version(version)
        return any(_is_same(mine, one) for one in listed) or any(_is_within(mine, one["events"]) for one in ranges)
    except (InvalidVersion, KeyError, TypeError):
        return True


def _is_same(mine: Version, listed: str) -> bool:
    try:
        return mine == Version(listed)
    except InvalidVersion:  # a spelling from before PEP 440, which nothing that is installed has
        return False


def _is_within(mine: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """Whether the last event at or before a version leaves it affected, and no limit is reached."""
    order = {"fixed": 0, "last_affected": 1, "introduced": 2, "limit": 3}
    found = [(Version(at), order[what]) for event in events for what, at in event.items() if (what, at) != _NO_LIMIT]
    limits = [at for at, what in found if what == order["limit"]]
    affected = not found  # a range that says nothing
    for at, what in sorted(found):
        if what == order["introduced"] and mine >= at:
            affected = True
        elif (what == order["fixed"] and mine >= at) or (what == order["last_affected"] and mine > at):
            affected = False
    return affected and (not limits or any(mine < at for at in limits))


def ignored(file: Path) -> tuple[Ignored, ...]:
    """What is borne; CannotTell where an entry lacks something, for then nobody answers for it."""
    if not file.exists():
        return ()
    try:
        entries = tomllib.loads(file.read_text()).get("ignored", [])
        found = tuple(Ignored(**{**one, "until": date.fromisoformat(str(one["until"]))}) for one in entries)
    except (ValueError, TypeError, KeyError) as error:
        raise CannotTell(f"{file.name}: {error}") from error
    if not all(one.id and one.package and one.reason and one.owner for one in found):
        raise CannotTell(f"{file.name}: an entry names its package, its reason and who answers for it")
    return found


def open_ones(known: Mapping[Part, tuple[str, ...]], borne: tuple[Ignored, ...], today: date) -> Iterator[str]:
    """A line for each weakness that nobody bears, and for each entry whose day is past."""
    for part, ids in sorted(known.items()):
        for one in ids:
            if not any(entry.id == one and plain(entry.package) == part.name for entry in borne):
                yield f"{part.name} {part.version} has a known weakness: {one}"
    for entry in borne:
        if entry.until < today:
            yield f"{entry.id} in {entry.package} was borne until {entry.until} by {entry.owner}: {entry.reason}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
