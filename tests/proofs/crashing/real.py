"""`harness run` itself, on a small workspace, killed at a moment of its own; and what it had said by then.

Three load jobs on a shop of two operations: every part of a run takes place (a system that is started, engines, their
output redacted and kept, the record closed), in a few seconds. What a person reads in the terminal is acknowledged:
`load:shelf   2 passed in 1.0 s` means that these checks, and the end of that job, are on disk.
"""

import contextlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "tests" / "live" / "failures" / "specimen"
JOBS = ("shelf", "window", "counter")
_ENDED = re.compile(r"^(load:\w+)   (\d+ \w+(?:, \d+ \w+)*) in [\d.]+ s$", re.MULTILINE)
_LONG_S = 120.0


def workspace(folder: Path) -> None:
    """The shop, with as many loads as there are jobs, each of a second."""
    for part in ("contracts", "environments", "load"):
        shutil.copytree(SHOP / part, folder / part)
    shutil.copy(SHOP / "server.py", folder)
    tier = folder / "environments" / "test.toml"
    tier.write_text(tier.read_text().replace('["contract"]', '["load"]'))
    profile = (folder / "load" / "browse.toml").read_text().replace("5 /s for 3 s", "10 /s for 1 s")
    (folder / "load" / "browse.toml").unlink()
    for job in JOBS:
        (folder / "load" / f"{job}.toml").write_text(profile)


def killed(folder: Path, number: int) -> tuple[dict[str, int], bool, str]:
    """(what it said of each job that ended: its checks, whether it ended by itself, where it stood when it was killed).

    A third of the kills come anywhere, a third when events come in, a third when the record is about to be closed.
    """
    chance = random.Random(number)
    argv = [sys.executable, "-m", "harness", "run", "test", "--no-report"]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=said)
        moment = ("anywhere", "at its events", "at its end")[number % 3]
        _wait(process, folder, moment)
        time.sleep(chance.random() * {"anywhere": 6.0, "at its events": 2.0, "at its end": 0.25}[moment])
        by_itself = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
    lines = (folder / "said.txt").read_text()
    whole = lines[: lines.rfind("\n") + 1]  # half a line was never said
    told = {job: sum(int(n) for n in re.findall(r"\d+", counts)) for job, counts in _ENDED.findall(whole)}
    return told, by_itself, moment


def lost(folder: Path, told: dict[str, int]) -> str:
    """What it had said of a job and is not on disk; empty where all is there."""
    lines = [line for path in folder.glob(".harness/*/*/events.ndjson") for line in path.read_bytes().splitlines()]
    events = [json.loads(line) for line in lines if line.endswith(b"}")]
    for job, checks in told.items():
        seen = sum(one["event"] == "seen" and one["job"] == job for one in events)
        ended = any(one["event"] == "job-ended" and one["job"] == job for one in events)
        if seen < checks or not ended:
            return f"it said {checks} checks of {job} and kept {seen}" + ("" if ended else ", not its end")
    return ""


def _wait(process: "subprocess.Popen[bytes]", folder: Path, moment: str) -> None:
    """Until its plan is sealed, an event is there, or its last job has ended."""
    end = time.monotonic() + _LONG_S
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):  # it becomes a run just now: what is waited for is over
            for draft in (folder / ".harness/drafts").glob("*/plan.json"):
                events = draft.with_name("events.ndjson").read_bytes()
                ended = events.count(b'"event":"job-ended"')
                if {"anywhere": True, "at its events": bool(events), "at its end": ended == len(JOBS)}[moment]:
                    return
        time.sleep(0.005)
