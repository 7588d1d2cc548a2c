"""A walkthrough to test on: the stand's page and script, our server and worker, and a person's browser of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.actions.walking import asks
from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.walk.server import WalkServer
from harness.adapters.walk.session import WalkSession
from harness.model.criteria import Criterion, Judged, Priority, Text
from harness.model.evidence import Observations
from harness.model.plan import Check, Job, Promise, UatWork
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.model.walk import Phase
from harness.rules.redacting import Redactor, redactor_for

SCRIPT = """
from harness.kit.uat import *

def test_total(page):
    with step("Open the shop", zh="打开商店", see="The shop with a quantity", see_zh="带数量的商店"):
        page.goto("/")
        expect(show(page.get_by_role("heading"))).to_have_text("Lamps")
    with step("Ask for the total of two", zh="查看两个的合计"):
        page.get_by_role("button").click()
        expect(show(page.locator("output"))).to_have_text("25")
"""


@dataclass(slots=True)
class Shown:
    """One demonstration going on in a thread; `observations` and `ended` once it is over."""

    session: WalkSession | None = None
    observations: Observations | None = None
    ended: Ended | None = None
    thread: threading.Thread | None = None
    begun: threading.Event = field(default_factory=threading.Event)

    def over(self, seconds: float = 60) -> Observations:
        assert self.thread is not None
        self.thread.join(seconds)
        assert self.observations is not None, "the demonstration did not end"
        return self.observations


class WalkStand:
    """Starts demonstrations of scripts as walkthroughs."""

    def __init__(
        self, folder: Path, url: str, browser: str, *, secrets: dict[str, str] | None = None, **server
    ) -> None:
        self.root = folder / "workspace"
        (self.root / "uat").mkdir(parents=True)
        self.host = Host()
        self.folder, self.url, self.browser = folder, url, browser
        (folder / "scratch").mkdir(mode=0o700)
        self.server = WalkServer(self.host, self.host.scratch_root(), **server)
        self.redactor: Redactor = redactor_for(secrets or {}, key=b"k" * 32)
        self.shown: list[Shown] = []
        self._count = 0

    def close(self) -> None:
        for one in self.shown:
            if one.session is not None:
                one.session.end("the test is over")
        for one in self.shown:
            if one.thread is not None:
                one.thread.join(30)
        self.server.close()

    def show(self, script: str = SCRIPT, *tests: str) -> Shown:
        """Start a demonstration; returns when its worker is there or has failed to come."""
        self._count += 1
        name = f"test_lamps{self._count}.py"
        (self.root / "uat" / name).write_text(script, "utf-8")
        criteria = tuple(
            Criterion(
                id=f"C-{number}",
                title=Text(en="The total is right", zh="合计正确"),
                statement=Text(en="I see the total of what I chose.", zh="我看到所选商品的合计。"),
                priority=Priority.MUST,
                judged=Judged.ASSISTED,
                owner="desk",
                demonstration=f"{name}::{test}",
                sha256="c" * 64,
            )
            for number, test in enumerate(tests or ("test_total",), 1)
        )
        stem = f"lamps{self._count}"
        checks = tuple(
            Check(id=f"uat:{stem}/{one.id}", suite=Suite.UAT, promise=Promise.CRITERION, title=one.title.en)
            for one in criteria
        )
        work = UatWork(folder="uat", criteria=criteria)
        job = Job(id=f"uat:{stem}", suite=Suite.UAT, work=work, checks=checks, seed=1, deadline_s=240)
        shown = Shown()
        shown.thread = threading.Thread(target=self._run, args=(job, shown, self._count), daemon=True)
        shown.thread.start()
        self.shown.append(shown)
        assert shown.begun.wait(30)
        return shown

    def _run(self, job: Job, shown: Shown, number: int) -> None:
        run = f"20261120T00000{number}Z-walk"
        (self.root / ".harness" / "drafts" / run).mkdir(parents=True)
        around = Surroundings(
            run=run,
            tier="test",
            root=str(self.root),
            python=self.host.python,
            targets={"lamps": Target(name="lamps", base_url=self.url)},
            browser=self.browser,
            no_sandbox=self.host.is_root,
        )
        asked = asks(self.server)(job, around, self.redactor)
        assert asked is not None
        command, observe = asked
        shown.session = self.server._pages.sessions[f"s{len(self.server._pages.sessions)}"]
        shown.begun.set()
        processes = Processes(self.host, run, self.folder / "scratch" / run)
        try:
            shown.ended = processes.spawn(command, job.id)
        finally:
            processes.close()
        shown.observations = observe(job, around, shown.ended)

    def draft(self, number: int = 1) -> Path:
        return self.root / ".harness" / "drafts" / f"20261120T00000{number}Z-walk"


def led(shown: Shown) -> Observations:
    """A person who says next until everything was shown, and then yes."""
    session = shown.session
    assert session is not None
    while (phase := session.items[0].phase) not in {Phase.STOPPED, Phase.FINISHED}:
        coming = session.items[0].coming
        if phase is Phase.READY:
            session.asked(f"next-{coming}", "next", {"at": coming})
        elif phase is Phase.ASKING:
            session.asked("yes", "answer", {"answer": "yes"})
        time.sleep(0.05)
    return shown.over()


@contextmanager
def stood(folder: Path, url: str, browser: str, **more) -> Iterator[WalkStand]:
    stand = WalkStand(folder, url, browser, **more)
    try:
        yield stand
    finally:
        stand.close()
