"""A mock read from disk: a folder `mocks/<name>` with its `mock.toml`, or an OpenAPI document alone.

Nothing outside the folder's `__files` is ever a body, and everything that is wrong in any file is told at once.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from harness.errors import AskedWrongly, HarnessError, Place, Problem
from harness.formats.mock_toml import read_mock_toml, read_seeds
from harness.formats.openapi import read_contract
from harness.formats.stub_mappings import read_stub_mappings
from harness.formats.stub_matchers import Refused
from harness.mocks.base_paths import base_path_of
from harness.mocks.engine import Mock, compile_mock
from harness.model.contract import Contract
from harness.model.mock import MockSettings, StubMapping

T = TypeVar("T")
_AT_ONCE = 100  # operations; of a larger contract each is prepared when it is first asked
_KINDS = (".json", ".yaml", ".yml")


class Digest:
    """One digest over all files that are read, each with its length, in the order of reading."""

    def __init__(self) -> None:
        self._made = hashlib.sha256()

    def take(self, body: bytes) -> None:
        """A file more."""
        self._made.update(b"%d\n" % len(body))
        self._made.update(body)

    def hexdigest(self) -> str:
        """What came of all files so far."""
        return self._made.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedMock:
    """A mock and what it was made from. `stubs_sha256` is over every file that was read beside the contract.

    `read_body` gives the files that its stubs may name.
    """

    mock: Mock
    read_body: Callable[[str], bytes]
    contract: Contract | None
    mappings: tuple[StubMapping, ...]
    stubs_sha256: str

    @property
    def prepared(self) -> bool:
        """Whether every operation was made ready at once, so that all gaps are known."""
        return len(self.mock.compiled.operations) <= _AT_ONCE


def load_mock(target: Path, *, contract: Path | None = None) -> LoadedMock:
    """The mock of a folder or a document; `contract` overrides the one that `mock.toml` names."""
    if target.is_dir():
        return _of_folder(target, contract)
    if not target.exists():
        raise AskedWrongly(
            f"there is no {target}", hint="give an OpenAPI document, or a folder such as mocks/erp with a mock.toml"
        )
    settings = MockSettings(name=target.stem, contract=_shown(target))
    return _compiled(settings, _contract(target), (), Digest(), target.parent)


def _of_folder(folder: Path, contract: Path | None) -> LoadedMock:
    problems: list[Problem] = []
    digest = Digest()
    settings = MockSettings(name=folder.name)
    toml = folder / "mock.toml"
    if toml.exists():
        settings = _try(problems, lambda: read_mock_toml(_read(toml, digest), _shown(toml), folder.name)) or settings
    elif not (folder / "mappings").is_dir() and contract is None:
        raise AskedWrongly(
            f"{folder} has neither a mock.toml nor mappings", hint="write `contract = …` into its mock.toml"
        )
    if settings.seeds_file is not None:
        seeds = folder / settings.seeds_file
        found = _try(problems, lambda: read_seeds(_read(_inside(folder, seeds), digest), _shown(seeds)))
        settings = replace(settings, seeds=found or ())
    path = contract or (folder / settings.contract if settings.contract else None)
    parsed = None if path is None else _try(problems, lambda: _contract(path))
    mappings = _mappings(folder, problems, digest)
    if problems:
        raise AskedWrongly.of(problems)
    return _compiled(settings, parsed, mappings, digest, folder)


def _mappings(folder: Path, problems: list[Problem], digest: Digest) -> tuple[StubMapping, ...]:
    found: list[StubMapping] = []
    root = folder / "mappings"
    for file in sorted(path for path in root.rglob("*") if path.suffix.lower() in _KINDS and path.is_file()):
        read = _try(problems, partial(_stubs, folder, file, digest))
        found.extend(read or ())
    return tuple(found)


def _stubs(folder: Path, file: Path, digest: Digest) -> tuple[StubMapping, ...]:
    return read_stub_mappings(_read(file, digest), _shown(file), _bodies(folder, digest))


def _bodies(folder: Path, digest: Digest) -> Callable[[str], bytes]:
    root = folder / "__files"

    def read(name: str) -> bytes:
        path = (root / name).resolve()
        if Path(name).is_absolute() or not path.is_relative_to(root.resolve()):
            raise Refused(f"`{name}` leads out of __files", "name a file inside __files")
        try:
            body = path.read_bytes()
        except OSError as error:
            raise Refused(f"cannot read `{name}` in __files: {error.strerror}") from error
        digest.take(body)
        return body

    return read


def _compiled(
    settings: MockSettings, contract: Contract | None, mappings: tuple[StubMapping, ...], digest: Digest, folder: Path
) -> LoadedMock:
    if settings.base_path is None and contract is not None:
        settings = replace(settings, base_path=base_path_of(contract.servers))
    mock = compile_mock(None if contract is None else contract.document, mappings, settings)
    told = mock.gaps if len(mock.compiled.operations) > _AT_ONCE else mock.prepare()
    refused = [Problem(message=gap.message, place=_place(gap.place)) for gap in told if gap.refused]
    if refused:
        raise AskedWrongly.of(refused)
    return LoadedMock(
        mock=mock, contract=contract, mappings=mappings, stubs_sha256=digest.hexdigest(),
        read_body=_bodies(folder, Digest()),
    )  # fmt: skip


def _contract(path: Path) -> Contract:
    """A contract, with references followed inside its own folder only."""
    root = path.resolve().parent

    def read(name: str) -> bytes:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            raise AskedWrongly(f"`{name}` leads out of {_shown(root)}", place=Place(file=name))
        try:
            return file.read_bytes()
        except OSError as error:
            raise AskedWrongly(f"cannot read {_shown(file)}: {error.strerror}", place=Place(file=name)) from error

    return read_contract(path.name, read, strict=False, lined=False)


def _try(problems: list[Problem], act: Callable[[], T]) -> T | None:
    try:
        return act()
    except HarnessError as error:
        problems.extend(error.problems)
        return None


def _inside(folder: Path, file: Path) -> Path:
    if not file.resolve().is_relative_to(folder.resolve()):
        raise AskedWrongly(f"`{file}` leads out of {folder}", place=Place(file=_shown(folder / "mock.toml")))
    return file


def _read(file: Path, digest: Digest) -> bytes:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise AskedWrongly(f"cannot read {_shown(file)}: {error.strerror}", place=Place(file=_shown(file))) from error
    digest.take(body)
    return body


def _place(text: str) -> Place:
    file, _, line = text.rpartition(":")
    return Place(file=file, line=int(line)) if file and line.isdigit() else Place(file=text)


def _shown(path: Path) -> str:
    """A path as a person here would write it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
