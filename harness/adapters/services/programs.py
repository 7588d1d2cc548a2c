"""Where the servers' own programs are on this machine, and how to get them where they are not."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.model.service import Preset

# Debian keeps PostgreSQL's off the PATH, a folder per major version; RabbitMQ's wrapper there insists on its own user.
_FOLDERS = {
    Preset.POSTGRESQL: ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"),
    Preset.RABBITMQ: ("/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/opt/rabbitmq/sbin"),
}
NEEDED = {Preset.POSTGRESQL: ("postgres", "initdb"), Preset.RABBITMQ: ("rabbitmq-server",)}
_PACKAGES = {Preset.POSTGRESQL: "postgresql", Preset.RABBITMQ: "rabbitmq-server"}


def find_programs(preset: Preset, first: str | None, environ: Mapping[str, str]) -> dict[str, str] | None:
    """The paths of what the preset needs, all from one folder; None where no folder has all of them."""
    for folder in _candidates(preset, first, environ):
        found = {name: str(folder / name) for name in NEEDED[preset] if os.access(folder / name, os.X_OK)}
        if len(found) == len(NEEDED[preset]):
            return found
    return None


def how_to_get(preset: Preset, environ: Mapping[str, str]) -> str:
    """What to type."""
    package = _PACKAGES[preset]
    for manager, verb in (("apt-get", "install -y"), ("dnf", "install -y"), ("apk", "add"), ("brew", "install")):
        if shutil.which(manager, path=environ.get("PATH")):
            sudo = "" if manager == "brew" or os.geteuid() == 0 else "sudo "
            return f"{sudo}{manager} {verb} {package}"
    return f"install {package}, or name the folder of its programs in `binaries`"


def _candidates(preset: Preset, first: str | None, environ: Mapping[str, str]) -> Iterator[Path]:
    if first is not None:
        yield Path(first)
        return
    for pattern in _FOLDERS[preset]:
        root, _, rest = pattern[1:].partition("/")
        yield from sorted(Path(f"/{root}").glob(rest), reverse=True)
    for name in environ.get("PATH", "").split(os.pathsep):
        if name and Path(name).is_absolute():
            yield Path(name)
