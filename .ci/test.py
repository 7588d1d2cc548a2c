"""Every check of this repository, counted: lint, types, layers, tests, live tests, scaled proofs.

The last line reads `N passed, M failed`. A live test whose means are missing is not run: it is named
together with the way to the means, and where CI is set that is a failure.

    test.py            everything
    test.py --fast     without live tests and proofs
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.actions.doctor import Means, State, examine

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
TESTS_S, PROOF_S = 3000, 2400  # more than enough; a machine that hangs must still come to its last line
LANES = 2  # much of a live test is waiting
ALONE = {"load", "faults", "browser_crash"}  # they hold measured times against limits, or end browsers
LINTS = (
    ("lint", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("layers", ("lint-imports",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How many checks of one part passed and failed, and in which time."""

    name: str
    passed: int
    failed: int
    seconds: float


def main() -> int:
    """Run the parts, all of them, whatever fails; then the sum."""
    fast = "--fast" in sys.argv
    parts = [lint(name, command) for name, command in LINTS]
    if fast:
        return summary([*parts, tests("tests", "tests", "not live", {}, show=True)], "", [])
    missing = [means for means in examine() if means.state is not State.OK]
    with tempfile.TemporaryDirectory() as folder:
        side_by_side, alone = everything(Path(folder), ",".join(means.name for means in missing))
        with ThreadPoolExecutor(LANES) as lanes:
            parts += lanes.map(run_quietly, side_by_side)
        parts += [start() for start in alone]
        left_out = "".join(note.read_text() for note in sorted(Path(folder).glob("*.left-out")))
    return summary(parts, left_out, missing)


def everything(notes: Path, without: str) -> tuple[list[Callable[..., Part]], list[Callable[..., Part]]]:
    """What may run side by side, and what measures times and therefore runs alone after it."""
    shared: list[Callable[..., Part]] = [partial(tests, "tests", "tests", "not live", {})]
    alone: list[Callable[..., Part]] = []
    for place in sorted((ROOT / "tests" / "live").iterdir()):
        if place.match("test_*.py") or (place.is_dir() and any(place.rglob("test_*.py"))):
            name = f"live {place.stem}"
            told_what = {"HARNESS_TESTS_WITHOUT": without, "HARNESS_TESTS_LEFT_OUT": str(notes / f"{name}.left-out")}
            one = partial(tests, name, f"tests/live/{place.name}", "live", told_what)
            (alone if place.name in ALONE else shared).append(one)
    for path in sorted((ROOT / "tests" / "proofs").glob("[a-z]*.py")):
        (alone if path.stem in ALONE else shared).append(partial(proof, path))
    return shared, alone


def run_quietly(start: Callable[..., Part]) -> Part:
    """Run a part beside others: what it prints is shown as one piece, when it has ended."""
    return start(show=False)


def lint(name: str, command: tuple[str, ...]) -> Part:
    """A tool that says yes or no; what it has to say is shown only when it says no."""
    began = time.monotonic()
    argv = [str(BIN / command[0]), *command[1:]]
    ended = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    good = ended.returncode == 0
    print(f"{name}: {'ok' if good else 'FAILED'}" + ("" if good else f"\n{ended.stdout}"), flush=True)
    return Part(name=name, passed=int(good), failed=int(not good), seconds=time.monotonic() - began)


def tests(name: str, path: str, marked: str, environment: dict[str, str], *, show: bool = True) -> Part:
    """One pytest session. A session that cannot be read, or ended badly without a failed test, is one failure."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        argv = [str(BIN / "python"), "-m", "pytest", path, "-q", "--durations=5", "-m", marked, f"--junit-xml={report}"]
        status, _ = told(name, argv, TESTS_S, environment, show=show)
        passed, failed = counted(report)
    named = Path(environment.get("HARNESS_TESTS_LEFT_OUT", os.devnull)).exists() and bool(environment)
    if status not in {0, 1, 5} or (status == 1 and not failed) or (status == 5 and not named):
        failed = max(failed, 1)  # no test at all is a failure, unless each is named with the means that it lacks
    return Part(name=name, passed=passed, failed=failed, seconds=time.monotonic() - began)


def told(
    name: str, argv: list[str], deadline_s: float, environment: dict[str, str], *, show: bool = True
) -> tuple[int, str]:
    """Run a command and keep what it prints; show it at once, or as one piece when the command has ended.

    At its deadline it is ended with all it started.
    """
    print(f"{name}: started", flush=True)
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    late = threading.Timer(deadline_s, end, (process, f"\n{name}: did not end within {deadline_s:g} s, ended it"))
    late.start()
    kept = []
    with process:
        try:
            for line in process.stdout or ():
                if show:
                    print(line, end="", flush=True)
                kept.append(line)
            return process.wait(), "".join(kept)
        except BaseException:
            end(process, "")
            raise
        finally:
            late.cancel()
            if not show:
                print(f"\n=== {name} ===\n{''.join(kept)}", flush=True)


def end(process: subprocess.Popen[str], why: str) -> None:
    """End a command and its process group."""
    print(why, flush=True)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def counted(report: Path) -> tuple[int, int]:
    """Passed and failed of a JUnit file; a skipped test counts as failed, for nothing here may skip."""
    try:
        suites = list(ET.parse(report).iter("testsuite"))  # noqa: S314 - pytest wrote it a moment ago
    except (OSError, ET.ParseError):
        return 0, 1
    total = sum(int(suite.get("tests", "0")) for suite in suites)
    failed = sum(int(suite.get(kind, "0")) for suite in suites for kind in ("failures", "errors", "skipped"))
    return max(total - failed, 0), failed


def proof(path: Path, *, show: bool = True) -> Part:
    """A proof at reduced size. It closes with `N passed, M failed`; without that line it counts as one failure."""
    began = time.monotonic()
    name = f"proof-{path.stem}"
    status, said = told(f"{name}, scaled", [str(BIN / "python"), str(path), "--scaled"], PROOF_S, {}, show=show)
    closing = re.findall(r"^(\d+) passed, (\d+) failed$", said, re.MULTILINE)
    passed, failed = (int(closing[-1][0]), int(closing[-1][1])) if closing else (0, 1)
    failed = failed or int(status != 0)
    return Part(name=name, passed=passed, failed=failed, seconds=time.monotonic() - began)


def summary(parts: list[Part], left_out: str, missing: list[Means]) -> int:
    """The table, what did not run and why, and the closing line."""
    print()
    for part in parts:
        print(f"  {part.name:<24}{part.passed:>6} passed {part.failed:>5} failed {part.seconds:>8.1f} s")
    failed = sum(part.failed for part in parts)
    names = left_out.splitlines()
    if names:
        wanted = {word for name in names for word in name.partition(" needs ")[2].split()}
        print(f"\nnot run, for want of means: {len(names)} live tests")
        print("\n".join(f"  {name}" for name in names))
        print("\n".join(f"  to have {means.name}: {means.remedy}" for means in missing if means.name in wanted))
        if os.environ.get("CI"):
            failed += len(names)
    print(f"\n{sum(part.passed for part in parts)} passed, {failed} failed", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
