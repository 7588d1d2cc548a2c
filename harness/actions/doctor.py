"""What is here, what is missing, what needs it, and how to get it.

Looking changes nothing. `fix` gets one means where that can be done without a person, and says what it did;
where everything is there it says nothing.
"""

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.adapters.allure_tool import allure_remedy, ensure_allure, find_allure, find_node
from harness.adapters.browsers import (
    Browser,
    Trial,
    browser_remedy,
    find_browser,
    font_remedy,
    get_browser,
    get_chinese_font,
    try_browser,
)
from harness.adapters.host import Host
from harness.adapters.tools import ask
from harness.errors import AskedWrongly, HarnessError

_MIB = 1024**2
_ENOUGH_DISK = 1024 * _MIB
_ENOUGH_TMPFS = 256 * _MIB
_ENGINES = ("schemathesis", "locust", "pytest", "playwright")


class State(StrEnum):
    """How a means is."""

    OK = "ok"
    MISSING = "missing"
    OLD = "old"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One thing that runs stand on. `required`: some suite of every workspace needs it; `remedy` is what to type."""

    name: str
    state: State
    found: str
    needed_by: str
    remedy: str
    required: bool


def examine(host: Host | None = None, where: Path | None = None) -> tuple[Means, ...]:
    """Look at every means, in the order a run needs them. Starts a browser once; asks no network."""
    host = host or Host()
    return (
        _python(),
        _engines(),
        *_browser_and_letters(host),
        _node(host),
        _report(host),
        _program(host, "npm", "npm", "--version", "installing the report tool faster", "install Node.js with npm"),
        _program(host, "git", "git", "--version", "naming the commit of a release", _package(host, "git")),
        _docker(host),
        _program(host, "postgresql", *_POSTGRESQL, _package(host, "postgresql"), more=_postgres_places()),
        _program(host, "rabbitmq", *_RABBITMQ, _package(host, "rabbitmq-server"), more=("/usr/sbin",)),
        _room("disk", where or Path.cwd(), _ENOUGH_DISK, "records and evidence", "free at least 1 GiB", required=True),
        _room("tmpfs", Path("/dev/shm"), _ENOUGH_TMPFS, _DRAFTS, "mount a tmpfs there of at least 256 MiB"),  # noqa: S108
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


def _python() -> Means:
    version = ".".join(str(part) for part in sys.version_info[:3])
    state = State.OK if sys.version_info >= (3, 11) else State.OLD
    found = f"{version} at {sys.executable}"
    return _means("python", state, found, "everything", "install Python 3.11 or newer", required=True)


def _engines() -> Means:
    """The engines' packages, without importing them."""
    versions = {name: _version(name) for name in _ENGINES}
    lacking = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    state = State.MISSING if lacking else State.OK
    remedy = f"install harness again into {sys.prefix}; it brings {', '.join(lacking or _ENGINES)}"
    return _means("engines", state, found, "contract, load and uat", remedy, required=True)


def _browser_and_letters(host: Host) -> tuple[Means, Means]:
    """The browser by starting it; its letters by what it drew."""
    needed = ("uat and printed documents", browser_remedy(host))
    letters = ("readable Chinese in screenshots and documents", font_remedy(host))
    try:
        browser = find_browser(host)
    except HarnessError as error:
        problem = error.problems[0]
        return (
            _means("browser", State.BROKEN, problem.message, needed[0], problem.hint or needed[1], required=True),
            _means("chinese-font", State.MISSING, "cannot tell without a browser", *letters),
        )
    if browser is None:
        return (
            _means("browser", State.MISSING, "", *needed, required=True),
            _means("chinese-font", State.MISSING, "cannot tell without a browser", *letters),
        )
    return _tried(browser, try_browser(browser, host), needed, letters)


def _tried(browser: Browser, trial: Trial, needed: tuple[str, str], letters: tuple[str, str]) -> tuple[Means, Means]:
    what = f"{browser.version} at {browser.path} ({browser.found})"
    what = what if trial.draws else f"{what}, but it drew no page: {trial.said}"
    font = "letters are drawn" if trial.chinese else "boxes are drawn for letters" if trial.draws else "cannot tell"
    return (
        _means("browser", State.OK if trial.draws else State.BROKEN, what, *needed, required=True),
        _means("chinese-font", State.OK if trial.chinese else State.MISSING, font, *letters),
    )


def _node(host: Host) -> Means:
    node = find_node(host)
    remedy = "install harness again: Playwright's wheel brings Node"
    return _means("node", State.OK if node else State.MISSING, node or "", "the report", remedy)


def _report(host: Host) -> Means:
    tool = find_allure(host)
    found = f"Allure {tool.version} at {Path(tool.cli).parents[2]}" if tool else ""
    remedy = f"harness doctor --fix; or {allure_remedy()}"
    return _means("report", State.OK if tool else State.MISSING, found, "the report", remedy)


def _docker(host: Host) -> Means:
    """The engine, not the client: only the engine starts anything."""
    needed = (
        "services in containers",
        "install and start Docker (or Podman's socket); services also start as processes",
    )
    docker = shutil.which("docker", path=host.environ.get("PATH"))
    if docker is None:
        return _means("docker", State.MISSING, "", *needed)
    said = ask((docker, "version", "--format", "{{.Server.Version}}"), deadline_s=20, env=dict(host.environ))
    version = said.out.strip()
    if said.well and version:
        return _means("docker", State.OK, f"engine {version} at {docker}", *needed)
    return _means("docker", State.BROKEN, f"the client at {docker} finds no engine", *needed)


def _program(
    host: Host, name: str, program: str, asks: str, needed: str, remedy: str, more: tuple[str, ...] = ()
) -> Means:
    """A program on the PATH or in `more` folders that answers for its version."""
    places = ":".join((host.environ.get("PATH", ""), *more))
    path = shutil.which(program, path=places)
    if path is None:
        return _means(name, State.MISSING, "", needed, remedy)
    if not asks:
        return _means(name, State.OK, path, needed, remedy)
    said = ask((path, asks), deadline_s=60, env=dict(host.environ))
    first = (said.out.strip().splitlines() or [""])[0]
    found = f"{first} at {path}" if said.well else f"{path} does not answer: {said.last_words}"
    return _means(name, State.OK if said.well else State.BROKEN, found, needed, remedy)


_POSTGRESQL = ("postgres", "--version", "a PostgreSQL service as a process")
_RABBITMQ = ("rabbitmq-server", "", "a RabbitMQ service as a process")  # asking it for a version would start it
_DRAFTS = "drafts that never touch a disk (on a disk they are private as well)"


def _postgres_places() -> tuple[str, ...]:
    """Debian keeps the server off the PATH, a folder per major version."""
    return tuple(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


def _room(name: str, folder: Path, enough: int, needed: str, remedy: str, *, required: bool = False) -> Means:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return _means(name, State.MISSING, f"{folder}: {error.strerror}", needed, remedy, required=required)
    found = f"{free // _MIB} MiB free at {folder}"
    return _means(name, State.OK if free >= enough else State.MISSING, found, needed, remedy, required=required)


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


def _package(host: Host, name: str) -> str:
    """How to install a system package, where it has the same name everywhere."""
    manager = next(
        (each for each in ("apt-get", "dnf", "apk") if shutil.which(each, path=host.environ.get("PATH"))), None
    )
    verb = "add" if manager == "apk" else "install -y"
    sudo = "" if host.is_root else "sudo "
    return f"{sudo}{manager} {verb} {name}" if manager else f"install {name}"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _means(name: str, state: State, found: str, needed_by: str, remedy: str, *, required: bool = False) -> Means:
    return Means(name=name, state=state, found=found, needed_by=needed_by, remedy=remedy, required=required)
