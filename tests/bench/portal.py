"""The sign-off portal with much in it, and with many people at it; as figures and ratios.

portal.py            1,000 packages with 100,000 results beside one package; 200 people and 20 signings a second, 60 s
portal.py --scaled   50 beside one; 20 people and 4 signings a second, 10 s
portal.py --only crowd | big [--folder DIR] [--for SECONDS]   one of them; a folder is kept and gone on with

The big portal lists and opens at most 1.5 times slower than one with a single package. Of the crowd nothing that was
acknowledged may be lost, and nobody may see an error. Times of the crowd count from the moment that an act was due.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from harness.adapters.host import Host  # noqa: E402
from tests.live.portal.serving import Serving  # noqa: E402
from tests.live.portal.test_keeping import log_of  # noqa: E402
from tests.portal.browser import Browser  # noqa: E402
from tests.portal.filling import device_from  # noqa: E402

SLOWER, RESULTS, ROUNDS = 1.5, 100, 40
PAGE_S = 10  # how long somebody reads a page before they open the next


def made(module: str, root: Path, *words: str) -> Path:
    """A portal that was filled by a process of its own."""
    root.mkdir(parents=True, exist_ok=True)
    environ = {**os.environ, "HARNESS_PORTAL_DATA": str(root / "data")}
    command = [sys.executable, "-m", module, "--keys", str(root / "keys.json"), *words]
    subprocess.run(command, env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return root


def serving(root: Path) -> Serving:
    """That portal, started."""
    portal = Serving(root=root, port=Host().free_port())
    portal.start()
    return portal


def entered(portal: Serving, told: dict[str, str], client: httpx.Client | None = None) -> Browser:
    """Somebody who signed in with their passkey."""
    browser = Browser(client or portal.client, portal.url)
    browser.device = device_from(told, portal.url, "localhost")
    browser.device.count = 1_000_000 + int(time.time())
    browser.get("/sign-in")
    options = browser.post_json("/sign-in/passkey/options", {}).json()
    assert browser.post_json("/sign-in/passkey", browser.device.used(options)).status_code == 200
    return browser


# --- much in it -----------------------------------------------------------------------------------------------------


@dataclass
class Looking:
    """A portal, a signer and QA in it, and the packages that there are."""

    portal: Serving
    signer: Browser
    quinn: Browser
    codes: list[str]
    pick: random.Random = field(default_factory=lambda: random.Random(1))

    def pages(self) -> dict[str, Callable[[], httpx.Response]]:
        """Every page that lists or opens something."""
        code = lambda: self.pick.choice(self.codes)  # noqa: E731
        return {
            "my tasks": lambda: self.signer.get("/tasks"),
            "improvements": lambda: self.signer.get("/improvements"),
            "board": lambda: self.quinn.get("/board"),
            "audit": lambda: self.quinn.get("/audit"),
            "prepare a package": lambda: self.quinn.get("/board/order-hub/1.0.0/preprod"),
            "a package": lambda: self.signer.get(f"/packages/{code()}"),
            "a receipt": lambda: self.signer.get(f"/packages/{code()}/order-desk/receipt"),
            "a certificate": lambda: self.signer.get(f"/packages/{code()}/certificate"),
            "a package, audited": lambda: self.quinn.get(f"/audit/packages/{code()}"),
        }


def looking(root: Path) -> Looking:
    """Somebody of each kind, signed in."""
    portal, told = serving(root), json.loads((root / "keys.json").read_text())
    with sqlite3.connect(f"file:{portal.data / 'portal.sqlite3'}?mode=ro", uri=True) as database:
        codes = [code for (code,) in database.execute("SELECT code FROM portal_frozen ORDER BY id")]
    return Looking(portal=portal, signer=entered(portal, told[0]), quinn=entered(portal, told[-1]), codes=codes)


def big(folder: Path, packages: int, rounds: int, within: float) -> bool:
    """Each page of the full portal beside the same of the one with a single package, turn by turn."""
    words = ("--results", str(RESULTS), "--signers", "4")
    one = made("tests.portal.filling", folder / "one", "--packages", "1", *words)
    many = made("tests.portal.filling", folder / "many", "--packages", str(packages), *words, "--for", str(within))
    small, full = looking(one), looking(many)
    try:
        print(f"{len(full.codes)} packages with {len(full.codes) * RESULTS} results beside one")
        good = len(full.codes) >= packages
        for name, page in small.pages().items():
            ratio, times = _beside(page, full.pages()[name], rounds)
            good = good and ratio <= SLOWER
            print(f"  {name:<20} {times[0]:6.1f} ms   {times[1]:6.1f} ms   {ratio:.2f} x", flush=True)
        return good
    finally:
        small.portal.stop()
        full.portal.stop()


def _beside(
    one: Callable[[], httpx.Response], other: Callable[[], httpx.Response], rounds: int
) -> tuple[float, tuple[float, float]]:
    """Medians of both, asked in turn, and their ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for place in range(rounds + 3):
        for into, page in zip(times, (one, other), strict=True):
            begun = time.perf_counter()
            assert page().status_code == 200
            if place >= 3:
                into.append((time.perf_counter() - begun) * 1000)
    middle = (statistics.median(times[0]), statistics.median(times[1]))
    return middle[1] / middle[0], middle


# --- many at it -----------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What a crowd saw: milliseconds of each act from when it was due, what went wrong, what was acknowledged."""

    times: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def act(self, name: str, due: float, work: Callable[[], httpx.Response]) -> httpx.Response | None:
        try:
            answer = work()
        except httpx.HTTPError as error:
            answer, why = None, repr(error)
        else:
            why = "" if answer.status_code == 200 else f"{answer.status_code} {answer.text[:80]}"
        with self.lock:
            self.times.setdefault(name, []).append((time.monotonic() - due) * 1000)
            if why:
                self.wrong.append(f"{name}: {why}")
        return answer if not why else None


@dataclass
class Person:
    """One of the crowd: they do one thing at a time."""

    browser: Browser
    lock: threading.Lock = field(default_factory=threading.Lock)


def crowd(folder: Path, people: int, rate: int, seconds: int) -> bool:
    """People open pages every few seconds while others of them sign, at a rate that waits for nobody."""
    packages = -(-rate * seconds // 20)
    shutil.rmtree(folder / "crowd", ignore_errors=True)
    root = made("tests.portal.crowding", folder / "crowd", "--packages", str(packages), "--signers", str(people))
    told = json.loads((root / "keys.json").read_text())
    portal, seen = serving(root), Seen()
    limits = httpx.Limits(max_connections=300, max_keepalive_connections=300)
    try:
        who = {}
        for one in told["people"]:
            client = httpx.Client(base_url=portal.url, timeout=60, limits=limits)
            who[one["email"]] = Person(entered(portal, one, client))
        wanted = told["wanted"][: rate * seconds]
        random.Random(1).shuffle(wanted)
        begun = time.monotonic() + 1
        with ThreadPoolExecutor(48) as pool:
            views = [(begun + at, "view", None) for at in _moments(people / PAGE_S, seconds)]
            signings = [(begun + place / rate, "sign", one) for place, one in enumerate(wanted)]
            for due, kind, one in sorted(views + signings, key=lambda each: each[0]):
                time.sleep(max(0.0, due - time.monotonic()))
                if kind == "sign":
                    pool.submit(_sign, seen, who[one["email"]], one, due)
                else:
                    anybody = random.choice(list(who.values()))
                    pool.submit(_view, seen, anybody, random.choice(wanted)["code"], due)
        took = time.monotonic() - begun
        return _told(seen, portal, len(wanted), took, people, rate)
    finally:
        portal.stop()


def _moments(rate: float, seconds: int) -> list[float]:
    """When somebody opens a page: at random, so often in all."""
    pick = random.Random(2)
    return sorted(pick.uniform(0, seconds) for _ in range(int(rate * seconds)))


def _view(seen: Seen, person: Person, code: str, due: float) -> None:
    place = random.choice(("/tasks", "/tasks", f"/packages/{code}", "/improvements", "/account"))
    with person.lock:
        seen.act("a page", due, lambda: person.browser.get(place))


def _sign(seen: Seen, person: Person, one: dict[str, str], due: float) -> None:
    where = f"/packages/{one['code']}/{one['role']}/sign"
    with person.lock:
        page = seen.act("the words", due, lambda: person.browser.get(where))
        if page is None:
            return
        said = person.browser.device.used(person.browser.given())
        answer = seen.act("the signature", time.monotonic(), lambda: person.browser.post_json(where, said))
    if answer is not None:
        with seen.lock:
            seen.numbers.add(answer.json()["number"])


def _told(seen: Seen, portal: Serving, wanted: int, took: float, people: int, rate: int) -> bool:
    size, signed = log_of(portal)
    lost = seen.numbers - set(signed)
    print(f"{people} people, {rate} signings a second asked: {len(seen.numbers)} of {wanted} in {took:.1f} s")
    for name, times in seen.times.items():
        ordered = sorted(times)
        p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        print(f"  {name:<14} N = {len(times):>5}   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms")
    print(f"  log of {size} entries holds, {len(signed)} signatures; lost {len(lost)}, errors {len(seen.wrong)}")
    for one in seen.wrong[:5]:
        print(f"    {one}")
    return not lost and not seen.wrong and len(seen.numbers) == wanted == len(signed)


def main() -> int:
    """Both, or the one that is named; 1 where one does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--only", choices=("big", "crowd"))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--for", dest="within", type=float, default=0)
    parser.add_argument("--seconds", type=int, default=60, help="how long the crowd is there")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever is told to end ends the servers first
    good = True
    with tempfile.TemporaryDirectory(prefix="bench-portal-") as name:
        folder = args.folder or Path(name)
        if args.only != "crowd":
            good = big(folder, 50 if args.scaled else 1000, ROUNDS, args.within) and good
        if args.only != "big":
            people, rate, seconds = (20, 4, 10) if args.scaled else (200, 20, args.seconds)
            good = crowd(folder, people, rate, seconds) and good
    print("holds" if good else "DOES NOT HOLD")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
