"""The harness's side of the guard: started, kept alive by a lease, asked for figures, watched for refusals."""

import json
import socket
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from harness.adapters.guard.order import Order, Stand, write_order
from harness.adapters.guard.serving import CONTROL, DOORS, JOURNAL
from harness.adapters.host import Host
from harness.adapters.processes import Processes, Running
from harness.errors import CouldNotTell
from harness.model.guard import Origin

_READY_S = 20.0
_RENEW_S = 0.5
_TALK_S = 5.0
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An attempt that did not leave. `request` names it without its query."""

    job: str
    request: str
    why: str


class StandingGuard:
    """A guard that serves. `ports` by the doors' keys; `running` is its process."""

    def __init__(self, host: Host, processes: Processes, order: Order) -> None:
        folder = processes.scratch / "guard"
        folder.mkdir(mode=0o700)
        (folder / "order.json").touch(mode=0o600)
        (folder / "order.json").write_bytes(write_order(order))
        self.order = order
        self._folder = folder
        self._read = 0
        self._refused: list[Refused] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        argv = (host.python, "-m", "harness.adapters.guard", str(folder / "order.json"))
        self.running: Running = processes.start("guard", argv, {}, folder)
        ready = self._ready(host)
        self.ports: dict[str, int] = ready["ports"]
        self.spki: str = ready["spki"]
        self.ca_file: str = ready["ca_file"]
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(_TALK_S)
        self._line.connect(str(folder / CONTROL))
        self._answers = self._line.makefile("rb")
        threading.Thread(target=self._renew, daemon=True).start()

    @property
    def doors_socket(self) -> str:
        """Where a launcher hands in the listeners of a namespace."""
        return str(self._folder / DOORS)

    def url(self, key: str) -> str:
        """The address of a door."""
        return f"http://127.0.0.1:{self.ports[key]}"

    def stands(self, stands: Iterable[Stand]) -> None:
        """Tell which credentials stand behind which placeholders."""
        self._tell(say="stands", stands=[asdict(stand) for stand in stands])

    def allow(self, origins: Iterable[Origin]) -> None:
        """Tell of servers whose address was not known at the start: mocks."""
        self._tell(say="origins", origins=[asdict(origin) for origin in origins])

    def figures(self, job: str) -> dict[str, Any]:
        """What one job came to at the guard; empty where the guard is gone."""
        return self._tell(say="figures", job=job)

    def refused(self) -> tuple[Refused, ...]:
        """Every attempt so far that did not leave."""
        self._follow()
        return tuple(self._refused)

    def journal(self) -> bytes:
        """Everything that the guard wrote down."""
        path = self._folder / JOURNAL
        return path.read_bytes() if path.exists() else b""

    @property
    def ended_why(self) -> str | None:
        """Why the guard ended all traffic, if it did."""
        for line in self.journal().splitlines():
            told = json.loads(line)
            if told["event"] == "stopped":
                return str(told["why"])
        return None

    def stop(self, why: str) -> None:
        """End all traffic at once."""
        self._tell(say="stop", why=why)
        self.close()

    def close(self) -> None:
        """Let go: the guard ends."""
        self._over.set()
        with self._lock:
            self._answers.close()
            self._line.close()

    def _ready(self, host: Host) -> dict[str, Any]:
        end = host.monotonic_s() + _READY_S
        while host.monotonic_s() < end and self.running.alive:
            for line in self.running.log.read_bytes().splitlines(keepends=True):
                if line.startswith(b'{"ready"') and line.endswith(b"\n"):
                    ready: dict[str, Any] = json.loads(line)
                    return ready
            host.sleep(_PAUSE_S)
        raise CouldNotTell(f"the guard did not start: {self.running.tail(2)}", hint="nothing was sent anywhere")

    def _renew(self) -> None:
        while not self._over.wait(_RENEW_S):
            self._tell(say="alive")

    def _tell(self, **told: Any) -> dict[str, Any]:
        with self._lock:
            try:
                self._line.sendall(json.dumps(told).encode() + b"\n")
                line = self._answers.readline()
                answer: dict[str, Any] = json.loads(line) if line else {}
            except (OSError, ValueError):
                return {}
            return answer

    def _follow(self) -> None:
        body = (self._folder / JOURNAL).read_bytes() if (self._folder / JOURNAL).exists() else b""
        whole = body.rfind(b"\n") + 1
        for line in body[self._read : whole].splitlines():
            told = json.loads(line)
            if told["event"] == "refused":
                self._refused.append(Refused(job=told["job"], request=told["request"], why=told["why"]))
        self._read = whole
