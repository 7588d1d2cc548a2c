"""How fast and how true the load client is, beside its peers in the same round: ratios count, absolute figures do not.

    python tests/bench/load.py max    [--rounds 3] [--secs 5] [--users 32]
    python tests/bench/load.py rates  [--rates 500,1000,2000] [--secs 20]
    python tests/bench/load.py freeze [--rate 500] [--secs 20]

`max`: requests/s that the *server* counted, requests per CPU-second of the generator, and memory; ApiUser beside
FastHttpUser and HttpUser under Locust's own command, and ApiUser under our engine with all its figures.
`rates`: fixed arrivals, seen by the server: achieved share and evenness (0 even, 1 random).
`freeze`: the server freezes for 2 s; what we say beside an open-model reference.
The target runs on core 0, the generator on core 1.
"""

import argparse
import array
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from harness.formats.load_figures import read_figures
from harness.model.figures import Figures
from harness.rules.limits import measured
from harness.rules.saturation import late_ms

_TOLD = ("p50", "p95", "p99", "max")
HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Target:
    """The server, pinned to core 0."""

    def __init__(self, *freeze: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.notes = Path(tempfile.mkdtemp()) / "arrivals"
        argv = [sys.executable, str(HERE / "load_server.py"), str(self.port), str(self.notes), *map(str, freeze)]
        self.process = subprocess.Popen(["taskset", "-c", "0", *argv])
        self.url = f"http://127.0.0.1:{self.port}"
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)

    def count(self) -> int:
        noted = self.notes.with_suffix(".count")
        noted.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        while not noted.exists():
            time.sleep(0.002)
        return int(noted.read_text())

    def arrivals(self) -> list[float]:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        times = array.array("d")
        times.frombytes(self.notes.read_bytes())
        return sorted(times)


def by_locust(kind: str, target: Target, users: int, secs: float) -> subprocess.Popen[bytes]:
    argv = ["-m", "locust", "-f", str(HERE / "load_users.py"), "--headless", "--only-summary", "--host", target.url]
    argv += ["-u", str(users), "-r", str(users), "-t", f"{secs + 3:.0f}s", "--loglevel", "ERROR"]
    return started([sys.executable, *argv], KIND=kind)


def by_engine(
    target: Target, model: dict[str, object], *, warm_up_s: float = 0.0
) -> tuple[subprocess.Popen[bytes], Path]:
    scratch = Path(tempfile.mkdtemp())
    told = {"users_file": str(HERE / "load_users.py"), "users_class": "Bench", "base_url": target.url, "headers": {}}
    told |= {"model": model, "warm_up_s": 0.0, "watches": [], "bounds": {"methods": []}, "seed": 1}
    told |= {"figures": "figures.json", "progress": "progress.ndjson", "shown": "progress.txt", "limits": {}}
    (scratch / "settings.json").write_text(json.dumps(told))
    argv = [sys.executable, "-m", "harness.kit.load", str(scratch / "settings.json")]
    return started(argv, KIND="api"), scratch / "figures.json"


def started(argv: list[str], **env: str) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": str(ROOT), **env}
    return subprocess.Popen(["taskset", "-c", "1", *argv], env=env, cwd=ROOT, stdout=quiet, stderr=quiet)


def steady(process: subprocess.Popen[bytes], target: Target, secs: float) -> tuple[float, float, float]:
    """Requests/s, requests per CPU-second and peak MiB over `secs`, from half a second after the first requests."""
    while target.count() < 500 and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    generator = psutil.Process(process.pid)
    count, cpu, begun = target.count(), sum(generator.cpu_times()[:2]), time.perf_counter()
    time.sleep(secs)
    done, spent, wall = target.count() - count, sum(generator.cpu_times()[:2]) - cpu, time.perf_counter() - begun
    return done / wall, done / spent, generator.memory_info().rss / 2**20


def bench_max(rounds: int, secs: float, users: int) -> None:
    names = ("ApiUser", "ApiUser, our engine", "FastHttpUser", "HttpUser")
    seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            target = Target()
            if name == "ApiUser, our engine":
                process, _ = by_engine(target, {"users": users, "ramp_per_s": users, "for_s": secs + 3})
            else:
                kind = {"ApiUser": "api", "FastHttpUser": "fast", "HttpUser": "http"}[name]
                process = by_locust(kind, target, users, secs)
            seen[name].append(steady(process, target, secs))
            process.kill()
            process.wait()
            target.arrivals()
    print(f"{users} users, {rounds} rounds of {secs:.0f} s, counted by the server")
    print("| client | requests/s | × FastHttpUser | per CPU-second | × FastHttpUser | MiB |\n|---|---|---|---|---|---|")
    for name in names:
        rate, per_cpu, mib = (statistics.median(column) for column in zip(*seen[name], strict=True))
        fast = seen["FastHttpUser"]
        by_rate = statistics.median(ours[0] / peer[0] for ours, peer in zip(seen[name], fast, strict=True))
        by_cpu = statistics.median(ours[1] / peer[1] for ours, peer in zip(seen[name], fast, strict=True))
        print(f"| {name} | {rate:,.0f} | {by_rate:.1f} | {per_cpu:,.0f} | {by_cpu:.1f} | {mib:.0f} |")


def open_run(rate: float, secs: float, *freeze: float) -> tuple[Figures, list[float]]:
    target = Target(*freeze)
    process, figures = by_engine(target, {"stages": [{"rate_per_s": rate, "for_s": secs}]})
    process.wait()
    return read_figures(figures.read_bytes()), target.arrivals()


def bench_rates(rates: list[float], secs: float) -> None:
    head = ("asked /s", "achieved /s", "share", "gap CV", "p99 gap / ideal", "worst 10 ms / ideal")
    head += ("p50 ms", "p99 ms", "late p99 ms", "core")
    print(f"| {' | '.join(head)} |")
    print("|---" * len(head) + "|")
    for rate in rates:
        figures, times = open_run(rate, secs)
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        bins: dict[int, int] = {}
        for at in times:
            bins[int(at * 100)] = bins.get(int(at * 100), 0) + 1
        begun, ended = times[0] + 1, times[-1] - 1
        achieved = sum(begun <= at < ended for at in times) / (ended - begun)
        cv = statistics.pstdev(gaps) / statistics.mean(gaps)
        p99 = sorted(gaps)[int(0.99 * len(gaps))] * rate
        p50_ms, p99_ms = measured(figures, "all", "p50") or 0, measured(figures, "all", "p99") or 0
        late = late_ms(figures, 99)
        print(
            f"| {rate:.0f} | {achieved:.1f} | {achieved / rate:.4f} | {cv:.2f} | {p99:.1f} | "
            f"{max(bins.values()) / max(1.0, rate / 100):.1f} | {p50_ms:.2f} | {p99_ms:.1f} | {late:.1f} | "
            f"{figures.generator.cpu_share:.0%} |"
        )


def bench_freeze(rate: float, secs: float) -> None:
    half = secs / 2
    truth = by_reference(rate, secs, half)
    figures, times = open_run(rate, secs, half, 2.0)
    print(f"{rate:.0f}/s for {secs:.0f} s, frozen 2 s at {half:.0f} s; {len(times)} requests seen of {rate * secs:.0f}")
    print("| | p50 ms | p95 ms | p99 ms | max ms |\n|---|---|---|---|---|")
    said = {name: measured(figures, "all", name) or 0.0 for name in _TOLD}
    print("| said | " + " | ".join(f"{said[name]:.1f}" for name in _TOLD) + " |")
    print("| reference of this round | " + " | ".join(f"{truth[name]:.1f}" for name in _TOLD) + " |")
    off = [f"{said['p50'] - truth['p50']:+.2f} ms", *(f"{said[name] / truth[name] - 1:+.1%}" for name in _TOLD[1:])]
    print("| off | " + " | ".join(off) + " |")


def by_reference(rate: float, secs: float, freeze_at_s: float) -> dict[str, float]:
    """What an open-model loop without Locust measures of the same freeze."""
    target = Target(freeze_at_s, 2.0)
    told = Path(tempfile.mkdtemp()) / "times.json"
    argv = [sys.executable, str(HERE / "load_reference.py"), str(target.port), str(rate), str(secs), str(told)]
    started(argv).wait()
    target.arrivals()
    times = sorted(json.loads(told.read_text()))
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: times[min(len(times) - 1, int(share * len(times)))] for name, share in at.items()} | {
        "max": times[-1]
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("what", choices=("max", "rates", "freeze"))
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--secs", type=float)
    ask.add_argument("--users", type=int, default=32)
    ask.add_argument("--rates", default="500,1000,2000")
    ask.add_argument("--rate", type=float, default=500)
    asked = ask.parse_args()
    if asked.what == "max":
        bench_max(asked.rounds, asked.secs or 5, asked.users)
    elif asked.what == "rates":
        bench_rates([float(rate) for rate in asked.rates.split(",")], asked.secs or 20)
    else:
        bench_freeze(asked.rate, asked.secs or 20)


if __name__ == "__main__":
    main()
