"""`environments/<tier>.toml` over `environments/defaults.toml` to a settled Tier.

Precedence, weakest first: built-in, defaults.toml, the tier's file, `HARNESS_<SECTION>_<KEY>`
in the environment, flags. Each file is read by itself, so that a problem names its own file
and line; the merged tables are read once more for their meaning. What is built in is a setting
like any other: it is shown, and a variable may override it where no file names it.
"""

import hashlib
import json
from collections.abc import Mapping

from harness.errors import HarnessError, Place, Problem
from harness.formats.address_toml import read_path
from harness.formats.policy_toml import read_policy
from harness.formats.scripts_toml import places_of, read_scripts
from harness.formats.secret_toml import read_secret
from harness.formats.service_toml import read_service
from harness.formats.system_toml import read_dependency, read_system, read_version
from harness.formats.tier_settings import BUILT_INS, displaced, override, replaced_whole
from harness.formats.toml_layers import BUILT_IN, Layered, Layers
from harness.formats.toml_table import Table, read_toml
from harness.model.tier import DataClass, Setting, Tier


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
    tables = _read_all(layers)
    whole = Layers(whole=replaced_whole, displaced=displaced)
    whole.put_table(BUILT_INS, BUILT_IN)
    for table in tables:
        whole.put_table(table.data, table.file)
    unknown = override(whole, environment, flags or {})
    top = Layered(whole, tables)
    top.problems += unknown
    settings = tuple(
        Setting(key=key, value=json.dumps(value, ensure_ascii=False, default=str), source=source)
        for key, value, source in whole.shown()
    )
    tier = _tier(name, top, settings)
    top.raise_problems()
    return tier


def _read_all(layers: tuple[tuple[str, bytes], ...]) -> list[Table]:
    tables: list[Table] = []
    problems: list[Problem] = []
    for file, body in layers:
        try:
            tables.append(read_toml(body, file))
        except HarnessError as error:
            problems += error.problems
    if not layers:
        problems.append(
            Problem(message="no file for this tier", place=Place(file="environments"), hint="see `harness init`")
        )
    if problems:
        raise HarnessError.of(problems)
    return tables


def _tier(name: str, top: Table, settings: tuple[Setting, ...]) -> Tier:
    order = top.integer("order", 1)
    purpose = top.text("purpose", "")
    version = read_version(top)
    systems = tuple(read_system(key, table, version) for key, table in top.named("systems"))
    dependencies = tuple(read_dependency(key, table) for key, table in top.named("dependencies"))
    services = tuple(
        service for key, table in top.named("services") if (service := read_service(key, table, read_secret, read_path))
    )
    owners = places_of([one.name for one in systems], [one.name for one in dependencies])
    scripts = read_scripts(top, read_secret, owners=owners)
    data = top.one_of("data-class", DataClass) if "data-class" in top else None
    policy = read_policy(top)
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
        services=services,
        scripts=scripts,
        data=data,
        policy=policy,
        settings=settings,
        sha256=digest,
    )
