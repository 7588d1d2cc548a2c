"""A container that outlives its run: an earlier run's where there is one. Each run has a database of its own in it.

It carries no run's label, so that neither the watchdog nor the next start removes it; whoever wants to, does. Runs that
want the same one at once make it ready one after the other; one that was stopped meanwhile goes on, or is made anew.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.services.access import Access
from harness.adapters.services.alone import alone
from harness.adapters.services.apart import apart
from harness.adapters.services.engine import (
    KEPT_LABEL,
    OWNER_LABEL,
    SERVICE_LABEL,
    Engine,
    KeptContainer,
    NoEngineError,
    owner,
)
from harness.adapters.services.under import INTERRUPTED, KindFailedError, Under, Wanted, wait_until_in
from harness.model.service import Kind, Stood

_FIRST = "harness"  # the database that the container is made with, and nobody works in
_GONE = "its container ended before it could be used"


class _Watched(Protocol):
    def ended(self) -> str | None:
        """Why the container does not run any more."""


Watch = Callable[[str, Host], _Watched]


class Kept:
    """The container of a service that is to be reused."""

    def __init__(
        self, wanted: Wanted, engine: Engine, image: tuple[str, str], host: Host, processes: Processes
    ) -> None:
        self._wanted, self._engine, self._image = wanted, engine, image
        self._host, self._processes = host, processes
        self._whose = owner(processes.scratch.parent)
        self._fingerprint = self._told()

    @property
    def first(self) -> Wanted:
        """What to start where there is none."""
        return replace(self._wanted, space=_FIRST)

    @property
    def labels(self) -> Mapping[str, str]:
        """By which it is found again."""
        return {KEPT_LABEL: self._fingerprint, OWNER_LABEL: self._whose, SERVICE_LABEL: self._wanted.service.name}

    @property
    def lock(self) -> Path:
        """Held by the run that makes it ready."""
        return self._processes.scratch.with_name(f".kept-{self._fingerprint}")

    def entered(self, start: Callable[[], object], watch: Watch) -> Under:
        """This run's database in it; `start` makes one that lets us in, where there is none."""
        service = self._wanted.service
        with alone(self.lock, 2 * service.ready_s, self._host, lambda: self._given_up(None)):
            kept = self._engine.kept(self._fingerprint)
            if kept is None or (not kept.runs and not self._woken(kept, watch)):
                start()
                kept = self._engine.kept(self._fingerprint)
        if kept is None:
            raise KindFailedError(_GONE)
        server = self._server(kept)
        stood = Stood(
            name=service.name,
            preset=service.preset,
            kind=Kind.CONTAINER,
            where=server.where,
            image=service.image,
            digest=self._image[1],
            kept=True,
        )
        return apart(self._wanted, server, stood, watch(kept.id, self._host).ended, self._host, self._processes)

    def _woken(self, kept: KeptContainer, watch: Watch) -> bool:
        """Whether one that was stopped lets us in again. One that does not is removed: nobody can be in it."""
        service = self._wanted.service
        watched = watch(kept.id, self._host)
        try:
            self._engine.wake(kept)
            server = self._server(kept)
            wait_until_in(service.preset, server, service.ready_s, self._host, lambda: self._given_up(watched))
        except (KindFailedError, NoEngineError):
            if self._processes.stop_all.is_set():
                raise
            self._engine.remove(kept.id)
            return False
        return True

    def _server(self, kept: KeptContainer) -> Access:
        where = self._engine.published(kept.id, self._wanted.service.port)
        if not where:
            raise KindFailedError(_GONE)
        if any(host != "127.0.0.1" for host, _ in where):
            raise KindFailedError(f"the kept container's port is not published on 127.0.0.1 alone: {where}")
        password = kept.env.get("POSTGRES_PASSWORD", "")
        return Access(host=where[0][0], port=where[0][1], user="harness", password=password, space=_FIRST)

    def _given_up(self, watched: _Watched | None) -> str | None:
        if self._processes.stop_all.is_set():
            return INTERRUPTED
        return watched.ended() if watched is not None else None

    def _told(self) -> str:
        """Whoever wants the same service of the same image in the same workspace may have the same container."""
        wanted, service = self._wanted, self._wanted.service
        parts = (self._whose, str(wanted.root), service.name, self._image[0], str(service.port))
        env = (f"{key}={value}" for key, value in sorted(wanted.env.items()))
        told = "\0".join((*parts, *env, *map(":".join, service.volumes)))
        return hashlib.sha256(told.encode()).hexdigest()[:32]
