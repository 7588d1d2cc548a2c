"""The host: time, environment, randomness and the machine's own facts, for everything above the purity line.

Engine code asks here and nowhere else, so that a test can put another host in its place.
"""

import getpass
import os
import secrets
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_SHARED = Path("/dev/shm")  # noqa: S108 - a 0700 folder of our own inside it
_ROOM_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Host:
    """The real machine. Tests give their own clock, environment and ids."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def now_ms(self) -> int:
        """Wall time in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def new_run_id(self) -> str:
        """`20261120T170301Z-7f3a`: UTC and four hex digits, sortable and hardly ever the same twice."""
        stamp = datetime.fromtimestamp(self.now_ms() / 1000, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"{stamp}-{secrets.token_hex(2)}"

    def new_seed(self) -> int:
        """A seed for whoever gave none."""
        return secrets.randbelow(2**31)

    def new_key(self) -> bytes:
        """32 random bytes."""
        return secrets.token_bytes(32)

    @property
    def python(self) -> str:
        """The interpreter that engines run on."""
        return sys.executable

    @property
    def cores(self) -> int:
        """Processors that this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    @property
    def is_root(self) -> bool:
        """Whether we run as root (browsers then need their sandbox switched off)."""
        return hasattr(os, "geteuid") and os.geteuid() == 0

    @property
    def user(self) -> str:
        """Under which name the machine knows whoever runs us."""
        return getpass.getuser()

    def free_port(self) -> int:
        """A TCP port on 127.0.0.1 that was free a moment ago."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    def addresses_of(self, name: str) -> frozenset[str]:
        """What a name leads to; nothing where nobody knows it."""
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return frozenset()
        return frozenset(str(each[4][0]) for each in found)

    def port_in_use(self, host: str, port: int) -> bool:
        """Whether somebody already listens there."""
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.settimeout(1.0)
            return probe.connect_ex((host, port)) == 0

    def scratch_root(self) -> Path:
        """A private folder (0700) for engines' drafts: in memory where there is a tmpfs with room, else on disk."""
        roomy = _SHARED.is_dir() and shutil.disk_usage(_SHARED).free > _ROOM_BYTES
        for base in (_SHARED, Path(tempfile.gettempdir())) if roomy else (Path(tempfile.gettempdir()),):
            folder = _private(base)
            if folder is not None:
                return folder
        return Path(tempfile.mkdtemp(prefix="harness-"))

    def scratch_roots(self) -> tuple[Path, ...]:
        """Every folder where drafts of ours may lie, whichever is used now."""
        found = (_own(base) for base in dict.fromkeys((_SHARED, Path(tempfile.gettempdir()))))
        return tuple(folder for folder in found if folder is not None)


def _private(base: Path) -> Path | None:
    """Our folder in a place that all may write to, None where somebody else holds its name."""
    folder = base / f"harness-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if _own(base) is None:
            return None
        folder.chmod(0o700)
    except OSError:
        return None
    return folder


def _own(base: Path) -> Path | None:
    folder = base / f"harness-{os.getuid()}"
    try:
        found = folder.lstat()
    except OSError:
        return None
    return folder if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() else None
