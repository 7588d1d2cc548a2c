"""Steps in the business's words: what we do, and what you should see.

    with step("Place an order for two lamps", zh="下单购买两盏灯"):
        ...

A step's picture and page text are taken when it ends. Steps nest. allure-pytest sees them too.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from playwright.sync_api import Locator

from harness.kit.uat.stage import current_stage


@contextmanager
def step(title: str, *, zh: str = "", see: str = "", see_zh: str = "") -> Iterator[None]:
    """One step of a demonstration, titled in English and, by `zh`, in Chinese.

    `see` says what a person who watches should see when it ended; without it they are told the criterion.
    """
    stage = current_stage()
    if stage is None:
        yield
        return
    with _for_allure(title):
        opened = stage.begin(title, zh, {"en": see, "zh": see_zh})
        try:
            yield
        except AssertionError:
            stage.end(opened, "failed")
            raise
        except BaseException:
            stage.end(opened, "broken")
            raise
        stage.end(opened, "passed")


def show(locator: Locator) -> Locator:
    """Point at something: it is scrolled to and outlined in the pictures from here on. It expects nothing."""
    stage = current_stage()
    if stage is not None:
        stage.pointed_at = locator
    return locator


def note(text: str) -> None:
    """Leave a sentence for the reader of the report. It decides nothing."""
    stage = current_stage()
    if stage is not None:
        stage.journal.write("note", text=text)


def _for_allure(title: str) -> AbstractContextManager[object]:
    try:
        import allure
    except ImportError:
        return nullcontext()
    opened: AbstractContextManager[object] = allure.step(title)
    return opened
