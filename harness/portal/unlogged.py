"""What no log may hold: the path of an invitation is a way in, and Django writes paths when something is refused."""

import logging
import re

_LINK = re.compile(r"(/invitation/)[^\s?'\"]+")
_LOGGERS = ("django.request", "django.security.csrf")


class WithoutLinks(logging.Filter):
    """Lets every record through, with its links cut short."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the message out and cut what lets somebody in."""
        record.msg, record.args = _LINK.sub(r"\1…", record.getMessage()), ()
        return True


def keep_links_out() -> None:
    """From now on, for as long as this process runs."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, WithoutLinks) for one in logger.filters):
            logger.addFilter(WithoutLinks())
