"""Whether the system does what the business asked for: pytest and Playwright demonstrate, we read their journal.

A criterion passes only if its script ran to its end in a session that wrote it down, nothing
went wrong in any phase, at least one expectation was evaluated and held, and the evidence that
the criterion requires is there. Exit statuses of pytest decide nothing: they don't separate causes.
"""

import json
import shlex
from pathlib import PurePosixPath

from harness.model.criteria import Criterion
from harness.model.evidence import Code, Evidence, Observation, Observations, Outcome, Reason
from harness.model.plan import Check, Job, Promise, UatWork
from harness.model.process import Command, Ended, Surroundings
from harness.runners.uat_attempts import Attempts, observed
from harness.runners.uat_journal import SessionSeen, read_session
from harness.runners.uat_journeys import routes_of

_EXPECT_MS = 15_000
_ACTION_MS = 20_000
_LONGEST_TEST_S = 90.0
_SHARE_FOR_ONE_TEST = 0.6
_SAID_LINES = 3


def command(job: Job, around: Surroundings) -> Command:
    """pytest on the UAT folder with the kit's session; settings and credentials in a private file."""
    work = _work(job)
    folder = str(PurePosixPath(around.root) / work.folder)
    return Command(
        argv=(
            *(around.python, "-m", "pytest", folder, "-c", "{scratch}/pytest.ini"),
            *("--rootdir", around.root, "--confcutdir", around.root, "--import-mode=importlib"),
            *("-p", "no:cacheprovider", "-p", "no:locust", "-p", "no:schemathesis", "-p", "no:harness_uat"),
            *("-p", "no:hypothesispytest"),  # it would import all of Hypothesis: more than half of a session's start
            *("-p", "harness.kit.uat.session", "--continue-on-collection-errors", "--color=no", "-q"),
            *("--browser", "chromium", "--output", "{scratch}/pw", "--alluredir", "{scratch}/allure"),
            *("--junitxml", "{scratch}/junit.xml"),
        ),
        env={
            **around.environment,
            **({"NODE_EXTRA_CA_CERTS": around.proxy.ca_file} if around.proxy is not None else {}),
            "HARNESS_UAT": "{scratch}/uat-settings.json",
            "HARNESS_UAT_OUT": "{scratch}/uat",
            "PYTHONDONTWRITEBYTECODE": "1",  # what is compiled already is used, and nothing is left in the workspace
            "PYTHONUTF8": "1",
        },
        files={"uat-settings.json": _settings(job, work, around, folder), "pytest.ini": _ini(folder)},
        collect=("uat/**/*", "allure/*", "junit.xml"),
        deadline_s=job.deadline_s,
        progress="uat/progress.txt",
    )


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """One observation for each attempt at each planned check; what was never attempted is broken, with the cause."""
    work = _work(job)
    session = read_session(ended.files)
    criteria = {criterion.id: criterion for criterion in work.criteria}
    routes = routes_of(around.documents)
    observations: list[Observation] = []
    for check in job.checks:
        test, criterion = _demonstration(check, criteria, work)
        attempts = Attempts.of(test, session)
        if attempts:
            observations += [observed(check.id, turn, criterion, around, ended, routes) for turn in attempts]
        else:
            reason = _never_attempted(test, session, job, ended)
            observations.append(Observation(check=check.id, outcome=Outcome.BROKEN, reasons=(reason,)))
    return Observations(
        observations=tuple(observations),
        notes=_notes(session, ended),
        results=_allure_results(ended),
    )


def _work(job: Job) -> UatWork:
    assert isinstance(job.work, UatWork)
    return job.work


def _demonstration(check: Check, criteria: dict[str, Criterion], work: UatWork) -> tuple[str, Criterion | None]:
    """The test that a check stands for, and its criterion where it has one."""
    name = check.id.partition("/")[2]
    if check.promise is Promise.CRITERION and name in criteria:
        criterion = criteria[name]
        return criterion.demonstration or "", criterion
    found = (script for script in work.scripts if script.partition("::")[2].replace("::", ".") == name)
    return next(found, check.title), None


def _settings(job: Job, work: UatWork, around: Surroundings, folder: str) -> bytes:
    demonstrations = (criterion.demonstration for criterion in work.criteria)
    document = {
        "kind": "harness/uat-settings",
        "version": 1,
        "run": around.run,
        "tier": around.tier,
        "folder": folder,
        "wanted": sorted({*(one for one in demonstrations if one), *work.scripts}),
        "systems": {
            name: {"base-url": target.base_url, "page-url": target.page_url, "headers": dict(target.headers)}
            for name, target in around.targets.items()
        },
        "mocks": dict(around.mock_urls),
        "languages": list(around.languages),
        "browser": around.browser,
        "proxy": {"url": around.proxy.url, "spki": around.proxy.spki} if around.proxy is not None else None,
        "no-sandbox": around.no_sandbox,
        "expect-ms": _EXPECT_MS,
        "action-ms": _ACTION_MS,
        "test-s": min(_LONGEST_TEST_S, job.deadline_s * _SHARE_FOR_ONE_TEST),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _ini(folder: str) -> bytes:
    """Our own pytest configuration: the workspace's might filter, mark or add options to other ends."""
    return (
        "[pytest]\n"
        "enable_assertion_pass_hook = true\n"
        "python_files = *.py\n"
        f"pythonpath = {shlex.quote(folder)}\n"
        "norecursedirs = .* __pycache__\n"
    ).encode()


def _never_attempted(test: str, session: SessionSeen, job: Job, ended: Ended) -> Reason:
    file = test.partition("::")[0]
    for where, why in session.not_collected:
        if where in {file, ""}:
            return Reason.of(Code.SCRIPT_BROKE, message=why, place=f"uat/{where or file}")
    if ended.cannot_start is not None:
        how = "install it with `harness doctor --fix`"
        return Reason.of(Code.ENGINE_MISSING, what=f"pytest ({ended.cannot_start})", how=how)
    if ended.interrupted:
        return Reason.of(Code.INTERRUPTED)
    if ended.timed_out:
        return Reason.of(Code.ENGINE_TIMED_OUT, engine="pytest", deadline=f"{job.deadline_s:g}")
    if session.closed and test not in {node.partition("[")[0] for node in session.nodes} | set(session.nodes):
        return Reason.of(Code.NO_DEMONSTRATION, demonstration=test)
    status = ended.killed_by or f"status {ended.exit_status}"
    if not session.started:
        said = _said(ended)
        return Reason.of(Code.ENGINE_CRASHED, engine="pytest", status=status, said=said, job=job.id)
    said = ": the session ended before this script's turn"
    return Reason.of(Code.ENGINE_CRASHED, engine="pytest", status=status, said=said, job=job.id)


def _said(ended: Ended) -> str:
    lines = (ended.stderr or ended.stdout).decode("utf-8", "replace").strip().splitlines()
    return ": " + " ".join(line.strip() for line in lines[-_SAID_LINES:]) if lines else ""


def _notes(session: SessionSeen, ended: Ended) -> tuple[str, ...]:
    notes: list[str] = []
    for attempt in session.attempts:
        notes += [f"{attempt.node}: {text}" for text in attempt.notes]
        notes += [f"{attempt.node} left behind: {what}" for what in attempt.left_behind]
        blocked = {r["url"] for r in attempt.requests if "ERR_NAME_NOT_RESOLVED" in str(r.get("why"))}
        notes += [f"{attempt.node}: kept from {url}: not a host of this tier" for url in sorted(blocked)]
    if session.started and not session.closed and not ended.timed_out and not ended.interrupted:
        notes.append("the session ended in the middle of a script and was never closed")
    return tuple(notes)


def _allure_results(ended: Ended) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            name=PurePosixPath(name).name,
            media_type="application/json" if name.endswith(".json") else "application/octet-stream",
            body=body,
        )
        for name, body in sorted(ended.files.items())
        if name.startswith("allure/")
    )
