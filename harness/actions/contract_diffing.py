"""Comparing two versions of a contract, and naming who in the workspace relied on what changed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.adapters.mock_server.loading import load_mock
from harness.errors import AskedWrongly, HarnessError
from harness.formats.openapi import read_contract
from harness.mocks.contracts import Compiled, compile_contract
from harness.mocks.swagger2 import as_openapi_3
from harness.model.change import Change, Weight
from harness.model.contract import Contract
from harness.model.mock import StubMapping, UrlKind
from harness.rules.contract_changes import changes

_PLACE = re.compile(r"\{[^{}]*\}")


def diff(old: Path, new: Path, *, root: Path | None = None) -> tuple[Change, ...]:
    """Every change from one document to another, worst first; HarnessError where one of them can't be read.

    With a workspace at `root` each change names the stub mappings of its mocks that stand for the operation: what
    a consumer here relies on.
    """
    before, after = _read(old), _read(new)
    found = changes(as_openapi_3(before.document), as_openapi_3(after.document))
    relied = _relied_on(root, before) if root is not None else {}
    return tuple(
        one if one.weight is Weight.SAFE else replace(one, affected=relied.get(one.operation, ())) for one in found
    )


def _read(path: Path) -> Contract:
    def read(name: str) -> bytes:
        try:
            return (path.parent / name).read_bytes()
        except OSError as error:
            raise AskedWrongly(f"{path.parent / name} can't be read: {error.strerror}") from error

    return read_contract(path.name, read, strict=False)


def _relied_on(root: Path, contract: Contract) -> dict[str, tuple[str, ...]]:
    """The stub mappings of every mock of this contract (of its title), by operation."""
    compiled = compile_contract(contract.document)
    found: dict[str, list[str]] = {}
    for folder in sorted((root / "mocks").glob("*/mock.toml")):
        try:
            mock = load_mock(folder.parent)
        except HarnessError:
            continue  # `harness check` tells what is wrong with it
        if mock.contract is None or mock.contract.title != contract.title:
            continue
        for mapping in mock.mappings:
            for operation in _operations(compiled, mapping):
                found.setdefault(operation, []).append(mapping.place)
    return {operation: tuple(dict.fromkeys(places)) for operation, places in found.items()}


def _operations(compiled: Compiled, mapping: StubMapping) -> Iterator[str]:
    """The operations that a mapping may answer for."""
    asked = mapping.request
    for operation in compiled.operations.values():
        if asked.method not in {"ANY", operation.method}:
            continue
        example = _PLACE.sub("1", operation.path)
        stands = asked.url_kind is UrlKind.ANY
        match asked.url_kind:
            case UrlKind.URL | UrlKind.PATH | UrlKind.PATH_TEMPLATE:
                path = _PLACE.sub("1", asked.url.partition("?")[0])
                routed = compiled.router.find(operation.method, path)
                stands = routed is not None and routed.target is operation
            case UrlKind.PATTERN | UrlKind.PATH_PATTERN:
                stands = _matches(asked.url, example)
            case UrlKind.ANY:
                pass
        if stands:
            yield operation.id


def _matches(pattern: str, path: str) -> bool:
    try:
        return re.match(pattern, path) is not None
    except re.error:
        return False
