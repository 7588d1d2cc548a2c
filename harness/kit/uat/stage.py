"""The stage of the test that is running: its journal, its open steps, its pages and its evidence.

There is one stage per attempt of a test, in a folder of its own. Evidence is taken when
a step ends, so the picture shows what the step came to, also when it failed.
"""

import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Error, Locator, Page

from harness.kit.uat.guiding import current_guide
from harness.kit.uat.journal import Journal
from harness.kit.uat.masking import ALWAYS, dotted

PICTURE_MS = 15_000
# Set and taken back by script: a style sheet put into the page would offend its content security policy.
_OUTLINE = """(found, on) => found.forEach((one, index) => {
  for (const [name, value] of [['outline', '4px solid #d4351c'], ['outline-offset', '3px']])
    if (on) one.style.setProperty(name, value, 'important'); else one.style.removeProperty(name);
  if (on && !index) one.scrollIntoView({ block: 'nearest' });
})"""


@dataclass(slots=True)
class OpenStep:
    """A step that has begun. `pictured`: an inner step has already shown where this one got to."""

    number: int
    pictured: bool = False


@dataclass(slots=True)
class Stage:
    """Everything that one attempt of one test leaves behind. `acting`: the test's own body is running."""

    folder: Path
    journal: Journal
    pages: list[Page] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)
    pointed_at: Locator | None = None
    crashed: bool = False
    open_steps: list[OpenStep] = field(default_factory=list)
    acting: bool = False
    steps: int = 0
    shown: int = 0
    contexts: int = 0
    console_errors: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)
    pictures: int = 0
    leaving: list[Callable[[], None]] = field(default_factory=list)
    masks: tuple[str, ...] = ALWAYS

    @property
    def page(self) -> Page | None:
        """The page that was opened last and is still there."""
        return next((page for page in reversed(self.pages) if not page.is_closed()), None)

    @property
    def browser_died(self) -> bool:
        """Whether a page crashed or a browser went away: what was expected of it then says nothing."""
        return self.crashed or any(not browser.is_connected() for browser in self.browsers)

    def leave(self) -> None:
        """Do what was put off to the end of the test, while its pages and clients are still there."""
        while self.leaving:
            self.leaving.pop()()

    def begin(self, en: str, zh: str, see: dict[str, str] | None = None) -> OpenStep:
        """Open a step inside the one that is open now, as soon as whoever goes along lets it begin."""
        self.steps += 1
        guide = current_guide()
        if guide is not None:
            guide.before_step(self, self.steps, {"en": en, "zh": zh}, see or {})
        parent = self.open_steps[-1].number if self.open_steps else None
        opened = OpenStep(number=self.steps)
        self.journal.write("step-started", step=opened.number, parent=parent, title={"en": en, "zh": zh})
        self.open_steps.append(opened)
        return opened

    def end(self, opened: OpenStep, outcome: str) -> None:
        """Close a step: take its evidence unless an inner step has just done so, then say how it ended."""
        if not opened.pictured:
            self.take_evidence(opened.number)
        self.open_steps.remove(opened)
        if self.open_steps:
            self.open_steps[-1].pictured = True
        self.journal.write("step-ended", step=opened.number, outcome=outcome)
        guide = current_guide()
        if guide is not None:
            guide.after_step(self, opened.number, outcome)

    def take_evidence(self, step: int | None) -> None:
        """A picture and the accessible text of what is on the page now. What can't be had is named, never fatal."""
        page = self.page
        if page is None:
            return
        self.pictures += 1
        try:
            text = page.locator("body").aria_snapshot(timeout=PICTURE_MS)  # first: a page that hangs is noticed in time
            told = dotted(page, f"{page.title()}\n{page.url}\n\n{text}", self.masks)
            self.keep(step, "page-text", f"{self.pictures:02}-page.txt", "text/plain", told.encode())
            self.keep(step, "screenshot", f"{self.pictures:02}-screen.png", "image/png", self._picture(page))
        except Error as error:
            self.journal.write("evidence-lost", step=step, why=first_line(error))

    def _picture(self, page: Page) -> bytes:
        """A PNG of what is on the screen, with what is pointed at outlined. Browsers draw passwords as dots."""
        self.outline(page, on=True)
        picture = page.screenshot(timeout=PICTURE_MS, caret="initial")
        self.outline(page, on=False)
        return picture

    def outline(self, page: Page, *, on: bool) -> None:
        """Outline what is pointed at, or take the outline away."""
        if self.pointed_at is not None and self.pointed_at.page == page:
            self.pointed_at.evaluate_all(_OUTLINE, on)

    def keep(self, step: int | None, kind: str, file: str, media_type: str, body: bytes) -> None:
        """Write a piece of evidence and note that it is there."""
        (self.folder / file).write_bytes(body)
        self.note_file(step, kind, file, media_type)

    def note_file(self, step: int | None, kind: str, file: str, media_type: str) -> None:
        """Note a piece of evidence that is already in the folder."""
        self.journal.write("evidence", step=step, kind=kind, file=file, media_type=media_type)

    def exchanged(self, method: str, url: str, status: int | None, by: str, why: str = "") -> None:
        """Note one request to a system and how it was answered (None: not at all)."""
        self.journal.write("request", method=method, url=url, status=status, by=by, why=why)


_CURRENT: ContextVar[Stage | None] = ContextVar("harness_uat_stage", default=None)


def current_stage() -> Stage | None:
    """The stage of the test that is running; None outside a run of ours."""
    return _CURRENT.get()


def enter(stage: Stage | None) -> None:
    """Make this the stage that steps and expectations write to."""
    _CURRENT.set(stage)


def first_line(error: BaseException) -> str:
    """What an error says, without its call log."""
    text = str(error).strip() or "".join(traceback.format_exception_only(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__
