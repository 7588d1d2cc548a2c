"""The browser of a run: started once, started anew where it died, kept to the tier's hosts.

Chromium gets a resolver that knows only the tier's own hosts, so a page that pulls
something from elsewhere gets nothing, and the browser itself phones nobody. It inherits no
environment but what a browser needs: credentials of the run are none of its business.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error

from harness.kit.uat.settings import Settings
from harness.kit.uat.stage import first_line

_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-pings",
    "--metrics-recording-only",
)
_BY_PROXY_ALONE = ("--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--dns-prefetch-disable")
_NEEDED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "FONTCONFIG_FILE")
_OURS = ("HARNESS_RUN", "HARNESS_JOB")
_SOCKET_PATH = 50
_LOCALES = {"en": "en-US", "zh": "zh-CN"}
VIEWPORTS: Mapping[str, dict[str, int]] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}


class NoBrowser(Exception):
    """No browser could be started: nothing can be said about the product."""


class Browsers:
    """Hands out a browser that is alive: the session's own, or another after that one died."""

    def __init__(self, first: Browser, launch: Callable[[], Browser]) -> None:
        self._launch = launch
        self._alive = first
        self._own: list[Browser] = []

    def alive(self) -> Browser:
        """A browser that answers."""
        if not self._alive.is_connected():
            self._alive = self._launch()
            self._own.append(self._alive)
        return self._alive

    def close(self) -> None:
        """End the browsers that were started here."""
        for browser in self._own:
            if browser.is_connected():
                browser.close()


def launch_args(settings: Settings) -> dict[str, Any]:
    """Playwright's launch options: the executable that the harness found, its sandbox, and where it may go."""
    options: dict[str, Any] = {
        "args": [*_QUIET, f"--host-resolver-rules={resolver_rules(hosts_of(settings))}"],
        "chromium_sandbox": not settings.no_sandbox,
        "env": browser_environment(os.environ),
        "timeout": 60_000,
    }
    if settings.proxy is not None:
        # everything by the proxy, also what is on this machine; nothing that is not HTTP finds a way around it
        trusted = f"--ignore-certificate-errors-spki-list={settings.proxy.spki}"
        options["args"] = [*_QUIET, *_BY_PROXY_ALONE, trusted]
        options["proxy"] = {"server": settings.proxy.url}
    if settings.browser:
        options["executable_path"] = settings.browser
    return options


def context_args(settings: Settings, language: str | None = None, size: str = "desktop") -> dict[str, Any]:
    """Playwright's context options: the system's address, the reader's language, the size of the window."""
    wanted = language or (settings.languages[0] if settings.languages else "en")
    options: dict[str, Any] = {"locale": _LOCALES.get(wanted, wanted), "viewport": dict(VIEWPORTS[size])}
    if size == "phone":
        options |= {"is_mobile": True, "has_touch": True, "device_scale_factor": 2}
    if settings.system is not None:
        options["base_url"] = settings.system.page_url or settings.system.base_url
    return options


def hosts_of(settings: Settings) -> tuple[str, ...]:
    """The hosts that the browser may reach: systems, mocks, and this machine."""
    urls = (*(one.base_url for one in settings.reach), *settings.mocks.values())
    return tuple(sorted({"localhost", "127.0.0.1", *(host for url in urls if (host := urlsplit(url).hostname))}))


def resolver_rules(hosts: Iterable[str]) -> str:
    """Chromium's `--host-resolver-rules` that knows these hosts and no others."""
    return ", ".join(("MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in hosts)))


def browser_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the browser needs to know, and the marks by which it is found when the run ends.

    Chromium puts a socket below TMPDIR and dies where that path grows longer than a socket's may be.
    """
    kept = {name: environ[name] for name in (*_NEEDED, *_OURS) if name in environ}
    if folder := environ.get("TMPDIR"):
        kept["TMPDIR"] = folder if len(folder) <= _SOCKET_PATH else os.path.relpath(folder)
    return kept


def started(launch: Callable[..., Browser]) -> Callable[..., Browser]:
    """The same launcher, saying `NoBrowser` where none could be started."""

    def launched(**options: Any) -> Browser:
        try:
            return launch(**options)
        except Error as error:
            raise NoBrowser(_why(error)) from error

    return launched


def _why(error: Error) -> str:
    """What the browser itself said, where it said something fatal; else what Playwright says."""
    fatal = (line for line in str(error).splitlines() if "FATAL" in line or "No usable sandbox" in line)
    said = next(fatal, "").rpartition("[err]")[2].strip()
    return f"{first_line(error)} {said}".strip()
