"""A process as two values: what to start, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FOUND = "! "


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start in a directory made for it.

    `argv` holds no secret; secrets go into `env` (added to a small clean environment) or `files`
    (written 0600, by relative name, before the start). `collect` are glob patterns, relative to the
    directory, of output files to read back. `{scratch}` in argv and env stands for that directory.
    `progress` is a file of lines for whoever watches; one that begins with `FOUND` tells what looks like a failure.
    `workdir` None = the scratch directory itself. `memory_bytes` caps the address space of the tree.
    `way_out` set = a network of its own, whose only ways out are the doors that it names.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: tuple[str, ...] = ()
    deadline_s: float = 300.0
    workdir: str | None = None
    memory_bytes: int | None = None
    progress: str | None = None
    way_out: "WayOut | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """Doors as (key, port on 127.0.0.1), and the socket by which a guard takes their listeners."""

    socket: str
    doors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came back. `exit_status` None = it never started or was killed (`killed_by` names the signal).

    `files` are the collected bytes by relative name; `missing` the patterns that matched nothing.
    Times are milliseconds since the epoch.
    """

    exit_status: int | None
    killed_by: str | None = None
    timed_out: bool = False
    interrupted: bool = False
    started_ms: int = 0
    ended_ms: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    left_behind: int = 0
    cannot_start: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A system as engines must reach it. `headers` carry credentials: environment or 0600 files only.

    `shown` says by lower-case header name how a person signs in with curl, naming variables and no secret.
    `started_by_us`: this run brought it up, so that only this run loses it where it ends.
    `page_url` is the system's own address where `base_url` is a door of the guard; browsers go there by a proxy.
    """

    name: str
    base_url: str
    page_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    secured: bool = False
    started_by_us: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a runner may know of the run around its job. Paths are absolute.

    `documents` are the flattened contracts (JSON bytes) by their workspace path; `hooks` and scripts
    are read from `root` by the engines themselves. `browser` is an executable path or None.
    """

    run: str
    tier: str
    root: str
    python: str
    targets: Mapping[str, Target]
    documents: Mapping[str, bytes] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en", "zh")
    browser: str | None = None
    no_sandbox: bool = False
    mock_urls: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    release: str | None = None
    proxy: "BrowserProxy | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserProxy:
    """The guard as browsers use it: its address, the digest of the key that they trust, and the authority's file."""

    url: str
    spki: str
    ca_file: str
