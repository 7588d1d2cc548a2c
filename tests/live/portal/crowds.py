"""A crowd at a served portal: everybody is signed in, has answered and decided, and is a touch away from signing."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.live.portal.serving import Serving
from tests.live.portal.test_keeping import log_of
from tests.portal.browser import Browser
from tests.portal.filling import device_from

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Crowd:
    """People who are signed in, and what waits for them, package by package."""

    portal: Serving
    people: dict[str, Browser]
    wanted: list[dict[str, str]]

    def touch(self, one: dict[str, str]) -> Any:
        """Read the words; gives what the device says to them."""
        page = self.people[one["email"]].get(where(one))
        assert page.status_code == 200, (page.status_code, page.headers.get("location"))
        return self.people[one["email"]].device.used(self.people[one["email"]].given())


def where(one: dict[str, str]) -> str:
    return f"/packages/{one['code']}/{one['role']}/sign"


def crowd_of(portal: Serving, mode: str, packages: int, signers: int) -> Crowd:
    """Made once for a portal, by a process of its own; then everybody signs in."""
    keys = portal.root / f"{mode}.json"
    if not keys.exists():
        words = ["--packages", str(packages), "--signers", str(signers), "--keys", str(keys), "--mode", mode]
        command = [sys.executable, "-m", "tests.portal.crowding", *words]
        subprocess.run(command, env=portal.environ, cwd=ROOT, check=True)
    told = json.loads(keys.read_text())
    people = {}
    for one in told["people"]:
        browser = Browser(httpx.Client(base_url=portal.url, timeout=60), portal.url)
        browser.device = device_from(one, portal.url, "localhost")
        browser.device.count = int(time.time())
        browser.get("/sign-in")
        options = browser.post_json("/sign-in/passkey/options", {}).json()
        assert browser.post_json("/sign-in/passkey", browser.device.used(options)).status_code == 200
        people[one["email"]] = browser
    return Crowd(portal=portal, people=people, wanted=told["wanted"])


def at_once(crowd: Crowd, those: list[dict[str, str]]) -> list[httpx.Response]:
    """All of them touch their devices at the same moment."""
    answers = [crowd.touch(one) for one in those]
    together = threading.Barrier(len(those))
    found: list[httpx.Response] = []

    def work(one: dict[str, str], answer: Any) -> None:
        together.wait()
        found.append(crowd.people[one["email"]].post_json(where(one), answer))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(those, answers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def one_place(crowd: Crowd, those: list[dict[str, str]]) -> None:
    """Many for one place: one signs, the others are told who did."""
    before = log_of(crowd.portal)
    found = at_once(crowd, those)
    statuses = sorted(one.status_code for one in found)
    assert statuses == [200] + [409] * (len(those) - 1), f"statuses {statuses}"
    told = {one.json()["error"] for one in found if one.status_code == 409}
    assert len(told) == 1 and "Signer" in told.pop(), "the others are told who signed"
    after = log_of(crowd.portal)
    assert len(after[1]) == len(before[1]) + 1 and after[0] == before[0] + 1


def own_places(crowd: Crowd, those: list[dict[str, str]]) -> None:
    """Each in a place of their own: all sign, numbered without a gap, and the log holds."""
    before = log_of(crowd.portal)
    found = at_once(crowd, those)
    wrong = [(one.status_code, one.text[:80]) for one in found if one.status_code != 200]
    assert not wrong, f"{len(wrong)} of {len(those)} saw an error: {wrong[0]}"
    numbers = sorted(one.json()["number"] for one in found)
    after = log_of(crowd.portal)
    assert numbers == list(range(before[0], before[0] + len(those))), "numbers with a gap, or twice"
    assert set(numbers) <= set(after[1])
