"""A Docker engine on this machine, asked over its own socket with nothing but the standard library.

The watchdog and the next start must find and remove a killed run's containers without the client libraries. Only an
engine behind a local socket or on loopback counts: elsewhere a port on 127.0.0.1 would be another machine's.
"""

import http.client
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

RUN_LABEL, OWNER_LABEL, SERVICE_LABEL = "harness.run", "harness.owner", "harness.service"
KEPT_LABEL = "harness.kept"
_USABLE = ("running", "exited", "created", "paused")
_USUAL = ("/var/run/docker.sock", "{XDG_RUNTIME_DIR}/docker.sock", "{HOME}/.docker/run/docker.sock")
_PATIENCE_S = 20.0


class NoEngineError(Exception):
    """No engine answers, or it refused; the message says which and why."""


@dataclass(frozen=True, slots=True)
class KeptContainer:
    """One that outlived the run that made it; `state` as the engine says it, `env` as it was made with."""

    id: str
    state: str
    env: Mapping[str, str]

    @property
    def runs(self) -> bool:
        """Whether it needs no waking."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Engine:
    """`at` is `unix:///path` or `tcp://127.0.0.1:port`."""

    at: str

    def version(self) -> str:
        """The engine's version."""
        return str(self._ask("GET", "/version").get("Version", "unknown"))

    def image(self, name: str) -> tuple[str, str] | None:
        """(id, digest) of an image that is here; the digest is the registry's where there is one, else the id."""
        found = self._ask("GET", f"/images/{quote(name, safe='/:@')}/json", missing=True)
        if not found:
            return None
        digests = [str(one).partition("@")[2] for one in found.get("RepoDigests") or ()]
        return str(found["Id"]), digests[0] if digests else str(found["Id"])

    def state(self, container: str) -> str | None:
        """None while it runs; else how it ended."""
        found = self._ask("GET", f"/containers/{container}/json", missing=True)
        if not found:
            return "its container is gone"
        state = found["State"]
        if state.get("Running"):
            return None
        memory = ", out of memory" if state.get("OOMKilled") else ""
        return f"its container ended with status {state.get('ExitCode')}{memory}"

    def containers_of(self, owner: str, run: str | None = None) -> tuple[tuple[str, str], ...]:
        """(id, run) of every container that we labelled, of one run or of all."""
        labels = [f"{OWNER_LABEL}={owner}", f"{RUN_LABEL}={run}" if run else RUN_LABEL]
        query = quote(json.dumps({"label": labels}))
        found = self._ask("GET", f"/containers/json?all=1&filters={query}")
        return tuple((str(one["Id"]), str(one["Labels"][RUN_LABEL])) for one in found)

    def kept(self, fingerprint: str) -> KeptContainer | None:
        """What an earlier run left for those that want just this one: one that runs before one that does not."""
        query = quote(json.dumps({"label": [f"{KEPT_LABEL}={fingerprint}"], "status": list(_USABLE)}))
        found = self._ask("GET", f"/containers/json?all=1&filters={query}")
        if not found:
            return None
        first = min(found, key=lambda one: (one["State"] != "running", one["Created"], one["Id"]))
        inside = self._ask("GET", f"/containers/{first['Id']}/json", missing=True)
        if not inside:
            return None
        env = dict(str(one).split("=", 1) for one in inside["Config"]["Env"] or ())
        return KeptContainer(str(first["Id"]), str(first["State"]), env)

    def wake(self, kept: KeptContainer) -> None:
        """Let a container go on that was stopped or paused."""
        self._ask("POST", f"/containers/{kept.id}/{'unpause' if kept.state == 'paused' else 'start'}")

    def published(self, container: str, port: int) -> tuple[tuple[str, int], ...]:
        """Where a container's port is reached on this machine."""
        found = self._ask("GET", f"/containers/{container}/json")["NetworkSettings"]["Ports"] or {}
        return tuple((str(one["HostIp"]), int(one["HostPort"])) for one in found.get(f"{port}/tcp") or ())

    def remove(self, container: str) -> None:
        """End and remove a container with its volumes; fine where it is gone already."""
        self._ask("DELETE", f"/containers/{container}?force=1&v=1", missing=True)

    def _ask(self, method: str, path: str, *, missing: bool = False) -> Any:
        connection = _connection(self.at)
        try:
            connection.request(method, path, headers={"Host": "docker"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoEngineError(f"no Docker engine answers at {self.at} ({_why(error)})") from error
        finally:
            connection.close()
        if missing and answer.status in {404, 409}:
            return {}
        if answer.status >= 400:
            raise NoEngineError(f"the Docker engine answered {answer.status}: {body[:200].decode('utf-8', 'replace')}")
        return json.loads(body) if body.strip() else {}


def find_engine(environ: Mapping[str, str]) -> Engine:
    """The engine that `DOCKER_HOST` names, else the usual sockets; NoEngineError where none answers."""
    named = environ.get("DOCKER_HOST")
    if named:
        return _answering(Engine(_local(named)))
    places = [place.format_map(_Known(environ)) for place in _USUAL]
    here = [place for place in places if Path(place).is_absolute() and Path(place).is_socket()]
    if not here:
        raise NoEngineError("no Docker engine: there is no socket at /var/run/docker.sock")
    return _answering(Engine(f"unix://{here[0]}"))


def owner(scratch_root: Path) -> str:
    """Who we are among those who share an engine: a user of a machine, with a folder of drafts."""
    return f"{os.getuid()}@{socket.gethostname()}:{scratch_root}"


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"


def _answering(engine: Engine) -> Engine:
    engine.version()
    return engine


def _local(named: str) -> str:
    parts = urlsplit(named)
    if parts.scheme == "unix" or (parts.scheme == "tcp" and parts.hostname in {"127.0.0.1", "localhost", "::1"}):
        return named
    raise NoEngineError(f"DOCKER_HOST is {named}: only an engine on this machine can publish ports for this machine")


def _connection(at: str) -> http.client.HTTPConnection:
    parts = urlsplit(at)
    if parts.scheme == "tcp":
        return http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 2375, timeout=_PATIENCE_S)
    return _UnixConnection(parts.path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=_PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
