"""Proof: whatever scripts try, production receives only what its policy allows, and never more than its cap.

    production.py             50 short runs, and the controls
    production.py --scaled    one run of five kinds, and their controls
    production.py --for 200   no new run after 200 seconds; the next start goes on where this one ended

A recorder plays production and another plays everybody else; both write down all that arrives. Each run offers
contract, load and UAT jobs, with one hostile script among them. Control: the same scripts on a tier without limits,
where the recorder sees what they do. Resumable: runs that were good for this very tree are not carried out again.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.adapters.host import Host

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = Path(__file__).with_name("hostile")
CAP = 20
SAFE = {"GET", "HEAD"}
HEAD = "from harness.kit.uat import expect\n"
GOOD = HEAD + 'def test_shows(page):\n    page.goto("/clean")\n    expect(page).to_have_title("Shop")\n'
UAT = {
    "clicks-delete": (
        'def test_it(page):\n    page.goto("/page")\n    page.get_by_role("button").click()\n'
        "    page.wait_for_timeout(500)\n"
    ),
    "shows-a-pixel": 'def test_it(page):\n    page.goto("/pixel")\n    page.wait_for_timeout(500)\n',
    "posts-a-form": 'def test_it(page):\n    page.goto("/hop")\n    page.wait_for_timeout(500)\n',
    "asks-the-api": 'def test_it(api):\n    assert api.delete("/orders/1").ok\n',
    "asks-by-context": (
        "def test_it(page, playwright):\n"
        '    page.request.post("/orders", data={"a": 1})\n'
        '    playwright.request.new_context().delete("BASE/orders/2")\n'
    ),
    "is-led-away": 'def test_it(page):\n    page.goto("/away")\n',
    "goes-elsewhere": 'def test_it(page, playwright):\n    playwright.request.new_context().get("ELSEWHERE/taken")\n',
    "opens-a-socket": (
        "import socket\ndef test_it(page):\n"
        '    for port in (PORT, OTHER):\n        one = socket.create_connection(("127.0.0.1", port), 3)\n'
        '        one.sendall(b"DELETE /orders/3 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")\n        one.recv(100)\n'
    ),
    "starts-a-process": (
        "import subprocess, sys\ndef test_it(page):\n"
        '    code = "import urllib.request as u; u.urlopen(u.Request(%r, method=%r), timeout=3)"\n'
        '    for url in ("BASE/orders/4", "ELSEWHERE/x"):\n'
        '        subprocess.run([sys.executable, "-c", code % (url, "DELETE")], check=False)\n    assert True\n'
    ),
    "serves-tricks": 'def test_it(page):\n    page.goto("/tricks")\n    page.wait_for_timeout(1500)\n',
    "plays-tricks": (
        "import contextlib, os, socket, urllib.request as u\ndef test_it(page):\n"
        '    for name in [n for n in os.environ if n.lower().endswith("_proxy")]:\n        del os.environ[name]\n'
        '    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"\n'
        "    direct = u.build_opener(u.ProxyHandler({}))\n"
        '    for url in ("BASE/orders/5", "ELSEWHERE/a", "http://127.0.0.1:PORT@127.0.0.1:OTHER/b"):\n'
        '        with contextlib.suppress(Exception):\n            direct.open(u.Request(url, method="PUT"), None, 2)\n'
        '    for place in (("::1", OTHER), ("::ffff:127.0.0.1", OTHER), ("0.0.0.0", OTHER), ("127.1.2.3", OTHER)):\n'
        "        with contextlib.suppress(OSError):\n            socket.create_connection(place, 2).close()\n"
        '    for url in ("http://127.0.0.1:PORT@127.0.0.1:OTHER/c", "http://localhost:OTHER/d", "http://[::1]:OTHER/e"):\n'
        "        with contextlib.suppress(Exception):\n            page.goto(url)\n"
        "    with contextlib.suppress(Exception):\n"
        '        page.request.get("/orders", headers={"X-HTTP-Method-Override": "DELETE"})\n'
        '    page.request.fetch("/orders/7", method="DELETE")\n'
    ),
}
LOAD = {
    "load-posts": 'self.client.post("/orders", json={"a": 1})',
    "load-posts-by-itself": (
        "import http.client; c = http.client.HTTPConnection(self.host.partition('//')[2], timeout=3); "
        'c.request("POST", "/orders", b"x"); c.getresponse().read()'
    ),
    "load-floods": "[self.client.get('/orders') for _ in range(30)]",
}
CRITERION = """[[criteria]]
id = "{0}"
title = {{ en = "{0}", zh = "{0}" }}
statement = {{ en = "It is shown.", zh = "显示。" }}
priority = "must"
phase = 1
owner = "desk"
demonstration = "{1}"
tiers = ["prod", "open"]

"""
KINDS = (*UAT, *LOAD)
SOME = ("clicks-delete", "serves-tricks", "plays-tricks", "load-posts-by-itself", "load-floods")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What arrived in one run; `elsewhere` counts whoever as much as connected there."""

    kind: str
    number: int
    decision: str
    arrived: int
    unsafe: int
    elsewhere: int
    most_in_a_second: int
    unmarked: int
    reason: str
    seconds: float
    control: bool = False

    @property
    def good(self) -> bool:
        """Nothing unsafe, nobody else, never above the cap, all marked; a control shows that it would be seen."""
        if self.control:
            return bool(self.unsafe or self.elsewhere or self.most_in_a_second > CAP)
        clean = not (self.unsafe or self.elsewhere or self.unmarked) and self.most_in_a_second <= CAP
        return clean and self.arrived > 0 and self.decision in {"undecided", "fail", "pass"}


class Recorder:
    """A recorder's process, its address, and what it wrote down since it was last asked."""

    def __init__(self, folder: Path, name: str, elsewhere: str) -> None:
        self.log = folder / f"{name}.ndjson"
        port_file = folder / f"{name}.port"
        self.log.touch()
        argv = [sys.executable, str(HOSTILE / "recorder.py"), str(port_file), str(self.log), elsewhere]
        self.process = subprocess.Popen(argv)
        while not port_file.exists():
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self._read = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def new(self) -> list[dict[str, object]]:
        """What arrived meanwhile."""
        lines = self.log.read_text().splitlines()
        found, self._read = lines[self._read :], len(lines)
        return [json.loads(line) for line in found]


def workspace(folder: Path, kind: str, tier: str, production: Recorder, other: Recorder) -> Path:
    """A workspace with one hostile script and one tier: guarded, or open for the control."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("environments", "contracts", "uat", "load"):
        (folder / name).mkdir(parents=True)
    shutil.copy(HOSTILE / "contract.yaml", folder / "contracts" / "shop.openapi.yaml")
    places = {"BASE": production.url, "ELSEWHERE": other.url, "PORT": str(production.port), "OTHER": str(other.port)}
    hostile = UAT.get(kind, "")
    for place, value in places.items():
        hostile = hostile.replace(place, value)
    file = f"test_{kind.replace('-', '_')}.py"
    (folder / "uat" / "test_good.py").write_text(GOOD)
    shown = {"GOOD-1": "test_good.py::test_shows"}
    if hostile:
        (folder / "uat" / file).write_text(hostile)
        shown["BAD-1"] = f"{file}::test_it"
    (folder / "uat" / "criteria.toml").write_text("".join(CRITERION.format(*one) for one in shown.items()))
    task = LOAD.get(kind, 'self.client.get("/orders")')
    users = "from locust import task\nfrom harness.kit.load import ApiUser\nclass Users(ApiUser):\n    @task\n"
    (folder / "load" / "users.py").write_text(f"{users}    def one(self):\n        {task}\n")
    (folder / "load" / "shop.toml").write_text(
        'users = "users.py:Users"\n'
        'abort = ["errors > 99 % for 10 s"]\n'
        '[profiles.short]\narrivals = "10 /s for 5 s"\n[limits]\nall = ["errors < 1 %"]\n'
        f'[tiers]\n{tier} = "short"\n'
    )
    system = f'[systems.shop]\nbase-url = "{production.url}"\ncontract = "../contracts/shop.openapi.yaml"\n'
    system += 'health = "GET /health"\n'
    policy = '[policy]\nsuites = ["contract", "load", "uat"]\nmocks = "allowed"\ncontract-deadline = "20 s"\n'
    limits = f'methods = ["GET", "HEAD"]\nrate = "{CAP} /s"\nconcurrency = 8\nconfirm = true\n'
    limits += f'windows = ["mon-sun 00:00-24:00 UTC"]\nwho-may-run = ["{Host().user}"]\n'
    limits += f'[policy.load]\nrate = "{CAP} /s"\nfor = "10 s"\n'
    text = f"order = 3\n{system}{policy}{limits if tier == 'prod' else ''}"
    (folder / "environments" / f"{tier}.toml").write_text(text)
    return folder


def carried_out(folder: Path, kind: str, number: int, recorders: tuple[Recorder, Recorder], *, control: bool) -> Row:
    """One run, and what arrived meanwhile."""
    tier = "open" if control else "prod"
    place = workspace(folder / "workspace", kind, tier, *recorders)
    for recorder in recorders:
        recorder.new()
    argv = [sys.executable, "-m", "harness", "run", tier, "--json", "--no-report", "--seed", str(number)]
    only = ["--only", f"uat:{kind.replace('-', '_')}"] if kind in UAT else ["--only", "load:shop"]
    argv += only if control else ["--confirm", tier]
    began = time.monotonic()
    ended = subprocess.run(argv, cwd=place, capture_output=True, env={**os.environ})
    try:
        verdict = json.loads(ended.stdout)
        decision = verdict["decision"]
        grounds = [one for one in (*verdict["failures"], *verdict["doubts"]) if one["code"] == "guard-refused"]
        reason = (grounds or verdict["failures"] or verdict["doubts"] or [{"sentence": ""}])[0]["sentence"]
    except (ValueError, KeyError):
        decision, reason = f"exit {ended.returncode}", ended.stderr.decode("utf-8", "replace")[-400:]
    arrived, elsewhere = [one for one in recorders[0].new() if "at" in one], recorders[1].new()
    times = sorted(float(str(one["at"])) for one in arrived)
    return Row(
        kind=kind,
        number=number,
        decision=decision,
        arrived=len(arrived),
        unsafe=sum(one["method"] not in SAFE for one in arrived),
        elsewhere=len(elsewhere),
        most_in_a_second=max((sum(t <= other < t + 1.0 for other in times) for t in times), default=0),
        unmarked=sum(not one["marked"] for one in arrived),
        reason=reason,
        seconds=time.monotonic() - began,
        control=control,
    )


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool) -> None:
        self.path = ROOT / ".harness" / "proofs" / f"production-{tree_digest()[:16]}.json"
        self.rows: dict[str, dict[str, object]] = {}
        if self.path.exists() and not fresh and not os.environ.get("CI"):
            self.rows = json.loads(self.path.read_text())

    def row(self, folder: Path, kind: str, number: int, recorders: tuple[Recorder, Recorder], *, control: bool) -> Row:
        """The row from an earlier start of this proof, else a new run."""
        key = f"{kind}/{number}/{control}"
        if key in self.rows:
            return Row(**self.rows[key])  # type: ignore[arg-type]
        row = carried_out(folder, kind, number, recorders, control=control)
        if row.good:
            self.rows[key] = asdict(row)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.rows))
        return row


def tree_digest() -> str:
    """Over every file that a row depends on."""
    whole = hashlib.sha256()
    for name in ("harness", "tests/proofs/hostile", "tests/proofs/production.py"):
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                whole.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()


def show(row: Row) -> None:
    """One line of the table."""
    name = f"{row.kind}{' (control: no limits)' if row.control else ''}"
    print(
        f"{'ok ' if row.good else 'NOT'} {name:<46} {row.decision:<10} arrived {row.arrived:>4}, "
        f"unsafe {row.unsafe}, elsewhere {row.elsewhere}, most in a second {row.most_in_a_second}, "
        f"unmarked {row.unmarked}  {row.seconds:.0f} s"
    )
    print(f"      {row.reason[:170]}", flush=True)


def main() -> int:
    """Print the table and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    wanted = args.only.split(",") if args.only else SOME if args.scaled else KINDS
    kinds = [kind for kind in KINDS if kind in wanted]
    runs = len(kinds) if args.scaled or args.only else 50
    print(f"N = {runs} runs of {len(kinds)} kinds, cap {CAP} /s, and {len(kinds)} controls", flush=True)
    kept, rows = Kept(fresh=args.fresh), []
    with tempfile.TemporaryDirectory(prefix="proof-production-") as name:
        folder = Path(name)
        other = Recorder(folder, "elsewhere", "http://127.0.0.1:9")
        recorders = (Recorder(folder, "production", other.url), other)
        try:
            asked = [(kinds[number % len(kinds)], number, False) for number in range(runs)]
            asked += [(kind, 0, True) for kind in kinds]
            for kind, number, control in asked:
                if time.monotonic() > end:
                    break
                rows.append(kept.row(folder, kind, number, recorders, control=control))
                show(rows[-1])
        finally:
            for recorder in recorders:
                recorder.process.terminate()
                recorder.process.wait()
    guarded = [row for row in rows if not row.control]
    good = sum(row.good for row in rows)
    total = {name: sum(getattr(row, name) for row in guarded) for name in ("arrived", "unsafe", "elsewhere")}
    most = max((row.most_in_a_second for row in guarded), default=0)
    print(f"\n{len(guarded)} runs, {total['arrived']} requests: {total['unsafe']} unsafe, ", end="")
    print(f"{total['elsewhere']} to others, at most {most} in a second, the cap is {CAP}")
    if len(rows) < len(asked):
        print(f"not complete: {len(asked) - len(rows)} of {len(asked)} are still to be run; start it again")
    print(f"{good} passed, {len(asked) - good} failed")
    return int(good < len(asked) or not rows)


if __name__ == "__main__":
    sys.exit(main())
