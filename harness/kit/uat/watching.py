"""Listening to the browser: which pages open, what the console complains of, what the network was asked."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

from harness.kit.uat.guiding import current_guide
from harness.kit.uat.stage import Stage, first_line

_ASKED_BY_SCRIPTS = {"document", "xhr", "fetch", "eventsource", "websocket"}
_NOBODYS_BUSINESS = "/favicon.ico"  # browsers ask for it unbidden
_LEFT = "net::ERR_ABORTED"  # the page itself went elsewhere


class Watcher:
    """Writes what a browser context does into the stage. (Playwright marks listeners: no slots here.)"""

    def __init__(self, context: BrowserContext, stage: Stage) -> None:
        self.stage = stage
        self.guide = current_guide()  # here: a handler runs in a context of its own and would find nobody
        if context.browser is not None:
            stage.browsers.append(context.browser)
        context.on("page", self.opened)
        context.on("console", self.heard)
        context.on("weberror", self.threw)
        context.on("response", self.answered)
        context.on("requestfailed", self.not_answered)

    def opened(self, page: Page) -> None:
        """A page was opened."""
        self.stage.pages.append(page)
        page.on("crash", self.crashed)
        if self.guide is not None:
            self.guide.page_opened(page)

    def crashed(self, _page: Page) -> None:
        """A page's process died."""
        self.stage.crashed = True

    def heard(self, message: ConsoleMessage) -> None:
        """The console said something; errors are kept."""
        if message.type == "error" and not message.location["url"].endswith(_NOBODYS_BUSINESS):
            self._complained(message.text)

    def threw(self, error: WebError) -> None:
        """A script of the page threw and nobody caught it."""
        self._complained(first_line(error.error))

    def answered(self, response: Response) -> None:
        """The network answered, perhaps with an error."""
        request = response.request
        if request.resource_type in _ASKED_BY_SCRIPTS:
            self.stage.exchanged(request.method, request.url, response.status, "page")
        if response.status >= 400 and not request.url.endswith(_NOBODYS_BUSINESS):
            self.stage.failed_requests.append(f"{request.method} {request.url} answered {response.status}")

    def not_answered(self, request: Request) -> None:
        """The network gave no answer."""
        why = request.failure or "failed"
        if why != _LEFT:
            self.stage.failed_requests.append(f"{request.method} {request.url}: {why}")
            self.stage.exchanged(request.method, request.url, None, "page", why)

    def _complained(self, text: str) -> None:
        self.stage.console_errors.append(text)
        self.stage.journal.write("console", text=text)
