"""The live picture: frames of the page that is in front, as fast as the server wants them and never faster.

A frame that comes too soon is kept and sent when its time has come, so the last frame is never the one left out.
"""

import time
from typing import Any

from playwright.sync_api import Error, Page

from harness.kit.walk.line import Line

_QUALITY = 65


class Picture:
    """Sends the frames of the page in front. `changed` says whether a frame came since it was last set back."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._number = 0
        self._sent_at = 0.0
        self._held: dict[str, Any] | None = None
        self._front: Page | None = None
        self.between_s = 0.05
        self.pace_ms = 500
        self.changed = False

    def begins(self, page: Page) -> None:
        """Show this page from now on, and where the script clicks and types."""
        self._front = page
        try:
            self._start(page)
            self.paced(page)
        except Error:
            return  # a page that is gone already shows nothing; the script will notice

    def look_at(self, page: Page) -> None:
        """This page is in front: where it was not, it is shown anew, also if nothing on it changes."""
        if self._front is page:
            return
        self._front = page
        page.screencast.stop()
        self._start(page)

    def paced(self, page: Page) -> None:
        """Point at what the script is about to touch, for as long as the person wants to look."""
        style = {"title": "display: none", "highlight": "outline: 4px solid #d4351c; background: transparent"}
        page.screencast.show_actions(duration=self.pace_ms, cursor="pointer", style=style)  # type: ignore[arg-type]

    def flush(self) -> None:
        """Send the frame that was held back, once its time has come."""
        if self._held is not None and time.monotonic() - self._sent_at >= self.between_s:
            self._send(self._held)

    def _start(self, page: Page) -> None:
        size = page.viewport_size or {"width": 1280, "height": 800}
        page.screencast.start(
            on_frame=lambda frame: self._came(page, dict(frame)),
            quality=_QUALITY,
            size={"width": size["width"], "height": size["height"]},
        )

    def _came(self, page: Page, frame: dict[str, Any]) -> None:
        if page is not self._front:
            return
        self.changed = True
        if time.monotonic() - self._sent_at < self.between_s:
            self._held = frame
        else:
            self._send(frame)

    def _send(self, frame: dict[str, Any]) -> None:
        self._held = None
        self._sent_at = time.monotonic()
        self._number += 1
        self._line.tell(
            "frame",
            frame["data"],
            number=self._number,
            captured=round(frame["timestamp"]),
            width=frame["viewportWidth"],
            height=frame["viewportHeight"],
        )
