"""What one client may take of a mock server: bytes, time and connections, all bounded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds. Beyond a limit a client gets a clean 4xx and is let go."""

    head_bytes: int = 64 * 1024
    header_lines: int = 200
    body_bytes: int = 10 * 1024 * 1024
    head_s: float = 10.0
    request_s: float = 30.0
    idle_s: float = 75.0
    connections: int = 10_000
    pipelined: int = 64
    grace_s: float = 5.0
