"""What a means is, and how each is looked for on this machine. Looking changes nothing and never raises."""

import importlib.metadata
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.adapters.allure_tool import allure_remedy, find_allure, find_node
from harness.adapters.browsers import Browser, Trial, browser_remedy, find_browser, font_remedy, try_browser
from harness.adapters.host import Host
from harness.adapters.tools import ask
from harness.errors import HarnessError

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


def python() -> Means:
    """The interpreter we run on."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    state = State.OK if sys.version_info >= (3, 11) else State.OLD
    found = f"{version} at {sys.executable}"
    return _means("python", state, found, "everything", "install Python 3.11 or newer", required=True)


def engines() -> Means:
    """The engines' packages, without importing them."""
    versions = {name: _version(name) for name in _ENGINES}
    lacking = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    state = State.MISSING if lacking else State.OK
    remedy = f"install harness again into {sys.prefix}; it brings {', '.join(lacking or _ENGINES)}"
    return _means("engines", state, found, "contract, load and uat", remedy, required=True)


def browser_and_letters(host: Host) -> tuple[Means, Means]:
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


def node(host: Host) -> Means:
    """What the report tool runs on."""
    node = find_node(host)
    remedy = "install harness again: Playwright's wheel brings Node"
    return _means("node", State.OK if node else State.MISSING, node or "", "the report", remedy)


def report(host: Host) -> Means:
    """The report tool, where it is installed."""
    tool = find_allure(host)
    found = f"Allure {tool.version} at {Path(tool.cli).parents[2]}" if tool else ""
    remedy = f"harness doctor --fix; or {allure_remedy()}"
    return _means("report", State.OK if tool else State.MISSING, found, "the report", remedy)


def docker(host: Host) -> Means:
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


def npm(host: Host) -> Means:
    """Node's package manager; a borrowed one serves where there is none."""
    return _program(host, "npm", "npm", "--version", "installing the report tool faster", "install Node.js with npm")


def git(host: Host) -> Means:
    """The version control of whoever builds."""
    return _program(host, "git", "git", "--version", "naming the commit of a release", _package(host, "git"))


def postgresql(host: Host) -> Means:
    """The server's own program. Debian keeps it off the PATH, a folder per major version."""
    places = tuple(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    needed, remedy = "a PostgreSQL service as a process", _package(host, "postgresql")
    return _program(host, "postgresql", "postgres", "--version", needed, remedy, more=places)


def rabbitmq(host: Host) -> Means:
    """The broker's own program, looked at and not asked: asking would start it."""
    needed, remedy = "a RabbitMQ service as a process", _package(host, "rabbitmq-server")
    return _program(host, "rabbitmq", "rabbitmq-server", "", needed, remedy, more=("/usr/sbin",))


def disk(where: Path) -> Means:
    """Room for what runs keep."""
    return _room("disk", where, _ENOUGH_DISK, "records and evidence", "free at least 1 GiB", required=True)


def memory_disk() -> Means:
    """Room in memory for what must not touch a disk."""
    needed = "drafts that never touch a disk (on a disk they are private as well)"
    shared = Path("/dev/shm")  # noqa: S108 - looked at, not written to
    return _room("tmpfs", shared, _ENOUGH_TMPFS, needed, "mount a tmpfs there of at least 256 MiB")


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


def _room(name: str, folder: Path, enough: int, needed: str, remedy: str, *, required: bool = False) -> Means:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return _means(name, State.MISSING, f"{folder}: {error.strerror}", needed, remedy, required=required)
    found = f"{free // _MIB} MiB free at {folder}"
    return _means(name, State.OK if free >= enough else State.MISSING, found, needed, remedy, required=required)


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
