"""The fixtures of a demonstration: pytest-playwright's own, set up for the run, and ours beside them.

page, context, new_context   as in pytest-playwright, recorded and kept to the tier
api, apis                    the system under test (or `apis("name")` another) asked directly
made, run_tag                test data that is marked and cleaned up
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Error, Playwright

from harness.kit.uat.apis import Api, Asking, opener
from harness.kit.uat.browsers import Browsers, context_args, launch_args, started
from harness.kit.uat.guiding import current_guide
from harness.kit.uat.made import Made
from harness.kit.uat.masking import ALWAYS, cover_script
from harness.kit.uat.settings import Settings, read_settings
from harness.kit.uat.stage import Stage, current_stage, first_line
from harness.kit.uat.watching import Watcher


@pytest.fixture(scope="session")
def uat_settings() -> Settings:
    """What the run asked for."""
    return read_settings()


@pytest.fixture
def uat_stage() -> Stage:
    """Where this test leaves its evidence."""
    stage = current_stage()
    if stage is None:
        raise RuntimeError("the kit's fixtures need a test that the kit's session runs")
    return stage


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], uat_settings: Settings) -> dict[str, Any]:
    """pytest-playwright's launch options, and ours."""
    return {**browser_type_launch_args, **launch_args(uat_settings)}


@pytest.fixture(scope="session")
def launch_browser(launch_browser: Callable[..., Browser]) -> Callable[..., Browser]:
    """pytest-playwright's launcher; it says plainly when there is no browser."""
    return started(launch_browser)


@pytest.fixture(scope="session")
def uat_browsers(browser: Browser, launch_browser: Callable[..., Browser]) -> Iterator[Browsers]:
    """The session's browser, or another after it died."""
    browsers = Browsers(browser, launch_browser)
    yield browsers
    browsers.close()


@pytest.fixture(scope="session")
def uat_masks() -> tuple[str, ...]:
    """CSS selectors of what nobody should see, for a conftest.py to name: it is covered in every picture."""
    return ()


@pytest.fixture
def new_context(
    uat_browsers: Browsers,
    uat_settings: Settings,
    uat_stage: Stage,
    browser_context_args: dict[str, Any],
    uat_masks: tuple[str, ...],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., BrowserContext]]:
    """As pytest-playwright's: more people at the same time. `language` and `size` are ours."""
    contexts: list[BrowserContext] = []
    uat_stage.masks = (*ALWAYS, *uat_masks)
    guide = current_guide()

    def opened(*, language: str | None = None, size: str | None = None, **options: Any) -> BrowserContext:
        reader = _marked(request, "reader")
        args = context_args(uat_settings, language or reader.get("language"), size or reader.get("size", "desktop"))
        context = uat_browsers.alive().new_context(**{**browser_context_args, **args, **options})
        context.set_default_timeout(uat_settings.action_ms)
        context.add_init_script(cover_script(uat_stage.masks))
        context.tracing.start(screenshots=guide is None, snapshots=True)  # a trace's small pictures would be the frames
        Watcher(context, uat_stage)
        if guide is not None:
            guide.context_opened(context)
        contexts.append(context)
        return context

    yield opened
    for context in contexts:
        _close(context, uat_stage)


@pytest.fixture
def apis(playwright: Playwright, uat_settings: Settings) -> Iterator[Asking]:
    """Any system of the tier by its name, asked directly."""
    contexts: list[APIRequestContext] = []
    opens = opener(playwright.request, contexts, uat_settings.action_ms)
    reach = {one.name: one for one in uat_settings.reach}
    yield lambda name: Api(reach[name], opens)
    for context in contexts:
        context.dispose()


@pytest.fixture
def api(apis: Asking, uat_settings: Settings) -> Api:
    """The system under test, asked directly with the run's credentials."""
    if uat_settings.system is None:
        raise RuntimeError("this tier names no system, so there is nothing to ask")
    return apis(uat_settings.system.name)


@pytest.fixture
def run_tag(uat_settings: Settings, request: pytest.FixtureRequest) -> str:
    """A short word that only this test of this run uses: letters and digits."""
    return "u" + hashlib.sha256(f"{uat_settings.run} {request.node.nodeid}".encode()).hexdigest()[:8]


@pytest.fixture
def made(run_tag: str, uat_stage: Stage) -> Made:
    """Test data of this test, cleaned up at its end, before any other fixture goes."""
    data = Made(tag=run_tag, stage=uat_stage)
    uat_stage.leaving.append(data.clean_up)
    return data


def _marked(request: pytest.FixtureRequest, name: str) -> dict[str, Any]:
    marker = request.node.get_closest_marker(name)
    return dict(marker.kwargs) if marker else {}


def _close(context: BrowserContext, stage: Stage) -> None:
    stage.contexts += 1
    file = "trace.zip" if stage.contexts == 1 else f"trace-{stage.contexts}.zip"
    try:
        context.tracing.stop(path=stage.folder / file)
        stage.note_file(None, "trace", file, "application/vnd.allure.playwright-trace")
        context.close()
    except Error as error:
        stage.journal.write("evidence-lost", step=None, why=first_line(error))
