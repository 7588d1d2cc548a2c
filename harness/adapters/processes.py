"""Starting engines and systems, and leaving no process behind.

Every process starts in a session of its own with a small clean environment and a mark
(`HARNESS_RUN`, `HARNESS_JOB`) that its descendants inherit, so that even those which left the
process group are found by it (Linux) and ended. Deadlines are total wall time.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import IO

from harness.adapters.draining import Drain, read_capped
from harness.adapters.host import Host
from harness.adapters.marks import end_marked, marked
from harness.model.process import Command, Ended

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_GRACE_S = 8.0
_TICK_S = 0.05
_DRAIN_S = 3.0
_LARGEST_FILE = 256 * 1024**2
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "VIRTUAL_ENV",
)

Progress = Callable[[str], None]


@dataclass(slots=True)
class Running:
    """A process that goes on beside us: a system under test or a mock. `log` collects what it prints."""

    name: str
    process: "subprocess.Popen[bytes]"
    mark: str
    log: Path
    drains: tuple[Drain, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def tail(self, lines: int = 5) -> str:
        """The last lines of its log."""
        text = self.log.read_bytes()[-8192:].decode("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.rstrip().splitlines()[-lines:])


class Processes:
    """All processes of one run. `stop_all` is set by Ctrl-C: whatever runs is asked to end and then made to.

    `stopping` names jobs that are to end alone; `grace_s` is how long whoever is asked to end may take.
    """

    def __init__(self, host: Host, run: str, scratch: Path) -> None:
        self.host = host
        self.run = run
        self.scratch = scratch
        self.stop_all = threading.Event()
        self.stopping: set[str] = set()
        self.grace_s = _GRACE_S
        self._claim = claimed(scratch)

    def spawn(self, command: Command, job: str, progress: Progress | None = None) -> Ended:
        """Start, wait, collect; the scratch directory is gone afterwards. Never raises for what the engine does."""
        folder = self.scratch / _safe(job)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _lay_out(folder, command)
            argv, env = _in(folder, command.argv), _in_values(folder, command.env)
            process, drains = self._start(argv, env, folder, job, command)
        except (OSError, ValueError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            now = self.host.now_ms()
            return Ended(exit_status=None, cannot_start=_why(error), started_ms=now, ended_ms=now)
        started = self.host.now_ms()
        timed_out, interrupted = self._wait(process, job, command, folder, progress)
        left_behind = self._end_all(process, f"{self.run}/{job}")
        status = process.returncode
        for drain in drains:
            drain.finish(_DRAIN_S)
        files, missing = _collected(folder, command.collect)
        ended = Ended(
            exit_status=status if status is not None and status >= 0 else None,
            killed_by=signal.Signals(-status).name if status is not None and status < 0 else None,
            timed_out=timed_out,
            interrupted=interrupted,
            started_ms=started,
            ended_ms=self.host.now_ms(),
            stdout=read_capped(folder / "stdout"),
            stderr=read_capped(folder / "stderr"),
            files=files,
            missing=missing,
            left_behind=left_behind,
        )
        shutil.rmtree(folder, ignore_errors=True)
        return ended

    def start(self, name: str, argv: tuple[str, ...], env: Mapping[str, str], workdir: Path) -> Running:
        """Start something that goes on until `stop`; OSError where it can't be started at all."""
        folder = self.scratch / _safe(f"service:{name}")
        folder.mkdir(parents=True, exist_ok=True)
        command = Command(argv=argv, env=env, workdir=str(workdir))
        process, drains = self._start(argv, env, folder, f"service:{name}", command)
        mark, log = f"{self.run}/service:{name}", folder / "stdout"
        return Running(name=name, process=process, mark=mark, log=log, drains=drains)

    def stop(self, running: Running) -> int | None:
        """Ask it to end, then make it; gives its exit status (negative: the signal that ended it)."""
        if running.alive:
            _signal_group(running.process, signal.SIGTERM)
            self._until_gone(running.process, _GRACE_S)
        self._end_all(running.process, running.mark)
        for drain in running.drains:
            drain.finish(_DRAIN_S)
        return running.process.returncode

    def close(self) -> int:
        """End whatever still carries this run's mark and remove the scratch directory; gives how many there were."""
        ended = end_marked(self.run + "/")
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._claim.close()
        return ended

    def _start(
        self, argv: tuple[str, ...], env: Mapping[str, str], folder: Path, job: str, command: Command
    ) -> "tuple[subprocess.Popen[bytes], tuple[Drain, ...]]":
        for name in ("home", "tmp"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        whole = {key: self.host.environ[key] for key in _KEPT if key in self.host.environ}
        whole |= {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1"}
        whole |= {"HARNESS_RUN": self.run, "HARNESS_JOB": f"{self.run}/{job}", "LC_ALL": "C.UTF-8", **env}
        way_out = () if command.way_out is None else (json.dumps(asdict(command.way_out)),)
        launch = (
            *(self.host.python, "-I", "-S", _LAUNCHER, str(os.getpid()), str(command.memory_bytes or 0)),
            *(*way_out, "--", *argv),
        )
        merged = command.workdir is not None and job.startswith("service:")
        files = [FileIO(folder / name, "w") for name in (("stdout",) if merged else ("stdout", "stderr"))]
        try:
            process = subprocess.Popen(
                launch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if merged else subprocess.PIPE,
                cwd=command.workdir or folder,
                env=whole,
                start_new_session=True,
            )
        except BaseException:
            for file in files:
                file.close()
            raise
        streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
        return process, tuple(Drain(stream, file) for stream, file in zip(streams, files, strict=True))

    def _wait(
        self, process: "subprocess.Popen[bytes]", job: str, command: Command, folder: Path, progress: Progress | None
    ) -> tuple[bool, bool]:
        """(timed out, interrupted). Told to end first, made to end after a grace."""
        deadline = self.host.monotonic_s() + command.deadline_s
        follow = _Follow(folder / command.progress) if command.progress and progress else None
        while process.poll() is None:
            late = self.host.monotonic_s() > deadline
            if late or self.stop_all.is_set() or job in self.stopping:
                _signal_group(process, signal.SIGINT if not late else signal.SIGTERM)
                self._until_gone(process, self.grace_s)
                return late, not late
            if follow and progress:
                for line in follow.new_lines():
                    progress(line)
            self.host.sleep(_TICK_S)
        if follow and progress:
            for line in follow.new_lines():
                progress(line)
        return False, False

    def _until_gone(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        end = self.host.monotonic_s() + seconds
        while process.poll() is None and self.host.monotonic_s() < end:
            self.host.sleep(_TICK_S)

    def _end_all(self, process: "subprocess.Popen[bytes]", mark: str) -> int:
        """End what still runs; gives how many were left behind: not those that we stopped together with their head."""
        stopped_by_us = process.poll() is None
        left_behind = [pid for pid in marked(mark) if not (stopped_by_us and _group(pid) == process.pid)]
        _signal_group(process, signal.SIGKILL)
        end_marked(mark)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE_S)
        return len(left_behind)


def can_isolate(host: Host) -> bool:
    """Whether this machine lets a process have a network of its own."""
    try:
        probe = (host.python, "-I", "-S", _LAUNCHER, "--probe")
        return subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def claimed(folder: Path) -> IO[str]:
    """Make a scratch folder that is ours for as long as the returned file stays open (a lock says so)."""
    making = folder.with_name(f".{folder.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    lock = (making / "owner").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    making.rename(folder)
    return lock


def is_claimed(folder: Path) -> bool:
    """Whether whoever made a scratch folder still lives."""
    try:
        with (folder / "owner").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


class _Follow:
    """New whole lines of a growing file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def new_lines(self) -> tuple[str, ...]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                body = file.read(65536)
        except OSError:
            return ()
        whole = body.rfind(b"\n") + 1
        self._at += whole
        return tuple(body[:whole].decode("utf-8", "replace").splitlines())


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _lay_out(folder: Path, command: Command) -> None:
    folder.mkdir(mode=0o700, parents=True)
    for name, body in command.files.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)


def _in(folder: Path, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.replace("{scratch}", str(folder)) for value in values)


def _in_values(folder: Path, values: Mapping[str, str]) -> dict[str, str]:
    return {key: value.replace("{scratch}", str(folder)) for key, value in values.items()}


def _collected(folder: Path, patterns: tuple[str, ...]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for pattern in patterns:
        found = [path for path in sorted(folder.glob(pattern)) if _own(path, folder)]
        if not found:
            missing.append(pattern)
        for path in found:
            name = path.relative_to(folder).as_posix()
            try:
                if path.stat().st_size > _LARGEST_FILE:
                    missing.append(name)
                else:
                    files[name] = path.read_bytes()
            except OSError:
                missing.append(name)
    return files, tuple(missing)


def _own(path: Path, folder: Path) -> bool:
    """Whether it is a file that really lies in the folder: a link could carry a stranger's into the evidence."""
    return path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder)


def _safe(job: str) -> str:
    """A folder's name for a job: `contract-orders`; where more than the colon had to go, with a digest of the name."""
    name = "".join(char if char.isalnum() or char in "-_." else "-" for char in job)
    return name if name == job.replace(":", "-", 1) else f"{name}-{hashlib.sha256(job.encode()).hexdigest()[:8]}"


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return str(error)
