"""A service in a container, by testcontainers: published on 127.0.0.1 alone, labelled with its run, removed at the end.

Testcontainers' own reaper is switched off, since its image may not be had: what a killed run leaves is removed by our
watchdog, or by the next start. An image that is not here is fetched within a deadline.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.services.access import Access
from harness.adapters.services.engine import (
    OWNER_LABEL,
    RUN_LABEL,
    SERVICE_LABEL,
    Engine,
    NoEngineError,
    find_engine,
    owner,
)
from harness.adapters.services.images import client_for, image_for
from harness.adapters.services.kept import Kept
from harness.adapters.services.under import INTERRUPTED, KindFailedError, Under, Wanted, wait_until_in
from harness.model.service import Kind, Preset, Service, Stood

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

_LOOK_EVERY_S = 1.0


def start_container(wanted: Wanted, host: Host, processes: Processes) -> Under:
    """Start it and wait until it lets us in; KindFailedError says what was in the way."""
    try:
        engine = find_engine(host.environ)
        image, found = image_for(engine, wanted.service, wanted.root)
        wanted = replace(wanted, service=replace(wanted.service, image=image))
        if not wanted.service.reuse:
            return _started(wanted, engine, found[1], host, processes)
        kept = Kept(wanted, engine, found, host, processes)
        return kept.entered(
            partial(_started, kept.first, engine, found[1], host, processes, kept.labels), partial(Watched, engine)
        )
    except NoEngineError as error:
        raise KindFailedError(str(error)) from error


def _started(
    wanted: Wanted,
    engine: Engine,
    digest: str,
    host: Host,
    processes: Processes,
    labels: Mapping[str, str] | None = None,
) -> Under:
    from docker.errors import DockerException

    service = wanted.service
    whose = {RUN_LABEL: processes.scratch.name, OWNER_LABEL: owner(processes.scratch.parent)}
    container = _made(wanted, engine, labels or {**whose, SERVICE_LABEL: service.name})
    try:
        container.start()
        watched = Watched(engine, container.get_container_id(), host)
        access = Access(
            host="127.0.0.1",
            port=_port(container, service),
            user="harness",
            password=wanted.password,
            space=wanted.space,
        )

        def ended() -> str | None:
            return INTERRUPTED if processes.stop_all.is_set() else watched.ended()

        version = wait_until_in(service.preset, access, service.ready_s, host, ended)
    except KindFailedError as error:
        said = _remove(container, engine)[-400:].decode("utf-8", "replace").strip().splitlines()[-3:]
        told = f', having said: "{" / ".join(said)}"' if said else ""
        raise KindFailedError(f"{error}{told}") from error
    except (DockerException, OSError) as error:
        _remove(container, engine)
        raise KindFailedError(f"the container could not be started: {error}") from error
    except BaseException:
        _remove(container, engine)
        raise
    stood = Stood(
        name=service.name,
        preset=service.preset,
        kind=Kind.CONTAINER,
        version=version,
        where=access.where,
        image=service.image,
        digest=digest,
    )
    return Under(
        stood=stood,
        url=access.url(service.preset),
        access=access,
        ended=watched.ended,
        end=partial(_remove, container, engine),
    )


def _made(wanted: Wanted, engine: Engine, labels: Mapping[str, str]) -> "DockerContainer":
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True
    logging.getLogger("testcontainers").setLevel(logging.ERROR)  # it narrates on stderr, and so do we
    for name in tuple(logging.root.manager.loggerDict):
        if name.startswith("testcontainers."):
            logging.getLogger(name).setLevel(logging.ERROR)
    service = wanted.service
    container = DockerContainer(service.image, docker_client_kw=client_for(engine))
    for key, value in {**_variables(wanted), **wanted.env}.items():
        container.with_env(key, value)
    # the library's own setters publish on every address of the machine
    cast("dict[str, Any]", container.ports)[f"{service.port}/tcp"] = ("127.0.0.1", None)
    for ours, inside in service.volumes:
        container.with_volume_mapping(wanted.root / ours, inside, "ro")
    return container.with_kwargs(labels=dict(labels))


def _variables(wanted: Wanted) -> Mapping[str, str]:
    """As the official images read them."""
    password, space = wanted.password, wanted.space
    match wanted.service.preset:
        case Preset.POSTGRESQL:
            return {"POSTGRES_USER": "harness", "POSTGRES_PASSWORD": password, "POSTGRES_DB": space}
        case Preset.RABBITMQ:
            return {
                "RABBITMQ_DEFAULT_USER": "harness",
                "RABBITMQ_DEFAULT_PASS": password,
                "RABBITMQ_DEFAULT_VHOST": space,
            }


def _port(container: "DockerContainer", service: Service) -> int:
    """The port on 127.0.0.1; KindFailedError where the engine published it anywhere else."""
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    published = (wrapped.ports or {}).get(f"{service.port}/tcp") or []
    if not published:
        raise KindFailedError(f"the container published no port {service.port}")
    if any(one["HostIp"] != "127.0.0.1" for one in published):
        raise KindFailedError(f"the container's port was published on {published[0]['HostIp']}, not on 127.0.0.1 alone")
    return int(published[0]["HostPort"])


class Watched:
    """Whether a container still runs, asked at most once a second."""

    def __init__(self, engine: Engine, identity: str, host: Host) -> None:
        self._engine, self._identity, self._host = engine, identity, host
        self._looked = -_LOOK_EVERY_S
        self._said: str | None = None

    def ended(self) -> str | None:
        if self._said is None and self._host.monotonic_s() - self._looked >= _LOOK_EVERY_S:
            self._looked = self._host.monotonic_s()
            try:
                self._said = self._engine.state(self._identity)
            except NoEngineError as error:
                self._said = str(error)
        return self._said


def _log(container: "DockerContainer") -> bytes:
    from docker.errors import DockerException

    try:
        wrapped = container.get_wrapped_container()
        return bytes(wrapped.logs()) if wrapped is not None else b""
    except (DockerException, OSError):
        return b"(its log can't be read any more)\n"


def _remove(container: "DockerContainer", engine: Engine) -> bytes:
    """End and remove it; gives what it printed."""
    from docker.errors import DockerException

    said = _log(container)
    try:
        wrapped = container.get_wrapped_container()
        if wrapped is not None and wrapped.id is not None:
            engine.remove(wrapped.id)
        container.get_docker_client().client.close()
    except (DockerException, OSError, NoEngineError):
        return said  # the watchdog and the next start look again
    return said
