"""`mocks/<name>/mock.toml`: the contract a mock speaks, what it remembers, and what happens when it would lie."""

from typing import Any

from harness.errors import AskedWrongly, Place, Problem
from harness.formats.openapi import parse
from harness.formats.toml_table import read_toml
from harness.model.mock import MockSettings, OnDrift


def read_mock_toml(body: bytes, file: str, name: str) -> MockSettings:
    """The settings of one mock; every unknown key is refused. `seeds` paths are left to `read_seeds`."""
    table = read_toml(body, file)
    contract = table.optional_text("contract")
    base_path = table.optional_text("base-path")
    if base_path and (not base_path.startswith("/") or base_path.endswith("/")):
        table.wrong("base-path", f"`base-path` begins with `/` and does not end with one, not {base_path!r}")
    seed = table.integer("seed", 0)
    stateful = table.flag("stateful", False)
    on_drift = table.one_of("on-drift", OnDrift, OnDrift.FAIL) or OnDrift.FAIL
    seeds = table.optional_text("seeds")
    if seeds is not None and not stateful:
        table.wrong("seeds", "`seeds` fill a stateful mock", "add `stateful = true`")
    table.finish()
    table.raise_problems()
    return MockSettings(
        name=name,
        contract=contract,
        base_path=base_path,
        stateful=stateful,
        on_drift=on_drift,
        seed=seed,
        seeds_file=seeds,
    )


def read_seeds(body: bytes, file: str) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Resources to start with: collection paths (`/customers`) to lists of resources, as JSON or YAML."""
    marked = parse(body, file)
    if not isinstance(marked.value, dict):
        raise AskedWrongly(f"{file} must hold collection paths, each with a list of resources", place=Place(file=file))
    problems = [
        Problem(
            message=f"`{path}` must be a collection path such as /customers, with a list of resources",
            place=marked.place(marked.value, path),
        )
        for path, listed in marked.value.items()
        if not (path.startswith("/") and isinstance(listed, list))
    ]
    if problems:
        raise AskedWrongly.of(problems)
    return tuple((path, tuple(listed)) for path, listed in marked.value.items())
