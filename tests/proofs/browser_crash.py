"""Proof: whatever a page or a browser does, that demonstration is not passed, the next one runs, and nothing is left.

    browser_crash.py            five of each kind of page that never rests, 50 browsers killed at random moments
    browser_crash.py --scaled   a page that takes all memory, a browser killed, two of the controls
    browser_crash.py --only memory,kill --fresh
    browser_crash.py --for 200  begins nothing more after 200 s: what is left is done by the next start

Kinds: a page that crashes, one that takes 8 GB, one that loops for ever, one that alerts for ever, one that floods
downloads, and `kill -9` of the browser. Controls: a page that does no harm must pass under the same checks, a browser
left behind on purpose must be noticed, and where nobody minds that the browser died the row must not be good.
Rows already proved for this very tree are kept in .harness/proofs/.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from harness.adapters.marks import marked  # noqa: E402
from harness.model.evidence import Outcome  # noqa: E402
from tests.live.uat.conftest import Stand, _Pages  # noqa: E402

START = "from harness.kit.uat import *\n"
BODY = """
def test_restless(page):
    page.goto("/")
    with step("Trouble"):
        {trouble}
        expect(page.locator("h1")).to_have_text("Lamps", timeout=5000)
        {after}

def test_next(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
KINDS = {
    "crash": "page.goto('chrome://crash')",
    "memory": "page.evaluate('() => { window.kept = []; for (let n = 0; n < 8192; n++)"
    " window.kept.push(Array(131072).fill(n + 0.5)); }')",
    "loop": "page.evaluate('setTimeout(() => { while (true); }, 0)')",
    "alerts": "page.evaluate('setTimeout(() => { while (true) alert(1); }, 0)');"
    " page.get_by_text('x').click(timeout=99)",
    "downloads": "page.evaluate('setTimeout(() => { for (let n = 0; n < 500; n++) { const one ="
    ' document.createElement("a"); one.href = "data:application/octet-stream,x"; one.download = "f" + n;'
    " one.click(); } }, 0)'); page.get_by_text('never').click(timeout=100)",
    "kill": "page.wait_for_timeout(3000)",
    "control: harmless": "page.title()",
    "control: left behind": "page.title()",
    "control: nobody minds": "page.wait_for_timeout(3000)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one job came to."""

    kind: str
    number: int
    restless: str
    after: str
    timed_out: bool
    left: int
    trace: bool
    seconds: float

    @property
    def good(self) -> bool:
        """Controls are good when they come out the other way."""
        calm = self.after == Outcome.PASSED and not self.timed_out
        match self.kind:
            case "control: harmless":
                return calm and self.restless == Outcome.PASSED and self.left == 0
            case "control: left behind":
                return self.left == 1 and not replace(self, kind="crash").good
            case "control: nobody minds":
                return self.restless == Outcome.PASSED and not replace(self, kind="kill").good
            case _:
                return calm and self.restless in {Outcome.FAILED, Outcome.BROKEN} and self.left == 0


def carried_out(kind: str, number: int, url: str) -> Row:
    """One job of two demonstrations; the browser is killed from outside where that is the trouble."""
    dice = random.Random(f"browser-crash/{kind}/{number}")
    with tempfile.TemporaryDirectory(prefix="proof-crash-", ignore_cleanup_errors=True) as name:
        stand = Stand(Path(name), url)
        stand.deadline_s = 150
        decoy = None
        if kind == "control: left behind":
            decoy = subprocess.Popen(["sleep", "600"], cwd=stand.scratch)
        done = threading.Event()
        if kind in {"kill", "control: nobody minds"}:
            after = dice.uniform(0.0, 2.5)
            threading.Thread(target=_kill_browser, args=(stand, after, done), daemon=True).start()
        body = BODY.format(trouble=KINDS[kind], after="pass")
        if kind == "control: nobody minds":
            body = _mindless(body)
        began = time.monotonic()
        seen, following = stand.demonstrate(START + body, "test_restless", "test_next")
        done.set()
        left = _left(stand)
        if decoy is not None:
            decoy.kill()
            decoy.wait()
        return Row(
            kind=kind,
            number=number,
            restless=seen.outcome.value,
            after=following.outcome.value,
            timed_out=stand.ended.timed_out,
            left=left,
            trace=any(one.name.startswith("trace") for one in seen.evidence),
            seconds=time.monotonic() - began,
        )


def _mindless(body: str) -> str:
    """The same script by an author who swallows everything and then claims success."""
    return body.replace(
        '    with step("Trouble"):\n',
        '    check(True, "claimed")\n    return\n    with step("Trouble"):\n',
    )


def _kill_browser(stand: Stand, after_s: float, done: threading.Event) -> None:
    """Wait until the first page is there, then a little, then kill every process of the browser."""
    while not done.is_set():
        browsers = _browsers(stand)
        if len(browsers) >= 4:
            break
        time.sleep(0.02)
    time.sleep(after_s)
    for one in browsers if not done.is_set() else ():
        try:
            one.kill()
        except psutil.Error:
            continue


def _browsers(stand: Stand) -> list[psutil.Process]:
    found = []
    for pid in marked(f"{stand.run}/"):
        try:
            process = psutil.Process(pid)
            if "chrom" in process.name():
                found.append(process)
        except psutil.Error:
            continue
    return found


def _left(stand: Stand) -> int:
    """Processes that still work in the stand's folder or carry its mark."""
    left = set(marked(f"{stand.run}/"))
    for process in psutil.process_iter(["pid"]):
        try:
            if Path(process.cwd()).is_relative_to(stand.scratch):
                left.add(process.pid)
        except (psutil.Error, OSError):
            continue
    return len(left)


def asked_for(*, scaled: bool, only: str) -> list[tuple[str, int]]:
    """What is to be carried out; controls always."""
    counts = {"memory": 1, "kill": 1} if scaled else dict.fromkeys(KINDS, 5) | {"kill": 50}
    if only:
        counts = {kind: counts.get(kind, 5) for kind in only.split(",")}
    rows = [
        (kind, number) for kind, count in counts.items() if not kind.startswith("control") for number in range(count)
    ]
    controls = [kind for kind in KINDS if kind.startswith("control") and not (scaled and kind.endswith("harmless"))]
    return [*((kind, 0) for kind in controls), *rows]


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool) -> None:
        whole = hashlib.sha256(Path(__file__).read_bytes())
        for pattern in ("kit/uat/*.py", "runners/uat*.py", "adapters/processes.py", "adapters/marks.py"):
            for file in sorted((ROOT / "harness").glob(pattern)):
                whole.update(file.read_bytes())
        self.path = ROOT / ".harness" / "proofs" / f"browser-crash-{whole.hexdigest()[:16]}.json"
        usable = self.path.exists() and not fresh and not os.environ.get("CI")
        self.rows: dict[str, dict] = json.loads(self.path.read_text()) if usable else {}

    def row(self, kind: str, number: int, url: str) -> Row:
        """The row from an earlier start of this proof, else a new one."""
        key = f"{kind}/{number}"
        if key in self.rows:
            return Row(**self.rows[key])
        row = carried_out(kind, number, url)
        if row.good:
            self.rows[key] = asdict(row)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.rows))
        return row


def main() -> int:
    """Print each row and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    asked = asked_for(scaled=args.scaled, only=args.only)
    kept, rows = Kept(fresh=args.fresh), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"N = {len(asked)} jobs, of them {sum(kind.startswith('control') for kind, _ in asked)} controls", flush=True)
    for kind, number in asked:
        if time.monotonic() > end:
            break
        row = kept.row(kind, number, f"http://127.0.0.1:{server.server_port}")
        rows.append(row)
        told = f"{row.restless:<7} next {row.after:<7} left {row.left} {'trace' if row.trace else '     '}"
        print(f"{'ok ' if row.good else 'NOT'} {kind:<24} {number:>2}   {told}  {row.seconds:5.1f} s", flush=True)
    server.shutdown()
    good = sum(row.good for row in rows)
    if len(rows) < len(asked):
        print(f"not complete: {len(asked) - len(rows)} of {len(asked)} are still to be run; start it again")
    print(f"{good} passed, {len(asked) - good} failed")
    return int(good < len(asked) or not rows)


if __name__ == "__main__":
    sys.exit(main())
