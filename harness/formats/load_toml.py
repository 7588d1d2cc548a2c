"""`load/*.toml`: which users, which profiles, which limits, on which tier.

Every problem of a file is told at once with its line. Nothing is assumed: a unit is always
written out, a profile that nobody defined is refused, and so is a limit that could never hold.
"""

import re
from pathlib import PurePosixPath

from harness.formats.limit_sentences import CONTRACT_ERRORS, read_abort, read_limit
from harness.formats.toml_table import Table, read_toml
from harness.formats.units import per_second, seconds, share
from harness.model.load import Abort, ClosedModel, Limit, LoadSpec, OpenModel, Profile, Stage, Watch

_STAGE = re.compile(
    r"\s*(?:(?P<from>\S+\s*/\S+)\s+to\s+)?(?P<rate>\S+\s*/\S+)\s+(?P<word>for|over)\s+(?P<time>\S.*?)\s*"
)
_CHECK_ANSWERS = 'say which share of them is: check-answers = "5 %"'
_MOST_USERS = 100_000


def load_spec(body: bytes, path: str) -> LoadSpec:
    """One load file; `path` is relative to the workspace (`load/checkout.toml`).

    `system` is empty where the file does not name one: the only system of the tier is meant.
    """
    top = read_toml(body, path)
    users_file, users_class = _users(top)
    profiles = tuple(_profile(name, table) for name, table in top.named("profiles"))
    if not profiles and "profiles" in top:
        top.wrong("profiles", "there is no profile", 'write one: [profiles.smoke] arrivals = "20 /s for 20 s"')
    elif not profiles:
        top.missing("profiles", "at least one profile")
    watches = tuple(_watch(name, table) for name, table in top.named("watch"))
    checked_share = _checked_share(top)
    spec = LoadSpec(
        name=PurePosixPath(path).stem,
        path=path,
        users_file=str(PurePosixPath(path).parent / users_file) if users_file else "",
        users_class=users_class,
        system=top.text("system", ""),
        profiles=profiles,
        limits=_with_contract(top, _limits(top, tuple(watch.name for watch in watches)), checked_share),
        watches=watches,
        aborts=_aborts(top),
        checked_share=checked_share,
        served=_served(top),
        profile_by_tier=_tiers(top, tuple(profile.name for profile in profiles)),
    )
    top.finish()
    top.raise_problems()
    return spec


def _users(top: Table) -> tuple[str, str]:
    text = top.text("users")
    file, colon, name = text.partition(":")
    path = PurePosixPath(file)
    if not text:
        return "", ""
    if not colon or path.suffix != ".py" or not name.isidentifier():
        top.wrong("users", f'`{text}` does not name users; write file and class, like "checkout.py:Checkout"')
    elif path.is_absolute() or ".." in path.parts:
        top.wrong("users", f"`{file}` leads out of the folder of this file")
    return file, name


def _profile(name: str, table: Table) -> Profile:
    arrivals, users = "arrivals" in table, "users" in table
    if arrivals == users:
        what = "both `arrivals` and `users`" if arrivals else "neither `arrivals` nor `users`"
        table.wrong(None, f"profile `{name}` has {what}: one of them says how it loads")
    model = _closed(table) if users and not arrivals else _open(table)
    profile = Profile(name=name, model=model, warm_up_s=table.quantity("warm-up", seconds, 0.0) or 0.0)
    table.finish()
    return profile


def _open(table: Table) -> OpenModel:
    stages = []
    for text in table.texts("arrivals", ()):
        try:
            stages.append(read_stage(text))
        except ValueError as error:
            table.wrong("arrivals", str(error))
    if "arrivals" in table and not stages:
        table.wrong("arrivals", 'there are no arrivals; write them like "20 /s for 20 s"')
    return OpenModel(stages=tuple(stages))


def read_stage(text: str) -> Stage:
    """`20 /s for 20 s`, or a ramp: `20 /s to 200 /s over 30 s`; `ValueError` with a sentence for anything else."""
    match = _STAGE.fullmatch(text)
    if match is None or (match["word"] == "over") != (match["from"] is not None):
        raise ValueError(
            f'"{text}" does not say how requests arrive; write it like "20 /s for 20 s" or "20 /s to 200 /s over 30 s"'
        )
    rate, time_s = per_second(match["rate"]), seconds(match["time"])
    start = per_second(match["from"]) if match["from"] else None
    if time_s <= 0:
        raise ValueError(f'"{text}" lasts no time at all')
    if rate <= 0 and not start:
        raise ValueError(f'nothing arrives at "{text}"')
    return Stage(rate_per_s=rate, for_s=time_s, from_per_s=start)


def _closed(table: Table) -> ClosedModel:
    users = table.integer("users")
    if not 1 <= users <= _MOST_USERS:
        table.wrong("users", f"`users` must be between 1 and {_MOST_USERS}, not {users}")
    time_s = table.quantity("for", seconds)
    if time_s is None and "for" not in table:
        table.missing("for", 'how long, like "2 min",')
    elif time_s is not None and time_s <= 0:
        table.wrong("for", "the profile lasts no time at all")
    ramp = table.quantity("ramp", per_second, float(users))
    if ramp is not None and ramp <= 0:
        table.wrong("ramp", "users must start at more than 0 /s")
    return ClosedModel(users=users, ramp_per_s=ramp or float(users), for_s=time_s or 0.0)


def _watch(name: str, table: Table) -> Watch:
    """`{ from = "GET /health", field = "memoryBytes" }`."""
    source = table.text("from")
    method, _, path = source.partition(" ")
    if source and (method != "GET" or not path.startswith("/")):
        table.wrong("from", f'`{source}` can\'t be watched; write it like "GET /health"')
    if name == "all":
        table.wrong(None, "`all` means every operation: give what is watched another name")
    watch = Watch(name=name, path=path, field=table.text("field"))
    table.finish()
    return watch


def _served(top: Table) -> Watch | None:
    """`[served] from = "GET /health", field = "requestsServed"`: the system's own count of requests."""
    table = top.table("served")
    return _watch("served", table) if table is not None else None


def _aborts(top: Table) -> tuple[Abort, ...]:
    found = []
    for text in top.texts("abort", ()):
        try:
            found.append(read_abort(text))
        except ValueError as error:
            top.wrong("abort", str(error))
    return tuple(found)


def _checked_share(top: Table) -> float:
    checked = top.quantity("check-answers", share, 0.0) or 0.0
    if checked > 1:
        top.wrong("check-answers", "more than all answers can't be checked", 'write it like "5 %"')
    return checked


def _limits(top: Table, watched: tuple[str, ...]) -> tuple[Limit, ...]:
    table = top.table("limits")
    if table is None:
        top.missing("limits", "at least one limit (a load without a limit proves nothing)")
        return ()
    limits: list[Limit] = []
    for subject in table.keys():  # noqa: SIM118 - a Table is not a mapping
        for sentence in table.texts(subject):
            try:
                limit = read_limit(subject, sentence, watched=subject in watched)
            except ValueError as error:
                table.wrong(subject, str(error))
                continue
            if any((one.subject, one.measure) == (limit.subject, limit.measure) for one in limits):
                table.wrong(subject, f"there are two limits on {limit.measure} of `{subject}`; keep one")
            limits.append(limit)
    if not limits and not table.keys():
        top.wrong("limits", "there is no limit: a load without a limit proves nothing", 'write all = ["p95 < 300 ms"]')
    return tuple(limits)


def _with_contract(top: Table, limits: tuple[Limit, ...], checked_share: float) -> tuple[Limit, ...]:
    """Answers that are checked must keep the contract: all of them, where no limit says how many may not."""
    limited = any(limit.measure == CONTRACT_ERRORS for limit in limits)
    if limited and not checked_share:
        top.wrong("limits", f"there is a limit on {CONTRACT_ERRORS}, and no answer is checked", _CHECK_ANSWERS)
    if checked_share and not limited:
        return (*limits, read_limit("all", f"{CONTRACT_ERRORS} = 0"))
    return limits


def _tiers(top: Table, profiles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    table = top.table("tiers")
    if table is None:
        top.missing("tiers", 'which profile runs where, like test = "smoke",')
        return ()
    granted = tuple((tier, table.text(tier)) for tier in table.keys())  # noqa: SIM118 - a Table is not a mapping
    for tier, profile in granted:
        if profile and profile not in profiles:
            known = ", ".join(f"`{name}`" for name in profiles) or "none"
            table.wrong(tier, f"there is no profile `{profile}`", f"defined here: {known}")
    return granted
