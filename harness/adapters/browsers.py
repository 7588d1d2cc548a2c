"""A Chromium to show pages in: found, tried, and fetched where there is none.

Found, in this order: what `HARNESS_BROWSER` names, the system's own, Playwright's own download. A browser counts
as tried only when it drew a page and a picture of it; the same page tells whether Chinese is drawn as letters.
"""

import base64
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.tools import Said, ask
from harness.errors import AskedWrongly, CouldNotTell

SETTING = "HARNESS_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
_DOWNLOADS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium_headless_shell-*/chrome-*/headless_shell",
    "chromium_headless_shell-*/chrome-*/chrome-headless-shell",
)
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Two ideographs that look different, and a code point no font has: where a font lacks them all three are the same box.
_PAGE = """<!doctype html><meta charset="utf-8"><title>drawn</title><p>订单 orders</p><script>
const draw = text => { const c = document.createElement("canvas"); c.width = c.height = 40;
  const x = c.getContext("2d"); x.font = "32px sans-serif"; x.fillText(text, 2, 34); return c.toDataURL(); };
const [a, b, none] = ["订", "单", "\\u{10FFFD}"].map(draw);
document.title = a !== b && a !== none ? "drawn in letters" : "drawn in boxes";
</script>"""
_PACKAGES = (
    ("apt-get", ("apt-get", "install", "-y", "--no-install-recommends"), "chromium", "fonts-noto-cjk"),
    ("dnf", ("dnf", "install", "-y"), "chromium", "google-noto-sans-cjk-fonts"),
    ("apk", ("apk", "add"), "chromium", "font-noto-cjk"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser: an absolute path, what it says its version is, and who named it."""

    path: str
    version: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of showing a page. `said` is the browser's last words where it drew nothing."""

    draws: bool
    chinese: bool
    said: str = ""


def find_browser(host: Host) -> Browser | None:
    """The browser that runs will use, or None. AskedWrongly where the setting names something that is none."""
    if named := host.environ.get(SETTING):
        path = shutil.which(named, path=host.environ.get("PATH"))
        browser = _asked(path, f"setting {SETTING}") if path else None
        if browser is None:
            hint = f"unset {SETTING} to let the harness look for one, or name an executable Chromium"
            raise AskedWrongly(f"{SETTING} is `{named}`, and no browser can be started there", hint=hint)
        return browser
    own = [shutil.which(name, path=host.environ.get("PATH")) for name in _NAMES]
    for path in (*own, *_PLACES):
        if path and Path(path).is_file() and (browser := _asked(path, "the system's")):
            return browser
    return _download(host)


def launch_flags(host: Host) -> tuple[str, ...]:
    """Flags for a quiet browser without a network; its sandbox is off only where it cannot have one: as root."""
    return (*_QUIET, "--no-sandbox") if host.is_root else _QUIET


def try_browser(browser: Browser, host: Host) -> Trial:
    """Show one page and look at what was drawn."""
    page = "data:text/html;base64," + base64.b64encode(_PAGE.encode()).decode()
    with tempfile.TemporaryDirectory(prefix="harness-browser-", ignore_cleanup_errors=True) as folder:
        picture = Path(folder) / "page.png"
        where = (f"--user-data-dir={folder}/profile", f"--screenshot={picture}", "--dump-dom", page)
        said = ask((browser.path, *launch_flags(host), *where), deadline_s=60, env=dict(host.environ))
        drawn = picture.read_bytes() if picture.is_file() else b""
    draws = drawn.startswith(b"\x89PNG") and "<title>drawn" in said.out
    return Trial(draws=draws, chinese="<title>drawn in letters" in said.out, said="" if draws else said.last_words)


def get_browser(host: Host) -> Browser:
    """Fetch one: Playwright's own download, else the system's package when root; CouldNotTell says what to type."""
    words = ask((host.python, "-m", "playwright", "install", "chromium"), deadline_s=600, env=dict(host.environ))
    found = _download(host)
    if found is None:
        words = _system_package(host, font=False) or words
        found = find_browser(host)
    if found is None:
        raise CouldNotTell(f"no browser could be had: {words.last_words}", hint=browser_remedy(host))
    return found


def get_chinese_font(host: Host) -> None:
    """Install a font with Chinese letters where the system lets us; CouldNotTell says what to type."""
    said = _system_package(host, font=True)
    if said is None or not said.well:
        words = said.last_words if said else "this needs root and a known package manager"
        raise CouldNotTell(f"no Chinese font could be installed: {words}", hint=font_remedy(host))


def browser_remedy(host: Host) -> str:
    """What a person types to have a browser."""
    return _typed(host, font=False) or f"install Chromium or Chrome, or set {SETTING} to where one is"


def font_remedy(host: Host) -> str:
    """What a person types to have Chinese letters in screenshots and printed pages."""
    return _typed(host, font=True) or "install a font with Chinese letters, such as Noto Sans CJK"


def _asked(path: str, found: str) -> Browser | None:
    """A browser that answers for its version; None for anything else."""
    said = ask((path, "--version"), deadline_s=20)
    version = said.out.strip().partition(" built on ")[0]
    return Browser(path=str(Path(path).absolute()), version=version, found=found) if said.well and version else None


def _download(host: Host) -> Browser | None:
    home = Path(host.environ.get("HOME") or Path.home())
    usual = home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    folder = Path(host.environ.get("PLAYWRIGHT_BROWSERS_PATH") or usual)
    for pattern in _DOWNLOADS:
        for path in sorted(folder.glob(pattern), reverse=True):
            if browser := _asked(str(path), "Playwright's download"):
                return browser
    return None


def _system_package(host: Host, *, font: bool) -> Said | None:
    """Install through the system's package manager; None where we may not or know none."""
    manager = _manager(host)
    if manager is None or not host.is_root:
        return None
    name, install, browser, letters = manager
    environment = {**host.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if name == "apt-get":
        ask(("apt-get", "update"), deadline_s=300, env=environment)
    return ask((*install, letters if font else browser), deadline_s=900, env=environment)


def _typed(host: Host, *, font: bool) -> str | None:
    manager = _manager(host)
    if manager is None:
        return None
    name, install, browser, letters = manager
    first = "apt-get update && " if name == "apt-get" else ""
    line = f"{first}{' '.join(install)} {letters if font else browser}"
    return line if host.is_root else f"sudo sh -c '{line}'"


def _manager(host: Host) -> tuple[str, tuple[str, ...], str, str] | None:
    return next((each for each in _PACKAGES if shutil.which(each[0], path=host.environ.get("PATH"))), None)
