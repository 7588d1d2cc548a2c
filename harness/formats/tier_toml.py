"""`environments/<tier>.toml` over `environments/defaults.toml` to a settled Tier.

Precedence, weakest first: built-in, defaults.toml, the tier's file, `HARNESS_<SECTION>_<KEY>`
in the environment, flags. Each file is read by itself, so that a problem names its own file
and line; the merged tables are read once more for their meaning. What is built in is a setting
like any other: it is shown, and a variable may override it where no file names it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from harness.errors import HarnessError, Place, Problem
from harness.formats import units
from harness.formats.scripts_toml import places_of, read_scripts
from harness.formats.service_toml import read_service
from harness.formats.toml_layers import BUILT_IN, Layered, Layers, Path, variable_for
from harness.formats.toml_table import Table, nearest, read_toml
from harness.formats.window_text import read_window
from harness.model.tier import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    ClientCredentials,
    DataClass,
    Dependency,
    LoadCap,
    Mocks,
    Policy,
    Probe,
    SecretRef,
    Setting,
    Start,
    Suite,
    System,
    Tier,
    Window,
)

_SUITES = (Suite.CONTRACT, Suite.LOAD, Suite.UAT)
_DEFAULT_STATUSES = ("success", "401")
_BUILT_IN: Mapping[str, Any] = {
    "order": 1,
    "purpose": "",
    "policy": {
        "mocks": Mocks.FORBIDDEN.value,
        "hosts": ["{systems}", "{dependencies}"],
        "methods": ["all"],
        "confirm": False,
        "contract-examples": 30,
        "contract-deadline": "240 s",
    },
    "coverage": {"statuses": list(_DEFAULT_STATUSES)},
}
_UNSET: Mapping[Path, object] = {
    ("policy", "suites"): [],
    ("policy", "rate"): "",
    ("policy", "operations"): [],
    ("policy", "body"): "",
    ("policy", "concurrency"): 0,
    ("policy", "windows"): [],
    ("policy", "who-may-run"): [],
}
_OF_A_SERVICE: Mapping[str, object] = {"image": "", "kinds": [], "url": "", "embedded": "", "binaries": ""}
_STATUS = re.compile(r"success|(?:.+@)?(?:[1-5][0-9]{2}|[1-5]XX|default)")
_KEPT_IN = ("env", "file", "command", "keyring")
_PLACE = re.compile(r"\{[^}]*\}?")


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
    whole = Layers(whole=_replaced_whole, displaced=_displaced)
    whole.put_table(_BUILT_IN, BUILT_IN)
    for table in tables:
        whole.put_table(table.data, table.file)
    unknown = _override(whole, environment, flags or {})
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


def _override(whole: Layers, environment: Mapping[str, str], flags: Mapping[str, str]) -> list[Problem]:
    """Variables, then flags. A variable for a policy that does not exist is a problem: it was meant to protect."""
    unset = {**_UNSET, **_unset_of_services(whole.merged)}
    by_variable = {variable_for(path): path for path in (*unset, *whole.sources)}
    for variable, path in by_variable.items():
        if variable in environment:
            whole.put_text(path, environment[variable], f"${variable}", unset.get(path))
    for key, value in flags.items():
        path = tuple(key.split("."))
        whole.put_text(path, value, f"--{key}", unset.get(path))
    known = sorted(one for one in by_variable if one.startswith("HARNESS_POLICY_"))
    return [
        Problem(message=f"${one} sets nothing", place=Place(file=f"${one}"), hint=nearest(one, known))
        for one in sorted(environment)
        if one.startswith("HARNESS_POLICY_") and one not in by_variable
    ]


def _unset_of_services(merged: Mapping[str, Any]) -> dict[Path, object]:
    """What a variable may say of a service, whether or not a file does."""
    services = merged.get("services")
    names = services if isinstance(services, Mapping) else {}
    return {("services", name, key): like for name in names for key, like in _OF_A_SERVICE.items()}


def _replaced_whole(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """A reference to a secret, and the auth of another kind, are never mixed from two files."""
    if path[-1] == "auth":
        return bool(new.get("kind", old.get("kind")) != old.get("kind"))
    if path[-1] == "start" or (len(path) == 2 and path[0] == "services"):
        return False
    return bool(new) and new.keys() <= {*_KEPT_IN, "default"}


def _displaced(path: Path, new: Mapping[str, Any]) -> frozenset[str]:
    """Who answers for a dependency in a stronger file takes the place of who did in a weaker one."""
    answers = frozenset({"mock", "real", "start"})
    return answers if len(path) == 2 and path[0] == "dependencies" and answers & new.keys() else frozenset()


def _tier(name: str, top: Table, settings: tuple[Setting, ...]) -> Tier:
    order = top.integer("order", 1)
    purpose = top.text("purpose", "")
    version = _version(top)
    systems = tuple(_system(key, table, version) for key, table in top.named("systems"))
    dependencies = tuple(_dependency(key, table) for key, table in top.named("dependencies"))
    services = tuple(
        service for key, table in top.named("services") if (service := read_service(key, table, secret, _path))
    )
    owners = places_of([one.name for one in systems], [one.name for one in dependencies])
    scripts = read_scripts(top, secret, owners=owners)
    data = top.one_of("data-class", DataClass) if "data-class" in top else None
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
        services=services,
        scripts=scripts,
        data=data,
        policy=policy,
        settings=settings,
        sha256=digest,
    )


def _version(top: Table) -> Probe | None:
    release = top.table("release")
    if release is None:
        return None
    if "version-from" not in release:
        release.missing("version-from", 'a request that reads, such as "GET /version",')
    probe = _probe(release, "version-from", release.text("field", "version"))
    release.finish()
    return probe


def _system(name: str, table: Table, version: Probe | None) -> System:
    system = System(
        name=name,
        base_url=(_address(table, "base-url") if "base-url" in table else table.text("base-url")).rstrip("/"),
        contract=_path(table, "contract"),
        health=_probe(table, "health", None),
        version=version,
        auth=_auth(table),
        start=_start(table),
        ca=_path(table, "ca"),
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
        real=_address(table, "real") or None,
        start=_start(table),
        base_url=_address(table, "base-url") or None,
        health=_probe(table, "health", None),
    )
    answers = [key for key in ("mock", "real", "start") if key in table]
    if len(answers) != 1:
        said = " and ".join(f"`{key}`" for key in answers) or "nobody"
        table.wrong(None, f"`{name}` is answered by {said}", "give exactly one of `mock`, `real` or `start`")
    table.finish()
    return dependency


def _address(table: Table, key: str) -> str:
    """An http or https address, empty where there is none; `{port}` is the only place that it may hold."""
    text = table.optional_text(key)
    if text is None or not isinstance(table.raw(key), str):
        return ""
    places = [place for place in _PLACE.findall(text) if place != "{port}" or key == "real"]
    if places:
        hint = "only `base-url` may hold a place, and only {port}"
        table.wrong(key, f"`{key}` holds {places[0]}, and nobody knows what to put there", hint)
        return text
    parts = _split(text)
    if parts is None:
        said = f", not {text!r}" if "@" not in text else ""
        table.wrong(key, f"`{key}` must be an http or https address{said}", 'for example "https://host:8443"')
    elif "@" in parts.netloc:
        table.wrong(key, f"`{key}` holds a user or password", "put it into a table `auth`, as a reference")
    elif parts.query or parts.fragment:
        table.wrong(key, f"`{key}` must end with its path, not with `?` or `#`")
    return text


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.replace("{port}", "1"))
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if good and not re.search(r"[\s\x00-\x1f]", text) else None


def _start(table: Table) -> Start | None:
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
                reference = secret(variables, key)
                if reference is not None:
                    env.append((key, reference))
    ready = start.quantity("ready", units.seconds, 30.0)
    start.finish()
    return Start(command=command, env=tuple(env), ready_s=ready or 30.0)


def secret(table: Table, key: str) -> SecretRef | None:
    """A reference: `{ env = "X" }`, `{ file = "…" }`, `{ command = […] }`, `{ keyring = "…/…" }`; no bare value."""
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
    found = [kind for kind in _KEPT_IN if kind in inner]
    if len(found) != 1:
        table.wrong(key, f"`{key}` must refer to exactly one of {', '.join(_KEPT_IN)}")
        return None
    kind = found[0]
    argv = inner.texts("command") if kind == "command" else ()
    at = " ".join(argv) if argv else inner.text(kind)
    if kind == "keyring" and not all(at.partition("/")[::2]):
        inner.wrong(kind, f"`{at}` is no entry of a keyring", 'write "service/account"')
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
    statuses = _statuses(coverage) if coverage is not None else _DEFAULT_STATUSES
    if table is None:
        return Policy()
    methods = table.texts("methods", ("all",))
    policy = Policy(
        suites=_suites(table),
        mocks=table.one_of("mocks", Mocks, Mocks.FORBIDDEN) or Mocks.FORBIDDEN,
        hosts=table.texts("hosts", ("{systems}", "{dependencies}")),
        methods=() if methods == ("all",) else tuple(method.upper() for method in methods),
        operations=table.texts("operations", ()),
        body_bytes=int(table.quantity("body", units.size_bytes, 16 * 1024**2) or 0),
        rate_per_s=table.quantity("rate", units.per_second),
        concurrency=table.integer("concurrency", 0) or None,
        confirm=table.flag("confirm", False),
        statuses=statuses,
        max_examples=table.integer("contract-examples", 30),
        contract_deadline_s=table.quantity("contract-deadline", units.seconds, 240.0) or 0.0,
        windows=_windows(table),
        who=table.texts("who-may-run", ()),
        load=_load_cap(table),
    )
    if policy.max_examples < 1:
        table.wrong("contract-examples", "at least one example per operation is needed")
    if policy.concurrency is not None and policy.concurrency < 0:
        table.wrong("concurrency", f"`concurrency` must be 1 or more, not {policy.concurrency}")
    for key, value in (("rate", policy.rate_per_s), ("contract-deadline", policy.contract_deadline_s)):
        if value is not None and value <= 0:
            table.wrong(key, f"`{key}` must be more than nothing")
    table.finish()
    return policy


def _windows(table: Table) -> tuple[Window, ...]:
    windows: list[Window] = []
    for text in table.texts("windows", ()):
        try:
            windows.append(read_window(text))
        except ValueError as error:
            table.wrong("windows", str(error), 'for example "mon-fri 08:00-18:00 Europe/Berlin"')
    return tuple(windows)


def _load_cap(table: Table) -> LoadCap | None:
    load = table.table("load")
    if load is None:
        return None
    cap = LoadCap(
        rate_per_s=load.quantity("rate", units.per_second),
        users=load.integer("users", 0) or None,
        for_s=load.quantity("for", units.seconds),
    )
    for key, value in (("rate", cap.rate_per_s), ("users", cap.users), ("for", cap.for_s)):
        if value is not None and value <= 0:
            load.wrong(key, f"`{key}` must be more than nothing")
    if cap == LoadCap():
        load.wrong(None, "a load cap that caps nothing", "give `rate`, `users` or `for`")
    load.finish()
    return cap


def _suites(table: Table) -> tuple[Suite, ...]:
    words = ", ".join(_SUITES)
    found: list[Suite] = []
    for text in table.texts("suites"):
        suite = next((suite for suite in _SUITES if suite.value == text), None)
        if suite is None:
            table.wrong("suites", f"`{text}` is not one of {words}")
        else:
            found.append(suite)
    return tuple(dict.fromkeys(found))


def _statuses(coverage: Table) -> tuple[str, ...]:
    statuses = coverage.texts("statuses", _DEFAULT_STATUSES)
    for status in statuses:
        if not _STATUS.fullmatch(status):
            hint = 'write "success", a status such as "404", or "operationId@404" for one operation'
            coverage.wrong("statuses", f"`{status}` is no status", hint)
    coverage.finish()
    return statuses
