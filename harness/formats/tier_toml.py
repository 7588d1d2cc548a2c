"""`environments/<tier>.toml` over `environments/defaults.toml` to a settled Tier.

Precedence, weakest first: built-in, defaults.toml, the tier's file, `HARNESS_<SECTION>_<KEY>`
in the environment, flags. Each file is read by itself, so that a problem names its own file
and line; the merged tables are read once more for their meaning.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from harness.errors import HarnessError, Place, Problem
from harness.formats import units
from harness.formats.toml_table import Table, read_toml
from harness.model.tier import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    ClientCredentials,
    Dependency,
    Mocks,
    Policy,
    Probe,
    SecretRef,
    Setting,
    Start,
    Suite,
    System,
    Tier,
)

_SUITES = (Suite.CONTRACT, Suite.LOAD, Suite.UAT)
_DEFAULT_STATUSES = ("success", "401")


def read_tier(
    name: str,
    layers: tuple[tuple[str, bytes], ...],
    environment: Mapping[str, str],
    flags: Mapping[str, str] | None = None,
) -> Tier:
    """Settle a tier from its files (weakest first, as (workspace path, bytes)), the environment and flags.

    `environment` and `flags` map dotted keys ("policy.rate") or variable names to values. Paths inside the
    files stay relative to the workspace root. Raises HarnessError with every problem of every file.
    """
    tables = [read_toml(body, file) for file, body in layers]
    merged: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for table in tables:
        _merge(merged, table.data, sources, table.file, ())
    _override(merged, sources, environment, flags or {})
    top = _with_places_of(merged, tables)
    tier = _tier(
        name, top, tuple(Setting(key=k, value=_shown(merged, k), source=s) for k, s in sorted(sources.items()))
    )
    top.raise_problems()
    return tier


def _tier(name: str, top: Table, settings: tuple[Setting, ...]) -> Tier:
    order = top.integer("order", 1)
    purpose = top.text("purpose", "")
    version = _version(top)
    systems = tuple(_system(key, table, version) for key, table in top.named("systems"))
    dependencies = tuple(_dependency(key, table) for key, table in top.named("dependencies"))
    policy = _policy(top)
    top.finish()
    if not systems:
        top.wrong(None, "no system is named: a tier needs at least one", "add a table [systems.<name>] with `base-url`")
    digest = hashlib.sha256(json.dumps(top.data, sort_keys=True, default=str).encode()).hexdigest()
    return Tier(
        name=name,
        order=order,
        purpose=purpose,
        systems=systems,
        dependencies=dependencies,
        policy=policy,
        settings=settings,
        sha256=digest,
    )


def _version(top: Table) -> Probe | None:
    release = top.table("release")
    if release is None:
        return None
    probe = _probe(release, "version-from", release.text("field", "version"))
    release.finish()
    return probe


def _system(name: str, table: Table, version: Probe | None) -> System:
    system = System(
        name=name,
        base_url=table.text("base-url").rstrip("/"),
        contract=_path(table, "contract"),
        health=_probe(table, "health", None),
        version=version,
        auth=_auth(table),
        start=_start(table),
    )
    if "{port}" in system.base_url and system.start is None:
        table.wrong("base-url", "`{port}` needs a [start] table: only what the harness starts gets a free port")
    table.finish()
    return system


def _dependency(name: str, table: Table) -> Dependency:
    dependency = Dependency(
        name=name,
        contract=_path(table, "contract"),
        mock=_path(table, "mock"),
        real=table.optional_text("real"),
        start=_start(table),
        base_url=table.optional_text("base-url"),
        health=_probe(table, "health", None),
    )
    answers = [key for key in ("mock", "real", "start") if key in table]
    if len(answers) != 1:
        said = " and ".join(f"`{key}`" for key in answers) or "nobody"
        table.wrong(None, f"`{name}` is answered by {said}", "give exactly one of `mock`, `real` or `start`")
    table.finish()
    return dependency


def _start(table: Table) -> Start | None:
    start = table.table("start")
    if start is None:
        return None
    command = start.texts("command")
    env: list[tuple[str, str | SecretRef]] = []
    variables = start.table("env")
    if variables is not None:
        for key in variables.keys():  # noqa: SIM118 - a Table is not a mapping
            value = variables.raw(key)
            if isinstance(value, str):
                env.append((key, value))
            else:
                reference = secret(variables, key)
                if reference is not None:
                    env.append((key, reference))
    ready = start.quantity("ready", units.seconds, 30.0)
    start.finish()
    return Start(command=command, env=tuple(env), ready_s=ready or 30.0)


def secret(table: Table, key: str) -> SecretRef | None:
    """A reference `{ env = "X" }`, `{ file = "…" }` or `{ command = […] }`; a bare value is refused."""
    value = table.raw(key)
    if isinstance(value, str):
        table.wrong(
            key,
            f"`{key}` holds a secret itself; a secret is always a reference",
            f'write {key} = {{ env = "NAME" }} and set NAME in the environment',
        )
        return None
    inner = table.table(key)
    if inner is None:
        table.missing(key, 'a reference such as { env = "NAME" }')
        return None
    default = inner.optional_text("default")
    found = [kind for kind in ("env", "file", "command") if kind in inner]
    if len(found) != 1:
        table.wrong(key, f"`{key}` must refer to exactly one of env, file, command")
        return None
    kind = found[0]
    argv = inner.texts("command") if kind == "command" else ()
    at = " ".join(argv) if argv else inner.text(kind)
    inner.finish()
    return SecretRef(kind=kind, at=at, argv=argv, default=default)


def _auth(table: Table) -> Auth | None:
    auth = table.table("auth")
    if auth is None:
        return None
    kind = auth.text("kind")
    made: Auth | None = None
    match kind:
        case "bearer":
            made = Bearer(token=_needed(auth, "token"))
        case "basic":
            made = Basic(user=auth.text("user"), password=_needed(auth, "password"))
        case "api-key":
            made = ApiKey(header=auth.text("header"), value=_needed(auth, "value"))
        case "oauth2-client-credentials":
            made = ClientCredentials(
                token_url=auth.text("token-url"),
                client_id=auth.text("client-id"),
                client_secret=_needed(auth, "client-secret"),
                scope=auth.optional_text("scope"),
            )
        case _:
            known = "bearer, basic, api-key, oauth2-client-credentials"
            auth.wrong("kind", f"unknown kind of auth `{kind}`", f"known kinds: {known}")
            return None
    auth.finish()
    return made


def _needed(table: Table, key: str) -> SecretRef:
    return secret(table, key) or SecretRef(kind="env", at="")


def _probe(table: Table, key: str, field: str | None) -> Probe | None:
    text = table.optional_text(key)
    if text is None:
        return None
    method, _, path = text.partition(" ")
    if method not in {"GET", "HEAD"} or not path.startswith("/"):
        table.wrong(key, f"`{key}` must be a request that reads, not {text!r}", 'for example "GET /health"')
        return None
    return Probe(method=method, path=path, field=field)


def _path(table: Table, key: str) -> str | None:
    """Paths in environments/*.toml are written relative to that folder; they are kept relative to the root."""
    text = table.optional_text(key)
    if text is None:
        return None
    parts: list[str] = ["environments"]
    for part in text.split("/"):
        if part == "..":
            if not parts:
                table.wrong(key, f"`{text}` leads out of the workspace")
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    if text.startswith("/") or not parts:
        table.wrong(key, f"`{text}` must be a path inside the workspace, relative to environments/")
        return None
    return "/".join(parts)


def _policy(top: Table) -> Policy:
    table = top.table("policy")
    coverage = top.table("coverage")
    statuses = _DEFAULT_STATUSES if coverage is None else coverage.texts("statuses", _DEFAULT_STATUSES)
    if coverage is not None:
        coverage.finish()
    if table is None:
        top.missing("policy", "a table [policy] with at least `suites`")
        return Policy()
    suites = tuple(suite for text in table.texts("suites") if (suite := table.word("suites", text, Suite)) in _SUITES)
    methods = table.texts("methods", ("all",))
    concurrency = table.integer("concurrency", 0)
    examples = table.integer("contract-examples", 30)
    if examples < 1:
        table.wrong("contract-examples", "at least one example per operation is needed")
    policy = Policy(
        suites=suites,
        mocks=table.one_of("mocks", Mocks, Mocks.FORBIDDEN) or Mocks.FORBIDDEN,
        hosts=table.texts("hosts", ("{systems}", "{dependencies}")),
        methods=() if methods == ("all",) else tuple(method.upper() for method in methods),
        rate_per_s=table.quantity("rate", units.per_second),
        concurrency=concurrency or None,
        confirm=table.flag("confirm", False),
        statuses=statuses,
        max_examples=examples,
        contract_deadline_s=table.quantity("contract-deadline", units.seconds, 240.0) or 240.0,
    )
    table.finish()
    return policy


def _merge(
    into: dict[str, Any], data: Mapping[str, Any], sources: dict[str, str], file: str, path: tuple[str, ...]
) -> None:
    for key, value in data.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            nested = into.setdefault(key, {})
            if isinstance(nested, dict):
                _merge(nested, value, sources, file, here)
                continue
        into[key] = value
        sources[".".join(here)] = file


def _override(
    merged: dict[str, Any], sources: dict[str, str], environment: Mapping[str, str], flags: Mapping[str, str]
) -> None:
    by_variable = {"HARNESS_" + key.upper().replace(".", "_").replace("-", "_"): key for key in sources}
    for variable, key in by_variable.items():
        if variable in environment:
            _put(merged, key, environment[variable])
            sources[key] = f"${variable}"
    for key, value in flags.items():
        _put(merged, key, value)
        sources[key] = f"--{key}"


def _put(merged: dict[str, Any], dotted: str, value: str) -> None:
    *tables, last = dotted.split(".")
    at = merged
    for name in tables:
        at = at.setdefault(name, {})
    at[last] = _like(at.get(last), value)


def _like(old: Any, value: str) -> Any:
    if isinstance(old, bool):
        return value.lower() in {"1", "true", "yes"}
    if isinstance(old, int):
        return int(value) if value.lstrip("-").isdigit() else value
    if isinstance(old, list):
        return [part.strip() for part in value.split(",")]
    return value


def _shown(merged: Mapping[str, Any], dotted: str) -> str:
    at: Any = merged
    for part in dotted.split("."):
        at = at[part]
    return json.dumps(at, ensure_ascii=False)


def _with_places_of(merged: dict[str, Any], tables: list[Table]) -> Table:
    """The merged table, whose problems point into the strongest file that holds the key."""
    if not tables:
        raise HarnessError.of(
            [Problem(message="no file for this tier", place=Place(file="environments"), hint="see `harness init`")]
        )
    return Layered(merged, tables)


class Layered(Table):
    """A table merged from several files: a key's place is looked up from the strongest file down."""

    def __init__(self, data: Mapping[str, Any], layers: list[Table], path: tuple[str, ...] = ()) -> None:
        strongest = layers[-1]
        super().__init__(data, file=strongest.file, lines=(), places={}, path=path, problems=strongest.problems)
        self._layers = layers

    def place(self, key: str | None = None) -> Place:
        """Where a key stands in the strongest file that has it, else in the tier's own file."""
        path = (*self.path, key) if key is not None else self.path
        for layer in reversed(self._layers):
            if layer.has(path):
                return layer.place_of(path)
        return self._layers[-1].place_of(path)

    def _inside(self, data: Mapping[str, Any], *keys: str) -> "Table":
        return Layered(data, self._layers, (*self.path, *keys))
