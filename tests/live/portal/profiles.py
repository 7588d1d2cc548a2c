"""People at real browsers: a profile of their own, and a passkey in a virtual device that checks who it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, expect

from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host

PASSWORD = "tulip-anvil-forty-two"


@dataclass
class Profile:
    """One person's browser."""

    context: BrowserContext
    page: Page
    device: CDPSession
    url: str

    def join(self, link: str, device: str = "Laptop") -> None:
        """Follow the invitation, choose a password, add a passkey."""
        self.page.goto(link)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_label("A name for this device").fill(device)
        self.page.get_by_role("button", name="Add a passkey").click()
        expect(self.page.get_by_text(device)).to_be_visible()

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def press(self, name: str, role: str = "button") -> None:
        """Press what is called so."""
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


@contextmanager
def profile(playwright: Playwright, folder: Path, url: str, **more: object) -> Iterator[Profile]:
    """A Chromium of one's own, with its own user data, and a passkey device in it."""
    host = Host()
    browser = find_browser(host)
    assert browser
    context = playwright.chromium.launch_persistent_context(
        str(folder), executable_path=browser.path, args=list(launch_flags(host)), locale="en-GB", **more
    )
    page = context.pages[0]
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    try:
        yield Profile(context=context, page=page, device=device, url=url)
    finally:
        context.close()
