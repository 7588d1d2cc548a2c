"""Declared releases on disk: `.harness/releases/<name>.json`, and beside it what ran for each.

`<name>.runs.ndjson` gets a line before a run starts and one when its record is closed, so that a run
that came out badly can't be forgotten by removing its folder.
"""

import json
import os
import re
from pathlib import Path

from harness.adapters.run_directory import remember_to_ignore
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.documents import canonical, digest, read_document, write_document
from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.plan import Release
from harness.model.release import Declared, Entry

RELEASES = ".harness/releases"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def file_of(root: Path, name: str) -> Path:
    """Where the declaration of a release lies; AskedWrongly for what can't be a file's name."""
    if not _NAME.fullmatch(name):
        raise AskedWrongly(f"{name!r} can't be a release's name", hint="letters, digits and . _ + - (at most 100)")
    return root / RELEASES / f"{name}.json"


def write_declared(root: Path, declared: Declared, *, again: bool) -> Path:
    """Write a declaration; AskedWrongly where there is one already, unless it is declared `again`."""
    file = file_of(root, declared.name)
    if file.exists() and not again:
        hint = "evidence is bound to it; --again declares anew, and every run so far stops counting"
        raise AskedWrongly(f"release {declared.name} is declared already", place=Place(file=str(file)), hint=hint)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        remember_to_ignore(root / ".harness")
        part = file.with_name(f".{file.name}.{declared.nonce[:8]}.part")
        with part.open("wb") as out:
            out.write(write_document(declared))
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        raise CouldNotTell(f"could not write {file}: {error.strerror}", place=Place(file=str(file))) from error
    return file


def read_declared(root: Path, name: str) -> tuple[Declared, str] | None:
    """(declaration, its SHA-256), None where that release was never declared."""
    file = file_of(root, name)
    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CouldNotTell(f"can't read {file}: {error.strerror}", place=Place(file=str(file))) from error
    return read_document(Declared, body, str(file)), digest(body)


def declared_names(root: Path) -> tuple[str, ...]:
    """Every release that was declared here, by name."""
    folder = root / RELEASES
    files = folder.glob("*.json") if folder.is_dir() else ()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if not file.name.endswith(".sign-offs.json")))


def release_for_run(root: Path, name: str | None) -> Release | None:
    """How a run names its release: with nonce and digest where it was declared."""
    if not name:
        return None
    found = read_declared(root, name) if _NAME.fullmatch(name) else None
    if found is None:
        return Release(name=name)
    declared, sha256 = found
    return Release(name=name, nonce=declared.nonce, sha256=sha256)


def note_run(root: Path, release: Release | None, run: str, plan: str, record: str = "") -> None:
    """Add one line to what ran for a declared release, on disk when this returns."""
    if release is None or not release.nonce:
        return
    file = file_of(root, release.name).with_suffix(".runs.ndjson")
    entry = Entry(run=run, nonce=release.nonce, plan=plan, record=record)
    try:
        with file.open("ab") as out:
            out.write(canonical(to_json(entry)))
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise CouldNotTell(f"could not write {file}: {error.strerror}", place=Place(file=str(file))) from error


def runs_noted(root: Path, name: str) -> tuple[Entry, ...]:
    """What ran for a release, as noted; CouldNotTell where a line can't be read."""
    file = file_of(root, name).with_suffix(".runs.ndjson")
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CouldNotTell(f"can't read {file}: {error.strerror}", place=Place(file=str(file))) from error
    try:
        return tuple(from_json(Entry, json.loads(line)) for line in lines if line)
    except (ValueError, ShapeError, RecursionError) as error:
        hint = "declare the release again: harness release add NAME --again"
        raise CouldNotTell(f"{file} can't be read: {error}", place=Place(file=str(file)), hint=hint) from error
