"""Starting a server from the terminal: the address first, and a sentence when it cannot be had."""

import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from harness.errors import AskedWrongly, HarnessError
from harness.sample.settings import is_loopback

_WAITING = 2048


def complain(error: HarnessError) -> int:
    """Every problem with its way out, on stderr; returns the exit status."""
    for found in error.problems:
        sys.stderr.write(f"error: {found.message}\n")
        if found.hint:
            sys.stderr.write(f"\nhint: {found.hint}\n")
    return error.exit


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address; port 0 takes a free one. Raises `AskedWrongly`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_WAITING)  # who calls before the server runs is answered once it does
    except (OSError, OverflowError) as error:
        bound.close()
        reason = error.strerror if isinstance(error, OSError) else "the port is out of range"
        raise AskedWrongly(
            f"cannot listen on {host}:{port}: {reason}", hint="choose another --port; 0 takes a free one"
        ) from None
    return bound


def server_for(application: Callable[..., Any], *, lifespan: bool) -> uvicorn.Server:
    """A quiet server for the application."""
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="on" if lifespan else "off",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def announce(what: str, bound: socket.socket) -> None:
    """Say on stderr where it can be reached."""
    host, port = bound.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    reach = "" if is_loopback(host) else " (reachable from other machines)"
    sys.stderr.write(f"{what} on http://{name}:{port}{reach}\n")
