"""Reading a workspace from disk: every problem of every file at once.

`find_root` walks up from where one stands; `load_workspace` reads the five folders;
`load_tier` settles one tier. Nothing outside the root is read.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from harness.errors import AskedWrongly, HarnessError, Place, Problem
from harness.formats.contract_baseline import read_baseline
from harness.formats.contract_probes import read_probes
from harness.formats.criteria_toml import read_criteria
from harness.formats.documents import digest
from harness.formats.load_toml import load_spec
from harness.formats.openapi import read_contract
from harness.formats.tier_toml import read_tier
from harness.formats.toml_table import Table, read_toml
from harness.model.contract import Contract
from harness.model.criteria import Criterion
from harness.model.load import LoadSpec
from harness.model.plan import Accepted
from harness.model.probes import Probes
from harness.model.tier import Tier
from harness.model.workspace import Workspace

_NOT_TIERS = {"defaults", "gate"}
_LANGUAGES = ("en", "zh")


def find_root(start: Path) -> Path:
    """The nearest folder upwards with `environments/`; AskedWrongly where there is none."""
    for folder in (start, *start.parents):
        if (folder / "environments").is_dir():
            return folder
    raise AskedWrongly(
        "this is not a workspace: there is no environments/ here or above",
        place=Place(file=str(start)),
        hint="make one: harness init --openapi <document> --url <base URL>",
    )


@dataclass(slots=True)
class _Reading:
    """What was read so far: digests of all files, and every problem."""

    root: Path
    digests: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def bytes_of(self, path: str) -> bytes:
        file = (self.root / path).resolve()
        if not file.is_relative_to(self.root):
            raise AskedWrongly(f"`{path}` leads out of the workspace", place=Place(file=path))
        try:
            body = file.read_bytes()
        except OSError as error:
            raise AskedWrongly(f"can't read {path}: {error.strerror}", place=Place(file=path)) from error
        self.digests[path] = digest(body)
        return body

    def names(self, pattern: str) -> tuple[str, ...]:
        return tuple(sorted(file.relative_to(self.root).as_posix() for file in self.root.glob(pattern)))


def load_tier(root: Path, name: str, environ: Mapping[str, str], flags: Mapping[str, str] | None = None) -> Tier:
    """Settle `environments/<name>.toml`; HarnessError with every problem."""
    reading = _Reading(root.resolve())
    known = tier_names(root)
    if name not in known:
        said = ", ".join(known) or "none yet"
        raise AskedWrongly(f"there is no tier `{name}`", hint=f"tiers here: {said}")
    layers = [f"environments/{stem}.toml" for stem in ("defaults", name)]
    present = [(path, reading.bytes_of(path)) for path in layers if (root / path).is_file()]
    return read_tier(name, tuple(present), environ, flags)


def tier_names(root: Path) -> tuple[str, ...]:
    """The tiers that have a file, in the order of their names."""
    files = sorted((root / "environments").glob("*.toml"))
    return tuple(file.stem for file in files if file.stem not in _NOT_TIERS)


def load_workspace(root: Path, tiers: tuple[Tier, ...]) -> Workspace:
    """Everything that people wrote, as far as these tiers need it; HarnessError with every problem of every file."""
    reading = _Reading(root.resolve())
    name, languages = _project(reading)
    contracts = _contracts(reading, tiers)
    accepted, probes = _beside_contracts(reading, contracts)
    loads = _each(reading, "load/*.toml", lambda path, body: load_spec(body, path))
    criteria = _criteria(reading)
    scripts = _scripts(reading)
    for pattern in ("contracts/*_hooks.py", "load/*.py", "mocks/**/*.*", "uat/**/*.py"):
        for path in reading.names(pattern):
            if (reading.root / path).is_file() and "__pycache__" not in path:
                reading.bytes_of(path)
    reading.problems += _cross_problems(reading, tiers, loads, criteria, scripts)
    if reading.problems:
        raise HarnessError.of(reading.problems)
    return Workspace(
        root=str(reading.root),
        name=name,
        tiers=tier_names(root),
        contracts=contracts,
        loads=loads,
        criteria=criteria,
        scripts=scripts,
        languages=languages,
        digests=reading.digests,
        accepted=accepted,
        probes=probes,
    )


def _project(reading: _Reading) -> tuple[str, tuple[str, ...]]:
    """Name and languages from harness.toml, else from `[tool.harness]` in pyproject.toml, else the folder's name."""
    found: list[Table] = []
    if (reading.root / "harness.toml").is_file():
        _noting(reading, lambda: found.append(read_toml(reading.bytes_of("harness.toml"), "harness.toml")))
    elif (reading.root / "pyproject.toml").is_file():
        _noting(reading, lambda: found.extend(_tool_table((reading.root / "pyproject.toml").read_bytes())))
    if not found:
        return reading.root.name, _LANGUAGES
    (table,) = found
    name, languages = table.text("name", reading.root.name), table.texts("languages", _LANGUAGES)
    table.finish()
    reading.problems += table.problems
    return name, languages


def _tool_table(body: bytes) -> list[Table]:
    tools = read_toml(body, "pyproject.toml").table("tool")
    ours = tools.table("harness") if tools is not None else None
    return [ours] if ours is not None else []


def _contracts(reading: _Reading, tiers: tuple[Tier, ...]) -> dict[str, Contract]:
    systems = [system.contract for tier in tiers for system in tier.systems]
    dependencies = [one.contract for tier in tiers for one in tier.dependencies]
    named = dict.fromkeys(path for path in (*systems, *dependencies) if path is not None)
    contracts: dict[str, Contract] = {}
    for path in named:
        _noting(reading, lambda path=path: contracts.update({path: read_contract(path, reading.bytes_of)}))  # type: ignore[misc]
    return contracts


def _beside_contracts(
    reading: _Reading, contracts: Mapping[str, Contract]
) -> tuple[dict[str, tuple[Accepted, ...]], dict[str, Probes]]:
    """Accepted findings and recorded requests: `orders.baseline.toml`, `orders.probes.toml`."""
    accepted: dict[str, tuple[Accepted, ...]] = {}
    probes: dict[str, Probes] = {}

    def read_one(path: str) -> None:
        stem = f"contracts/{PurePosixPath(path).name.partition('.')[0]}"
        if (reading.root / f"{stem}.baseline.toml").is_file():
            accepted[path] = read_baseline(reading.bytes_of(f"{stem}.baseline.toml"), f"{stem}.baseline.toml")
        if (reading.root / f"{stem}.probes.toml").is_file():
            probes[path] = read_probes(reading.bytes_of(f"{stem}.probes.toml"), f"{stem}.probes.toml")

    stems: dict[str, str] = {}
    for path in contracts:
        stem = PurePosixPath(path).name.partition(".")[0]
        if (other := stems.setdefault(stem, path)) != path:
            message = f"{other} and {path} would share {stem}.baseline.toml, {stem}.probes.toml and {stem}_hooks.py"
            hint = "give one of them another name before its first dot"
            reading.problems.append(Problem(message=message, place=Place(file=path), hint=hint))
    for path in contracts:
        _noting(reading, lambda path=path: read_one(path))  # type: ignore[misc]
    return accepted, probes


def _criteria(reading: _Reading) -> tuple[Criterion, ...]:
    path = "uat/criteria.toml"
    if not (reading.root / path).is_file():
        return ()
    found: list[Criterion] = []
    _noting(reading, lambda: found.extend(read_criteria(reading.bytes_of(path), path)))
    return tuple(found)


def _each(reading: _Reading, pattern: str, read: Callable[[str, bytes], LoadSpec]) -> tuple[LoadSpec, ...]:
    found: list[LoadSpec] = []
    for path in reading.names(pattern):
        _noting(reading, lambda path=path: found.append(read(path, reading.bytes_of(path))))  # type: ignore[misc]
    return tuple(found)


def _noting(reading: _Reading, act: Callable[[], object]) -> None:
    try:
        act()
    except HarnessError as error:
        reading.problems += error.problems


def _scripts(reading: _Reading) -> dict[str, tuple[str, ...]]:
    scripts: dict[str, tuple[str, ...]] = {}
    for path in reading.names("uat/test_*.py"):
        file = path.removeprefix("uat/")
        try:
            tree = ast.parse(reading.bytes_of(path), filename=path)
        except SyntaxError as error:
            place = Place(file=path, line=error.lineno, column=error.offset, text=(error.text or "").rstrip("\n"))
            reading.problems.append(Problem(message=f"this is not Python: {error.msg}", place=place))
            continue
        except (ValueError, RecursionError, MemoryError) as error:
            message = f"this is not Python: {str(error) or 'nested too deep'}"
            reading.problems.append(Problem(message=message, place=Place(file=path)))
            continue
        scripts[file] = tuple(f"{file}::{name}" for name in _test_names(tree))
    return scripts


def _test_names(tree: ast.Module) -> tuple[str, ...]:
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            inner = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test")]
            names += [f"{node.name}::{one.name}" for one in inner]
    return tuple(names)


def _cross_problems(
    reading: _Reading,
    tiers: tuple[Tier, ...],
    loads: tuple[LoadSpec, ...],
    criteria: tuple[Criterion, ...],
    scripts: Mapping[str, tuple[str, ...]],
) -> list[Problem]:
    """What no single file can see: names in one file that another does not have."""
    problems: list[Problem] = []
    known = {node for nodes in scripts.values() for node in nodes}
    for criterion in criteria:
        node = (criterion.demonstration or "").partition("[")[0]
        if node and node not in known:
            near = f"tests there: {', '.join(sorted(known)[:8])}" if known else "there are no tests under uat/"
            place = Place(file="uat/criteria.toml")
            message = f"criterion {criterion.id} is demonstrated by `{node}`, which does not exist"
            problems.append(Problem(message=message, place=place, hint=near))
    for tier in tiers:
        systems = {system.name for system in tier.systems}
        for spec in loads:
            if spec.profile_for(tier.name) and spec.system and spec.system not in systems:
                message = f"`{spec.name}` loads the system `{spec.system}`, which tier {tier.name} does not have"
                hint = f"systems of {tier.name}: {', '.join(sorted(systems))}"
                problems.append(Problem(message=message, place=Place(file=spec.path), hint=hint))
            elif spec.profile_for(tier.name) and spec.checked_share and not _contract_loaded(tier, spec):
                message = f"`{spec.name}` checks answers, and the system it loads on {tier.name} has no contract"
                hint = f"give [systems.…] of environments/{tier.name}.toml a `contract`, or leave `check-answers` out"
                problems.append(Problem(message=message, place=Place(file=spec.path), hint=hint))
        for dependency in tier.dependencies:
            if dependency.mock and not (reading.root / dependency.mock).is_dir():
                message = f"the mock of `{dependency.name}` is in {dependency.mock}, which is not a folder"
                problems.append(Problem(message=message, place=Place(file=f"environments/{tier.name}.toml")))
    for spec in loads:
        file = spec.users_file
        if not (reading.root / file).is_file():
            message = f"the users of `{spec.name}` are in {file}, which is not there"
            problems.append(Problem(message=message, place=Place(file=spec.path)))
    return problems


def _contract_loaded(tier: Tier, spec: LoadSpec) -> bool:
    wanted = spec.system or (tier.systems[0].name if tier.systems else "")
    return any(system.name == wanted and system.contract for system in tier.systems)
