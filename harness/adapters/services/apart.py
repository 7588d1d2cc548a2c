"""A service that stands on somebody's server, or on one kept between runs, with a database of this run's own."""

from collections.abc import Callable
from dataclasses import replace

from harness.adapters.host import Host
from harness.adapters.processes import Processes, is_claimed
from harness.adapters.services.access import Access, NoEntryError
from harness.adapters.services.databases import clear_databases, drop_database, make_database, space_of
from harness.adapters.services.engine import owner
from harness.adapters.services.under import INTERRUPTED, KindFailedError, Under, Wanted, wait_until_in
from harness.model.service import Stood


def apart(
    wanted: Wanted,
    server: Access,
    stood: Stood,
    ended: Callable[[], str | None],
    host: Host,
    processes: Processes,
) -> Under:
    """Wait for the server, clear what our killed runs left there, make the database."""
    service, whose = wanted.service, owner(processes.scratch.parent)

    def given_up() -> str | None:
        return INTERRUPTED if processes.stop_all.is_set() else ended()

    version = wait_until_in(service.preset, server, service.ready_s, host, given_up)
    try:
        clear_databases(server, whose, _living(host))
        access = make_database(server, wanted.space, whose)
    except NoEntryError as error:
        raise KindFailedError(f"it lets us in and makes no database of our own: {error}") from error

    def end() -> bytes:
        try:
            drop_database(server, wanted.space)
        except NoEntryError as error:
            return f"the database {wanted.space} could not be dropped: {error}\n".encode()
        return b""

    return Under(
        stood=replace(stood, version=version),
        url=access.url(service.preset),
        access=access,
        ended=ended,
        end=end,
    )


def _living(host: Host) -> frozenset[str]:
    """The databases of runs that go on."""
    folders = [path for root in host.scratch_roots() if root.is_dir() for path in root.iterdir()]
    return frozenset(space_of(path.name) for path in folders if is_claimed(path))
