"""The Allure report: of one run, or one over all tiers of a release, with a history of each tier's own.

A run enters the history once. What people signed meanwhile is read when the report is drawn, and the words are
in the reader's language; the run itself is never touched.
"""

import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from harness.actions.gating import bundle_from, criteria_of, default_bundle, policy_of
from harness.adapters.allure_tool import Memory, allure_remedy, ensure_allure, find_allure, generate
from harness.adapters.host import Host
from harness.adapters.releases import read_declared
from harness.adapters.run_directory import load_run, runs
from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, CouldNotTell, HarnessError
from harness.formats.allure_config import ReportConfig
from harness.formats.allure_front import front_files
from harness.formats.allure_language import Retold
from harness.formats.gate_toml import POLICY_FILE
from harness.formats.report_words import headline
from harness.model.plan import Plan
from harness.model.report import Accepted, Account, Chapter
from harness.rules.accepted import accepted
from harness.rules.judging import judge

REPORTS = ".harness/reports"
MOST_IN_ONE_FILE = 3000
_NOT_TAKEN = {"environment.properties", "executor.json"}


def make_report(
    host: Host, root: Path, run: Path, *, language: str = "en", fetch: bool = False, separate: bool | None = None
) -> Path:
    """The report of one run, made in its folder; see `report_on`."""
    return report_on(host, root, (run,), run / "report", language=language, fetch=fetch, separate=separate)


def release_report(
    host: Host, root: Path, release: str, *, language: str = "en", fetch: bool = False, separate: bool | None = None
) -> Path:
    """One report over the newest run of every tier of a declared release, and over all shards of it."""
    found = read_declared(root, release)
    if found is None:
        raise AskedWrongly(f"release {release} was never declared here", hint=f"harness release add {release}")
    chosen = _newest(root, release, found[0].nonce)
    if not chosen:
        hint = f"harness run TIER --release {release}"
        raise AskedWrongly(f"nothing ran yet for this declaration of {release}", hint=hint)
    out = root / REPORTS / release
    return report_on(host, root, chosen, out, language=language, fetch=fetch, separate=separate)


def report_on(
    host: Host,
    root: Path,
    chosen: tuple[Path, ...],
    out: Path,
    *,
    language: str = "en",
    fetch: bool = False,
    separate: bool | None = None,
) -> Path:
    """The `index.html` of a report over some runs, in the folder `out`. `fetch` installs the tool where it is missing.

    `separate`: many files, which need a server to be read, instead of one; None decides by the number of results.
    CouldNotTell where the tool is missing or fails, AskedWrongly where a run has no results to draw.
    """
    chapters = tuple(_chapter(run) for run in chosen)
    tool = ensure_allure(host) if fetch else find_allure(host)
    if tool is None:
        raise CouldNotTell("the report tool is not installed", hint=allure_remedy())
    memory, own = Memory(root), tuple((one.plan.tier, one.record.started_ms) for one in chapters)
    account = _account(root, chapters)
    with tempfile.TemporaryDirectory(prefix=".staged-", dir=_home(root), ignore_cleanup_errors=True) as folder:
        staged, history = Path(folder) / "results", Path(folder) / "history.jsonl"
        count = _stage(staged, tuple(zip(chosen, chapters, strict=True)), account, language)
        config = ReportConfig(
            name=headline(account, language),
            language=language,
            tiers=tuple(dict.fromkeys((*tier_names(root), *account.tiers))),
            single_file=not (count > MOST_IN_ONE_FILE if separate is None else separate),
            history=str(history),
        )
        with memory.alone():
            history.write_bytes(memory.before(own))
            page = generate(tool, host, staged, out, config)
            memory.add(history.read_bytes(), own)
    return page


def is_separate(page: Path) -> bool:
    """Whether a report lies in many files, so that it needs a server to be read."""
    return (page.parent / "widgets").is_dir()


def _home(root: Path) -> Path:
    home = root / REPORTS
    home.mkdir(parents=True, exist_ok=True)
    return home


def _chapter(run: Path) -> Chapter:
    plan, sealed, record = load_run(run)
    if record is None or not (run / "allure-results").is_dir():
        raise AskedWrongly(f"run {plan.run} was never closed: there is nothing to draw", hint="run the tier again")
    return Chapter(plan=plan, record=record, verdict=judge(plan, record, sealed))


def _stage(staged: Path, chosen: Iterable[tuple[Path, Chapter]], account: Account, language: str) -> int:
    """Lay out the results of all runs, told in the language, with the first page; gives how many there are."""
    staged.mkdir()
    count = 0
    for run, chapter in chosen:
        retold = Retold(chapter, language)
        for file in (run / "allure-results").iterdir():
            if file.name in _NOT_TAKEN or (staged / file.name).exists():
                continue
            if file.name.endswith("-result.json"):
                count += 1
                _retell(retold, file, staged / file.name)
            else:
                _link(file, staged / file.name)
    for name, body in front_files(account, language).written.items():
        (staged / name).write_bytes(body)
    return count


def _retell(retold: Retold, file: Path, target: Path) -> None:
    """A result that can't be read is handed on as it is: the report tool's count will tell of it."""
    body = file.read_bytes()
    try:
        result = json.loads(body)
    except ValueError:
        result = None
    if isinstance(result, dict):
        body = json.dumps(retold.result(result), ensure_ascii=False).encode("utf-8", "backslashreplace")
    target.write_bytes(body)


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def _account(root: Path, chapters: tuple[Chapter, ...]) -> Account:
    signed, untrusted = _signed(root, chapters)
    return Account(chapters=chapters, accepted=signed, untrusted=untrusted)


def _signed(root: Path, chapters: tuple[Chapter, ...]) -> tuple[tuple[Accepted, ...], str]:
    """(how each criterion stands, why the sign-offs can't be believed); the report stands without a policy, too."""
    release = next((one.plan.release for one in chapters if one.plan.release), None)
    if release is None or not (root / POLICY_FILE).is_file():
        return (), ""
    try:
        policy = policy_of(root, {})
        criteria = criteria_of(root, {})
        signed, trouble = bundle_from(default_bundle(root, release.name), policy, named=False)
        bundle = signed.bundle if signed else None
    except HarnessError as error:
        return (), error.problems[0].message
    return accepted(policy, criteria, bundle, release.name, release.nonce), trouble


def _newest(root: Path, release: str, nonce: str) -> tuple[Path, ...]:
    """The newest closed run of each tier; where that is a shard, all shards of the same whole, each once."""
    by_tier: defaultdict[str, list[tuple[int, Path, Plan]]] = defaultdict(list)
    for path in runs(root):
        try:
            plan, _, record = load_run(path)
        except HarnessError:
            continue  # the gate tells of it; a report shows what can be shown
        named = plan.release
        if record is not None and named is not None and (named.name, named.nonce) == (release, nonce):
            by_tier[plan.tier].append((record.started_ms, path, plan))
    newest = sorted(
        (sorted(found, key=lambda one: one[:2]) for found in by_tier.values()), key=lambda found: found[-1][:2]
    )
    return tuple(path for found in newest for path in _together([(where, plan) for _, where, plan in found]))


def _together(found: list[tuple[Path, Plan]]) -> list[Path]:
    path, last = found[-1]
    if last.shard is None:
        return [path]
    shards = {one.shard.index: where for where, one in found if one.shard and one.shard.whole == last.shard.whole}
    return [shards[index] for index in sorted(shards)]
