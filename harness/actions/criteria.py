"""Criteria as their authors handle them: asked about, taken to a spreadsheet and back, and how each stands where.

Nothing is started and no run is touched. An import never replaces the file unless that was asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.run_directory import load_record, runs
from harness.adapters.workspace_files import load_tier, load_workspace, tier_names
from harness.errors import AskedWrongly, HarnessError, Place
from harness.formats.criteria_csv import read_csv, write_csv, write_toml
from harness.formats.criteria_toml import FILE
from harness.model.evidence import Record
from harness.model.tier import Tier
from harness.model.workspace import Workspace
from harness.rules.criteria_lint import Advice, lint_criteria
from harness.rules.criteria_matrix import Row, matrix, untouched


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a table would change, by id. A changed criterion has a new version and needs a new demonstration.

    `moved` ones only have another script or other tiers: what was shown for them still counts.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    toml: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How every criterion stands on every tier, and the operations that no journey has touched."""

    tiers: tuple[str, ...]
    rows: tuple[Row, ...]
    untouched: tuple[str, ...]


def lint(root: Path) -> tuple[Advice, ...]:
    """What is unclear in the workspace's criteria."""
    workspace = load_workspace(root, ())
    return lint_criteria(workspace.criteria, workspace.languages)


def export(root: Path) -> bytes:
    """The workspace's criteria as a table."""
    return write_csv(load_workspace(root, ()).criteria)


def import_table(root: Path, file: Path, *, write: bool) -> Changes:
    """What the table would change in `uat/criteria.toml`; with `write` it becomes that file."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise AskedWrongly(f"can't read {file}: {error.strerror}", place=Place(file=str(file))) from error
    wanted = read_csv(body, str(file))
    before = {one.id: one for one in load_workspace(root, ()).criteria}
    after = {one.id: one for one in wanted}
    toml = write_toml(wanted)
    if write:
        target = root / FILE
        target.parent.mkdir(exist_ok=True)
        part = target.with_name(".criteria.toml.part")
        part.write_bytes(toml)
        part.replace(target)
    kept = [name for name in after if name in before]
    return Changes(
        added=tuple(name for name in after if name not in before),
        changed=tuple(name for name in kept if before[name].sha256 != after[name].sha256),
        moved=tuple(name for name in kept if before[name].sha256 == after[name].sha256 and before[name] != after[name]),
        removed=tuple(name for name in before if name not in after),
        unchanged=sum(before[name] == after[name] for name in kept),
        toml=toml,
    )


def coverage(host: Host, root: Path, wanted: tuple[str, ...] = ()) -> Coverage:
    """The matrix over the runs that are here, for the tiers that are named (default: all, in their order)."""
    tiers = _tiers(host, root, wanted)
    workspace = load_workspace(root, tiers)
    names = tuple(tier.name for tier in tiers)
    records: dict[str, list[Record]] = {}
    for record in _records(root):
        records.setdefault(record.tier, []).append(record)
    rows = matrix(workspace.criteria, names, {name: tuple(records.get(name, ())) for name in names})
    return Coverage(tiers=names, rows=rows, untouched=untouched(rows, _operations(workspace, tiers)))


def _tiers(host: Host, root: Path, wanted: tuple[str, ...]) -> tuple[Tier, ...]:
    tiers = [load_tier(root, name, host.environ) for name in wanted or tier_names(root)]
    return tuple(tiers) if wanted else tuple(sorted(tiers, key=lambda one: one.order))


def _records(root: Path) -> Iterable[Record]:
    for path in runs(root):
        try:
            yield load_record(path)
        except HarnessError:
            continue  # what can't be read demonstrates nothing


def _operations(workspace: Workspace, tiers: Iterable[Tier]) -> tuple[str, ...]:
    named = dict.fromkeys(system.contract for tier in tiers for system in tier.systems if system.contract)
    return tuple(operation.id for path in named for operation in workspace.contracts[path].operations)
