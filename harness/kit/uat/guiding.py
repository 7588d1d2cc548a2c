"""Who goes along with a demonstration: nobody in an ordinary run, a walkthrough where a person watches and judges."""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from playwright.sync_api import BrowserContext, Page

if TYPE_CHECKING:
    from harness.kit.uat.stage import Stage


class Guide(Protocol):
    """Told of everything just before or after it happens; may hold the script until the person is ready."""

    def context_opened(self, context: BrowserContext) -> None:
        """A browser window was opened, still without a page."""

    def page_opened(self, page: Page) -> None:
        """A page was opened."""

    def before_step(self, stage: "Stage", number: int, title: dict[str, str], see: dict[str, str]) -> None:
        """A step is about to begin. Returns when it may."""

    def after_step(self, stage: "Stage", number: int, outcome: str) -> None:
        """A step ended; its evidence is taken."""


_GUIDE: ContextVar[Guide | None] = ContextVar("harness_uat_guide", default=None)


def current_guide() -> Guide | None:
    """Who goes along; None in an ordinary run."""
    return _GUIDE.get()


def be_guided_by(guide: Guide) -> None:
    """From now on every demonstration of this process is shown to somebody."""
    _GUIDE.set(guide)
