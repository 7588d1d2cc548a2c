"""`harness mock`: stand in for a dependency from its contract, or judge a mock before anybody relies on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.mock_server.loading import LoadedMock, load_mock
from harness.adapters.mock_server.reloading import Reloader
from harness.adapters.mock_server.serving import Onlooker, Served, is_loopback, serve
from harness.adapters.mock_server.standing import standing_of
from harness.errors import AskedWrongly
from harness.mocks.base_paths import base_path_of
from harness.mocks.misbehaving import Player
from harness.mocks.watching import Row, row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What a mock that has begun to listen tells: where, who, and what it could not use."""

    name: str
    url: str
    instance: str
    operations: int
    stubs: int
    gaps: tuple[str, ...]


def serve_mock(
    host: Host,
    target: Path,
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    contract: Path | None = None,
    journal: Path | None = None,
    uses: Path | None = None,
    admin: bool = False,
    faults: bool = False,
    hear: Callable[[Row], None] | None = None,
    tell: Callable[[str], None] = lambda _line: None,
    ready: Callable[[Serving], None],
) -> Served:
    """Serve a document or a mock folder until told to stop; gives what came of it.

    This machine may change it by WireMock's admin API; whoever else reaches it, or while a journal is written for a
    run, only where `admin` says so. With `faults` it plays failures on demand, for this machine alone.
    Without a journal `hear` is told each interaction, and files that change are read again, which `tell` hears.
    `ready` is called once, when the mock listens. Beyond loopback only where `address` says so in as many words.
    """
    if not address:
        raise AskedWrongly("no address to listen on", hint="leave --host out for 127.0.0.1")
    if faults and not is_loopback(address):
        raise AskedWrongly("a mock that plays failures listens on this machine alone", hint="leave --host out")
    loaded = load_mock(target, contract=contract)
    instance = host.new_key().hex()[:16]
    return serve(
        loaded.mock,
        host=address,
        port=port,
        journal=journal,
        uses=uses,
        now_ms=host.now_ms,
        instance=instance,
        standing=standing_of(target, loaded),
        read_body=loaded.read_body if admin or (journal is None and is_loopback(address)) else None,
        player=Player() if faults else None,
        onlooker=_onlooker(target, contract, hear, tell) if journal is None else None,
        ready=lambda url: ready(_serving(loaded, url, instance)),
    )


def _onlooker(
    target: Path, contract: Path | None, hear: Callable[[Row], None] | None, tell: Callable[[str], None]
) -> Onlooker:
    """Outside of runs a mock shows what goes on, and is read again when its files change."""
    told = None if hear is None else lambda one, mock: hear(row_of(one, mock))
    return Onlooker(hear=told, tell=tell, renew=Reloader(target, contract).changed)


def reaches_beyond(address: str) -> bool:
    """Whether others than this machine can reach the address."""
    return not is_loopback(address)


def _served_below(loaded: LoadedMock) -> Iterator[str]:
    base = loaded.mock.base_path
    if base and loaded.contract is not None and base == base_path_of(loaded.contract.servers):
        yield f"everything is served below {base}, as the contract says; `base-path` in mock.toml says otherwise"


def _put_off(loaded: LoadedMock) -> Iterator[str]:
    if not loaded.prepared:
        many = len(loaded.mock.compiled.operations)
        yield f"each of the {many} operations is made ready when first asked; `harness mock verify` tells what it lacks"


def _serving(loaded: LoadedMock, url: str, instance: str) -> Serving:
    return Serving(
        name=loaded.mock.settings.name,
        url=url,
        instance=instance,
        operations=len(loaded.mock.compiled.operations),
        stubs=len(loaded.mappings),
        gaps=(*_served_below(loaded), *_put_off(loaded), *(gap.message for gap in loaded.mock.gaps)),
    )
