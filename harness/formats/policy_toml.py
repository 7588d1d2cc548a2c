"""`[policy]` and `[coverage]` of a tier file: what may be done there, and what must have been seen."""

import re

from harness.formats import units
from harness.formats.address_toml import read_url
from harness.formats.toml_table import Table
from harness.formats.window_text import read_window
from harness.model.tier import MOST_BODY, LoadCap, Mocks, Policy, Suite, Window

_SUITES = (Suite.CONTRACT, Suite.LOAD, Suite.UAT)
DEFAULT_STATUSES = ("success", "401")
_FLOORS = {
    "all-statuses": "status",
    "parameters": "parameter",
    "media-types": "media type",
    "examples": "example",
    "keywords": "keyword",
    "answers": "answer",
}
_STATUS = re.compile(r"success|(?:.+@)?(?:[1-5][0-9]{2}|[1-5]XX|default)")


def read_policy(top: Table) -> Policy:
    table = top.table("policy")
    coverage = top.table("coverage")
    floors = _floors(coverage) if coverage is not None else ()
    statuses = _statuses(coverage) if coverage is not None else DEFAULT_STATUSES
    if table is None:
        return Policy()
    methods = table.texts("methods", ("all",))
    policy = Policy(
        suites=_suites(table),
        mocks=table.one_of("mocks", Mocks, Mocks.FORBIDDEN) or Mocks.FORBIDDEN,
        hosts=table.texts("hosts", ("{systems}", "{dependencies}")),
        methods=() if methods == ("all",) else tuple(method.upper() for method in methods),
        operations=table.texts("operations", ()),
        body_bytes=int(table.quantity("body", units.size_bytes, MOST_BODY) or 0),
        rate_per_s=table.quantity("rate", units.per_second),
        concurrency=table.integer("concurrency", 0) or None,
        confirm=table.flag("confirm", False),
        statuses=statuses,
        floors=floors,
        max_examples=table.integer("contract-examples", 30),
        contract_deadline_s=table.quantity("contract-deadline", units.seconds, 240.0) or 0.0,
        windows=_windows(table),
        who=table.texts("who-may-run", ()),
        load=_load_cap(table),
        alarm=read_url(table, "alarm"),
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


def _floors(coverage: Table) -> tuple[tuple[str, float], ...]:
    """The share of each kind of promise that must be proved: `keywords = "80 %"`."""
    found = []
    for key, kind in _FLOORS.items():
        floor = coverage.quantity(key, units.share)
        if floor is not None and not 0 < floor <= 1:
            coverage.wrong(key, f"`{key}` must be more than 0 % and at most 100 %")
        elif floor is not None:
            found.append((kind, floor))
    return tuple(found)


def _statuses(coverage: Table) -> tuple[str, ...]:
    statuses = coverage.texts("statuses", DEFAULT_STATUSES)
    for status in statuses:
        if not _STATUS.fullmatch(status):
            hint = 'write "success", a status such as "404", or "operationId@404" for one operation'
            coverage.wrong("statuses", f"`{status}` is no status", hint)
    coverage.finish()
    return statuses
