"""Pages to tagged PDF, in a process of its own: `python -m harness.kit.pdf BROWSER SANDBOX IN.html OUT.pdf [IN OUT …]`.

Nothing is fetched: scripts are off and every request but the page itself is refused. Fonts that are drawn are embedded.
"""

import sys
from pathlib import Path

from playwright.sync_api import Route, sync_playwright

_PAGE_MS = 60_000


def main(words: list[str]) -> int:
    """Print each page; 0 when all are printed."""
    browser, sandbox, *files = words
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, chromium_sandbox=sandbox == "yes")
        context = started.new_context(java_script_enabled=False, offline=True)
        context.set_default_timeout(_PAGE_MS)
        context.route("**/*", _nothing)
        for source, target in zip(files[::2], files[1::2], strict=True):
            page = context.new_page()
            page.set_content(Path(source).read_text("utf-8"))
            page.pdf(path=target, tagged=True, outline=True, prefer_css_page_size=True, print_background=True)
            page.close()
        started.close()
    return 0


def _nothing(route: Route) -> None:
    route.abort()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
