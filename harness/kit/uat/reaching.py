"""Is the system there at all? Asked after an expectation failed, so that a dead system is not called a wrong one."""

import socket
from urllib.parse import urlsplit

from harness.kit.uat.settings import Reach

_PATIENCE_S = 5.0
_PORTS = {"http": 80, "https": 443}


def unreachable(system: Reach | None) -> str | None:
    """Why nobody listens at the system's address any more; None where somebody does, or none is named."""
    if system is None:
        return None
    url = urlsplit(system.base_url)
    try:
        with socket.create_connection((url.hostname or "", url.port or _PORTS.get(url.scheme, 80)), _PATIENCE_S):
            return None
    except OSError as error:
        return error.strerror or str(error)
