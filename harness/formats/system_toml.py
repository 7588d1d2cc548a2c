"""`[systems.<name>]` and `[dependencies.<name>]` of a tier file: who is asked, who stands in, who is started by us."""

from harness.formats import units
from harness.formats.address_toml import read_address, read_path, read_probe
from harness.formats.secret_toml import read_auth, read_secret
from harness.formats.toml_table import Table
from harness.model.secret import SecretRef
from harness.model.tier import Dependency, Probe, Start, System

_MOST_RESTARTS = 20


def read_version(top: Table) -> Probe | None:
    release = top.table("release")
    if release is None:
        return None
    if "version-from" not in release:
        release.missing("version-from", 'a request that reads, such as "GET /version",')
    probe = read_probe(release, "version-from", release.text("field", "version"))
    release.finish()
    return probe


def read_system(name: str, table: Table, version: Probe | None) -> System:
    system = System(
        name=name,
        base_url=(read_address(table, "base-url") if "base-url" in table else table.text("base-url")).rstrip("/"),
        contract=read_path(table, "contract"),
        health=read_probe(table, "health", None),
        version=version,
        auth=read_auth(table),
        start=read_start(table),
        ca=read_path(table, "ca"),
    )
    if "{port}" in system.base_url and system.start is None:
        table.wrong("base-url", "`{port}` needs a [start] table: only what the harness starts gets a free port")
    table.finish()
    return system


def read_dependency(name: str, table: Table) -> Dependency:
    dependency = Dependency(
        name=name,
        contract=read_path(table, "contract"),
        mock=read_path(table, "mock"),
        real=read_address(table, "real") or None,
        start=read_start(table),
        base_url=read_address(table, "base-url") or None,
        health=read_probe(table, "health", None),
        auth=read_auth(table),
    )
    answers = [key for key in ("mock", "real", "start") if key in table]
    if len(answers) != 1:
        said = " and ".join(f"`{key}`" for key in answers) or "nobody"
        table.wrong(None, f"`{name}` is answered by {said}", "give exactly one of `mock`, `real` or `start`")
    table.finish()
    return dependency


def read_start(table: Table) -> Start | None:
    start = table.table("start")
    if start is None:
        return None
    command = start.texts("command")
    if "command" in start and (not command or not command[0]):
        start.wrong(
            "command", "`command` names no program", 'for example ["python", "-m", "orders", "--port", "{port}"]'
        )
    env: list[tuple[str, str | SecretRef]] = []
    variables = start.table("env")
    if variables is not None:
        for key in variables.keys():  # noqa: SIM118 - a Table is not a mapping
            value = variables.raw(key)
            if isinstance(value, str):
                env.append((key, value))
            else:
                reference = read_secret(variables, key)
                if reference is not None:
                    env.append((key, reference))
    ready = start.quantity("ready", units.seconds, 30.0)
    restarts = start.integer("restarts", 0)
    if not 0 <= restarts <= _MOST_RESTARTS:
        start.wrong("restarts", f"`restarts` must be 0 to {_MOST_RESTARTS}, not {restarts}")
    start.finish()
    return Start(command=command, env=tuple(env), ready_s=ready or 30.0, restarts=restarts)
