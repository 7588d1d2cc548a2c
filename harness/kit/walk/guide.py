"""Goes along with a demonstration: holds it before each step until the person says *next*, and asks at the end.

While it waits the page lives on: frames, page text and controls go out, and whoever took over acts on the page.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from harness.kit.uat.masking import dotted
from harness.kit.uat.stage import Stage
from harness.kit.walk.hands import Hands, trouble_of
from harness.kit.walk.line import Line
from harness.kit.walk.picture import Picture

_RECORDED = "recorded.json"
_TICK_MS = 20
_TEXT_EVERY_S = 0.7


class WalkEnded(Exception):
    """The person left, or the server did: the demonstration ends here."""


class Guide:
    """The kit's `Guide` with a person at the other end of the line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._picture = Picture(line)
        self._hands: Hands | None = None
        self._through = False  # the person has answered: the rest goes on by itself
        self._next: int | None = None
        self._text_at = 0.0
        self._text = ""
        self._taken = 0
        self._recorded: list[dict[str, str]] = []

    def began(self, node: str) -> None:
        """A demonstration begins."""
        self._through, self._next, self._text, self._taken = False, None, "", 0
        self._recorded = []
        self._line.tell("began", node=node)

    def context_opened(self, context: BrowserContext) -> None:
        """Nothing yet: there is no page."""

    def page_opened(self, page: Page) -> None:
        """Show it."""
        self._picture.begins(page)

    def before_step(self, stage: Stage, number: int, title: dict[str, str], see: dict[str, str]) -> None:
        """Tell what comes and wait until the person wants it."""
        self._line.tell("step-coming", step=number, title=title, see=see)
        self._wait(stage, lambda: self._next == number)
        page = stage.page
        if page is not None:
            stage.outline(page, on=False)
        self._line.tell("step-acting", step=number)

    def after_step(self, stage: Stage, number: int, outcome: str) -> None:
        """Show what the step came to."""
        page = stage.page
        if page is not None and outcome == "passed":
            stage.outline(page, on=True)
            self._tell_text(stage, page)
        self._line.tell("step-done", step=number, outcome=outcome)

    def ask(self, stage: Stage) -> None:
        """Everything was shown: wait for the answer."""
        self._line.tell("asking")
        self._wait(stage, lambda: False)

    def stopped(self, kind: str, why: str) -> None:
        """The demonstration broke."""
        self._line.tell("stopped", kind=kind, why=why[:600])

    def finished(self, node: str) -> None:
        """It is over, cleaned up and written down."""
        self._line.tell("finished", node=node)

    def _wait(self, stage: Stage, ready: Callable[[], bool]) -> None:
        self._text_at = 0.0
        self._picture.changed = True
        while not (ready() or self._through):
            if self._line.gone.is_set():
                raise WalkEnded("the walkthrough was ended")
            for asked in self._line.heard():
                self._follow(stage, asked)
            self._live(stage)
        self._picture.flush()

    def _live(self, stage: Stage) -> None:
        """Let the page live for a moment, and show it."""
        page = stage.page
        if page is None:
            time.sleep(_TICK_MS / 1000)
            return
        try:
            self._picture.look_at(page)
            _let_live(page)
            if stage.browser_died or page.is_closed():
                page.title()  # raises what became of it
            self._picture.flush()
            if self._picture.changed and time.monotonic() - self._text_at > _TEXT_EVERY_S:
                self._tell_text(stage, page)
        except Error:
            if stage.browser_died:
                raise
            time.sleep(_TICK_MS / 1000)  # the page was closed or went elsewhere: the next moment shows which

    def _tell_text(self, stage: Stage, page: Page) -> None:
        self._text_at, self._picture.changed = time.monotonic(), False
        text = dotted(page, page.locator("body").aria_snapshot(timeout=5000), stage.masks)
        controls = self._hands.controls(page) if self._hands is not None else []
        whole = f"{text}{controls}"
        if whole != self._text:
            self._text = whole
            self._line.tell("text", text=text[:60_000], controls=controls)

    def _follow(self, stage: Stage, asked: dict[str, Any]) -> None:
        match asked.get("do"):
            case "next":
                self._next = int(asked["at"])
            case "answered":
                self._through = True
            case "pace":
                self._picture.pace_ms = int(asked["ms"])
                if stage.page is not None:
                    self._picture.paced(stage.page)
            case "frames":
                self._picture.between_s = float(asked["between-s"])
            case "take-over":
                self._hand_over(stage, on=bool(asked["on"]))
            case "input":
                self._touch(stage, asked)
            case "end":
                raise WalkEnded(str(asked.get("why", "the walkthrough was ended")))

    def _hand_over(self, stage: Stage, *, on: bool) -> None:
        if self._hands is not None:
            self._keep(stage, self._hands.typing_ended())
        self._hands = Hands(masks=stage.masks) if on else None
        self._picture.changed = True
        self._text_at = 0.0

    def _touch(self, stage: Stage, asked: dict[str, Any]) -> None:
        page = stage.page
        if page is None or self._hands is None:
            return
        try:
            self._keep(stage, self._hands.act(page, asked))
        except Error as error:
            if stage.browser_died:
                raise
            self._line.tell("touch-failed", why=trouble_of(error)[:300])
        self._picture.changed = True

    def _keep(self, stage: Stage, steps: list[dict[str, str]]) -> None:
        """What the person did is a step of the record like the script's own, with its evidence."""
        for one in steps:
            title = {"en": one["en"], "zh": one["zh"]}
            self._taken -= 1
            self._line.tell("taken", step=self._taken, title=title)
            stage.steps += 1
            parent = stage.open_steps[-1].number if stage.open_steps else None
            stage.journal.write("step-started", step=stage.steps, parent=parent, title=title)
            stage.take_evidence(stage.steps)
            stage.journal.write("step-ended", step=stage.steps, outcome="passed")
            self._record(stage, one)

    def _record(self, stage: Stage, step: dict[str, str]) -> None:
        """Keep the line that does it again, so that a script can be made of it; whole after every step."""
        page = stage.page
        if page is None:
            return
        self._recorded.append({**step, "url": page.url, "page-title": page.title()})
        (stage.folder / _RECORDED).write_text(json.dumps(self._recorded, ensure_ascii=False), "utf-8")
        if len(self._recorded) == 1:
            stage.note_file(None, "recorded", _RECORDED, "application/json")


def _let_live(page: Page) -> None:
    """Let what the page sends come in for a moment.

    Not by Playwright's own `wait_for_timeout`: each of them takes two pictures of the whole page into the trace, which
    costs every frame some of its freshness and the trace its size.
    """
    page._sync(asyncio.sleep(_TICK_MS / 1000))  # noqa: SLF001 - nothing else lets events in and asks the browser nothing
