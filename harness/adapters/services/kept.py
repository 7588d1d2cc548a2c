"""A container that outlives its run: an earlier run's where there is one. Each run has a database of its own in it.

It carries no run's label, so that neither the watchdog nor the next start removes it; whoever wants to, does.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.services.access import Access
from harness.adapters.services.apart import apart
from harness.adapters.services.engine import KEPT_LABEL, OWNER_LABEL, SERVICE_LABEL, Engine, owner
from harness.adapters.services.under import KindFailedError, Under, Wanted
from harness.model.service import Kind, Stood

_FIRST = "harness"  # the database that the container is made with, and nobody works in


class _Watched(Protocol):
    def ended(self) -> str | None:
        """Why the container does not run any more."""


class Kept:
    """The container of a service that is to be reused; `container` is None where none is there yet."""

    def __init__(
        self, wanted: Wanted, engine: Engine, image: tuple[str, str], host: Host, processes: Processes
    ) -> None:
        self._wanted, self._engine, self._image = wanted, engine, image
        self._host, self._processes = host, processes
        self._whose = owner(processes.scratch.parent)
        self._fingerprint = self._told()
        self.container = engine.kept(self._fingerprint)

    @property
    def first(self) -> Wanted:
        """What to start where there is none."""
        return replace(self._wanted, space=_FIRST)

    @property
    def labels(self) -> Mapping[str, str]:
        """By which it is found again."""
        return {KEPT_LABEL: self._fingerprint, OWNER_LABEL: self._whose, SERVICE_LABEL: self._wanted.service.name}

    def entered(self, watch: Callable[[str, Host], _Watched]) -> Under:
        """This run's database in it."""
        service = self._wanted.service
        kept = self.container or self._engine.kept(self._fingerprint)
        if kept is None:
            raise KindFailedError("its container ended before it could be used")
        container, inside = kept
        where = self._engine.published(container, service.port)
        if not where or any(host != "127.0.0.1" for host, _ in where):
            raise KindFailedError(f"the kept container's port is not published on 127.0.0.1 alone: {where}")
        password = inside.get("POSTGRES_PASSWORD", "")
        server = Access(host=where[0][0], port=where[0][1], user="harness", password=password, space=_FIRST)
        stood = Stood(
            name=service.name,
            preset=service.preset,
            kind=Kind.CONTAINER,
            where=server.where,
            image=service.image,
            digest=self._image[1],
            kept=True,
        )
        return apart(self._wanted, server, stood, watch(container, self._host).ended, self._host, self._processes)

    def _told(self) -> str:
        """Whoever wants the same service of the same image in the same workspace may have the same container."""
        wanted, service = self._wanted, self._wanted.service
        parts = (self._whose, str(wanted.root), service.name, self._image[0], str(service.port))
        env = (f"{key}={value}" for key, value in sorted(wanted.env.items()))
        told = "\0".join((*parts, *env, *map(":".join, service.volumes)))
        return hashlib.sha256(told.encode()).hexdigest()[:32]
