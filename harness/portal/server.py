"""Starting: keys, database, a look at whether everything is as we promise, then one server until it is told to stop.

On SQLite one process writes, with many threads: two processes that write are refused by design. On PostgreSQL there may
be more.
"""

import sys
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from gunicorn.app.base import BaseApplication

from harness.portal.conditions import troubles
from harness.portal.keys import public_key
from harness.portal.settings import PORTAL
from harness.portal.worker import Worker
from harness.portal.wsgi import application

THREADS = 24


class TooNew(RuntimeError):
    """An older portal was started on the database of a newer one."""


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told what to do by us and not by its files or our command line."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Our options alone."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """What is served."""
        return application()


def prepare() -> None:
    """Bring the database to this version; an older portal never opens a newer one: TooNew."""
    loader = MigrationExecutor(connection).loader
    unknown = sorted(name for app, name in loader.applied_migrations if (app, name) not in loader.disk_migrations)
    if unknown:
        raise TooNew(f"this database is of a newer portal (it has {', '.join(unknown)}); nothing was changed")
    call_command("migrate", verbosity=0, interactive=False)


def serve(host: str, port: int, workers: int) -> int:
    """Serve until told to stop; 2 where something is not as it must be."""
    try:
        prepare()
    except TooNew as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    found = troubles()
    for one in found:
        sys.stderr.write(f"error: {one}\n")
    if found:
        return 2
    if not PORTAL.database and workers > 1:
        sys.stderr.write("error: on SQLite one process writes; set HARNESS_PORTAL_DATABASE for more\n")
        return 2
    sys.stdout.write(f"sign-off portal at {PORTAL.url}   Ctrl-C ends it\n")
    sys.stdout.write(f'gate.toml: [trust] portal = ["{public_key()}"]   harness portal trust writes it there\n')
    if not PORTAL.witnesses and not PORTAL.witness_command:
        sys.stderr.write("note: no outside place gets the log's checkpoints; set HARNESS_PORTAL_WITNESSES\n")
    sys.stdout.flush()
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "worker_class": Worker,
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 5,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "forwarded_allow_ips": "",
        "proc_name": "harness-portal",
        "control_socket_disable": True,
    }
    _Server(options).run()
    return 0
