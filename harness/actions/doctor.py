"""What is here, what is missing, what needs it, and how to get it.

Looking changes nothing. `fix` gets one means where that can be done without a person, and says what it did;
where everything is there it says nothing.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from harness.actions.means import (
    Means,
    State,
    browser_and_letters,
    disk,
    docker,
    engines,
    git,
    memory_disk,
    node,
    npm,
    postgresql,
    python,
    rabbitmq,
    report,
)
from harness.adapters.allure_tool import ensure_allure, find_allure
from harness.adapters.browsers import find_browser, get_browser, get_chinese_font, try_browser
from harness.adapters.host import Host
from harness.errors import AskedWrongly

__all__ = ["Means", "State", "as_document", "examine", "fix", "ready"]


def examine(host: Host | None = None, where: Path | None = None) -> tuple[Means, ...]:
    """Look at every means, in the order a run needs them. Starts a browser once; asks no network."""
    host = host or Host()
    return (
        python(),
        engines(),
        *browser_and_letters(host),
        node(host),
        report(host),
        npm(host),
        git(host),
        docker(host),
        postgresql(host),
        rabbitmq(host),
        disk(where or Path.cwd()),
        memory_disk(),
    )


def fix(name: str, host: Host | None = None) -> Iterator[str]:
    """Get one means; a line for each thing done, none where there is nothing to do. CouldNotTell says what to type."""
    host = host or Host()
    getters: dict[str, Callable[[Host], Iterator[str]]] = {
        "browser": _get_browser,
        "chinese-font": _get_font,
        "report": _get_report,
    }
    if name not in getters:
        raise AskedWrongly(f"`{name}` cannot be got by itself", hint=f"these can: {', '.join(getters)}")
    yield from getters[name](host)


def as_document(means: tuple[Means, ...]) -> dict[str, object]:
    """What `harness doctor --json` prints."""
    listed = [
        {
            "name": each.name,
            "state": each.state.value,
            "found": each.found,
            "needed-by": each.needed_by,
            "remedy": each.remedy,
            "required": each.required,
        }
        for each in means
    ]
    return {"kind": "harness/doctor", "version": 1, "ready": ready(means), "means": listed}


def ready(means: tuple[Means, ...]) -> bool:
    """Whether nothing required is lacking."""
    return all(each.state is State.OK for each in means if each.required)


def _get_browser(host: Host) -> Iterator[str]:
    if find_browser(host) is None:
        browser = get_browser(host)
        yield f"got a browser: {browser.version} at {browser.path}"


def _get_font(host: Host) -> Iterator[str]:
    browser = find_browser(host)
    if browser and not try_browser(browser, host).chinese:
        get_chinese_font(host)
        yield "got a font with Chinese letters"


def _get_report(host: Host) -> Iterator[str]:
    if find_allure(host) is None:
        tool = ensure_allure(host)
        yield f"got the report tool: Allure {tool.version}"
