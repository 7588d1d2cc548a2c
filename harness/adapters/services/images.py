"""The image of a container: here already, fetched within a deadline, or built from a Dockerfile of the workspace."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.adapters.services.engine import Engine
from harness.adapters.services.under import KindFailedError
from harness.model.service import Service

_FETCH_S = 180.0
_BUILD_S = 600.0


def image_for(engine: Engine, service: Service, root: Path) -> tuple[str, tuple[str, str]]:
    """(name, (id, digest)); KindFailedError where it can't be had."""
    if service.dockerfile is not None:
        return _built(engine, root / service.dockerfile, service.name)
    found = engine.image(service.image)
    if found is None:
        why = _within(_FETCH_S, lambda: _docker(engine).images.pull(service.image))
        found = engine.image(service.image)
        if found is None:
            raise KindFailedError(f"the image {service.image} is not here and could not be fetched: {why}")
    return service.image, found


def client_for(engine: Engine) -> dict[str, Any]:
    """What the client libraries are told, to talk to this engine and no other."""
    return {"environment": {"DOCKER_HOST": engine.at}}


def _built(engine: Engine, file: Path, service: str) -> tuple[str, tuple[str, str]]:
    """Built when its folder changed: the name holds a digest of every file beside the Dockerfile."""
    if not file.is_file():
        raise KindFailedError(f"there is no {file.name} at {file}")
    name = f"harness-built/{service.lower()}:{_digest(file.parent)}"
    found = engine.image(name)
    if found is None:
        wanted = {"path": str(file.parent), "dockerfile": file.name, "tag": name, "rm": True, "forcerm": True}
        why = _within(_BUILD_S, lambda: _docker(engine).images.build(**wanted))
        found = engine.image(name)
        if found is None:
            raise KindFailedError(f"the image of {file.parent.name}/{file.name} could not be built: {why}")
    return name, found


def _within(seconds: float, act: Callable[[], object]) -> str:
    """Do it: the client knows no deadline, so it gets one here. Gives what was said where it failed."""
    said: list[str] = []

    def try_it() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next kind is tried and this is the reason
            said.append(" ".join(str(error).split())[-300:])

    thread = threading.Thread(target=try_it, daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0] if said else f"not there after {seconds:g} s"


def _docker(engine: Engine) -> Any:
    from testcontainers.core.docker_client import DockerClient

    return DockerClient(**client_for(engine)).client


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = file.read_bytes()
        whole.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_mode}\0{len(body)}\0".encode() + body)
    return whole.hexdigest()[:16]
