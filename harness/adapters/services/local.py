"""A service as a process of this machine: its own port on loopback, data folder, password and name, all for one run."""

import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

from harness.adapters.host import Host
from harness.adapters.processes import Processes, Running
from harness.adapters.services.access import Access
from harness.adapters.services.lent import Lent, clear, lend, put
from harness.adapters.services.programs import NEEDED, find_programs, how_to_get
from harness.adapters.services.under import INTERRUPTED, KindFailedError, Under, Wanted, wait_until_in
from harness.model.service import Kind, Preset, Service, Stood

_BECOME = str(Path(__file__).with_name("become.py"))
_TRIES = 3
_ENDING_S = 5.0
_USERS = {Preset.POSTGRESQL: ("postgres",), Preset.RABBITMQ: ("rabbitmq",)}
_TAKEN = ("could not bind", "already in use", "eaddrinuse", "port 0 is not available")

Lines = tuple[tuple[str, ...], ...]


def start_local(wanted: Wanted, host: Host, processes: Processes) -> Under:
    """Start it and wait until it lets us in; KindFailedError says what is missing or what it said."""
    service = wanted.service
    programs = find_programs(service.preset, service.binaries, host.environ)
    if programs is None:
        needed = " and ".join(NEEDED[service.preset])
        where = f" in {service.binaries}" if service.binaries else " on this machine"
        raise KindFailedError(f"no {needed}{where}: {how_to_get(service.preset, host.environ)}")
    for attempt in range(_TRIES):
        access = Access(
            host="127.0.0.1", port=host.free_port(), user="harness", password=wanted.password, space=wanted.space
        )
        lent = _lent(service, processes, attempt)
        lines, variables = _how(service.preset, programs, access, lent, host)
        running = _started(service, lines, {**variables, **wanted.env}, lent, host, processes)
        try:
            version = wait_until_in(
                service.preset, access, service.ready_s, host, partial(_given_up, running, processes)
            )
        except BaseException as error:
            said = running.tail(40).lower()
            _end(service.preset, running, lent, processes)
            if isinstance(error, KindFailedError) and attempt < _TRIES - 1 and any(word in said for word in _TAKEN):
                continue  # somebody took the port between our asking and its binding
            raise
        return _under(service, access, running, lent, processes, version)
    raise KindFailedError("every port that was free was taken before it could be used")


def _under(service: Service, access: Access, running: Running, lent: Lent, processes: Processes, version: str) -> Under:
    return Under(
        stood=Stood(name=service.name, preset=service.preset, kind=Kind.PROCESS, version=version, where=access.where),
        url=access.url(service.preset),
        access=access,
        ended=partial(_ended, running),
        end=lambda: _end(service.preset, running, lent, processes),
    )


def _lent(service: Service, processes: Processes, attempt: int) -> Lent:
    name = service.name if attempt == 0 else f"{service.name}-{attempt + 1}"
    try:
        return lend(processes.scratch, name, _USERS[service.preset])
    except OSError as error:
        raise KindFailedError(f"no folder for its data: {error}") from error


def _started(
    service: Service, lines: Lines, env: Mapping[str, str], lent: Lent, host: Host, processes: Processes
) -> Running:
    who = "-" if lent.user is None else f"{lent.user[0]}:{lent.user[1]}"
    words = [word for line in lines for word in ("--", *line)]
    argv = (host.python, "-I", "-S", _BECOME, str(os.getpid()), who, *words)
    try:
        return processes.start(f"services.{service.name}", argv, {"HOME": str(lent.path), **env}, lent.path)
    except OSError as error:
        clear(lent.path)
        raise KindFailedError(f"it could not be started: {error}") from error


def _how(
    preset: Preset, programs: Mapping[str, str], access: Access, lent: Lent, host: Host
) -> tuple[Lines, Mapping[str, str]]:
    match preset:
        case Preset.POSTGRESQL:
            return _postgres(programs, access, lent), {"TMPDIR": str(lent.path)}
        case Preset.RABBITMQ:
            return ((programs["rabbitmq-server"],),), _rabbit(access, lent, host)


def _postgres(programs: Mapping[str, str], access: Access, lent: Lent) -> Lines:
    """A cluster of its own. Nothing needs to survive the machine, so nothing is forced to disk."""
    data = str(lent.path / "data")
    secret = put(lent, "password", access.password + "\n")
    single = put(lent, "database.sql", f'CREATE DATABASE "{access.space}";\n')
    settings = {
        "listen_addresses": access.host,
        "port": str(access.port),
        "unix_socket_directories": "",
        "dynamic_shared_memory_type": "mmap",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    create = (programs["initdb"], "-D", data, "-U", access.user, "--pwfile", str(secret), "-A", "scram-sha-256")
    shell = 'exec "$1" --single -D "$2" -c dynamic_shared_memory_type=mmap postgres < "$3" > /dev/null'
    return (
        (*create, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions"),
        ("/bin/sh", "-c", shell, "sh", programs["postgres"], data, str(single)),
        ("/bin/rm", "-f", str(secret), str(single)),
        (programs["postgres"], "-D", data, *(word for key in settings for word in ("-c", f"{key}={settings[key]}"))),
    )


def _rabbit(access: Access, lent: Lent, host: Host) -> Mapping[str, str]:
    """A node of its own name and cookie, with a port mapper of its own; everything listens on loopback."""
    settings = {
        "listeners.tcp.1": access.where,
        "default_user": access.user,
        "default_pass": access.password,
        "default_vhost": access.space,
        "disk_free_limit.absolute": "1MB",
    }
    file = put(lent, "rabbitmq.conf", "".join(f"{key} = {value}\n" for key, value in settings.items()))
    cookie = put(lent, ".erlang.cookie", host.new_key().hex())
    cookie.chmod(0o400)
    return {
        "RABBITMQ_NODENAME": f"harness-{access.port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(file),
        "RABBITMQ_CONF_ENV_FILE": str(put(lent, "rabbitmq-env.conf", "")),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(put(lent, "plugins", "[].\n")),
        "RABBITMQ_MNESIA_BASE": str(lent.path / "mnesia"),
        "RABBITMQ_LOG_BASE": str(lent.path / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(lent.path / "pid"),
        "RABBITMQ_DIST_PORT": str(host.free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RUNNING_UNDER_SYSTEMD": "true",  # one process, no shell that waits for it
        "ERL_EPMD_PORT": str(host.free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP_SECONDS": "0",
        "TMPDIR": str(lent.path),
    }


def _ended(running: Running) -> str | None:
    if running.alive:
        return None
    status = cast(int, running.process.returncode)
    how = f"signal {-status}" if status < 0 else f"status {status}"
    said = running.tail(3)
    return f"its process ended with {how}" + (f', having said: "{said}"' if said else "")


def _given_up(running: Running, processes: Processes) -> str | None:
    return INTERRUPTED if processes.stop_all.is_set() else _ended(running)


def _end(preset: Preset, running: Running, lent: Lent, processes: Processes) -> bytes:
    """Ask it to end without waiting for its clients, then make it; leave nothing of it but what it printed."""
    if running.alive:
        running.process.send_signal(signal.SIGINT if preset is Preset.POSTGRESQL else signal.SIGTERM)
        end = processes.host.monotonic_s() + _ENDING_S
        while processes.host.monotonic_s() < end and running.process.poll() is None:
            processes.host.sleep(0.05)
    processes.stop(running)
    clear(lent.path)
    return running.log.read_bytes() if running.log.exists() else b""
