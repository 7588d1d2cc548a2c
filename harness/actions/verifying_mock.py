"""`harness mock verify`: the contract engine itself judges a mock before anybody relies on it.

The mock is served as a run would serve it, asked everything that a system under test would be asked, and
gets a certificate that names what it was made from.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from harness.actions.mock_gaps import no_fault_of_a_mock, refused_by_state
from harness.adapters.host import Host
from harness.adapters.mock_server.loading import LoadedMock, load_mock
from harness.adapters.mock_server.standing import certificate_file as certificate_file
from harness.adapters.processes import Processes, Running
from harness.errors import AskedWrongly, CouldNotTell
from harness.formats.openapi import flat_bytes
from harness.mocks.observing import answers_that_broke
from harness.model.contract import Contract
from harness.model.evidence import Finding, Observations, Outcome, Severity
from harness.model.mock import Certificate
from harness.model.plan import Check, ContractWork, Job, Promise
from harness.model.process import FOUND, Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners import contract as contract_runner

_READY_S = 30.0
_SILENT_FOR_S = 5.0
_ANY_CREDENTIAL = {"Authorization": "Bearer any-credential"}


def verify_mock(
    host: Host,
    target: Path,
    *,
    contract: Path | None = None,
    seed: int | None = None,
    max_examples: int = 20,
    deadline_s: float = 300.0,
    tell: Callable[[str], None] = lambda _line: None,
) -> Certificate:
    """Judge the mock of a folder or document. CouldNotTell where the engine said nothing.

    `tell` hears how far it is, every few seconds.
    """
    loaded = load_mock(target, contract=contract)
    if loaded.contract is None:
        raise AskedWrongly(
            f"{target} has no contract to be judged by", hint='write `contract = "…"` into its mock.toml'
        )
    used = host.new_seed() if seed is None else seed
    run = host.new_run_id()
    processes = Processes(host, run, host.scratch_root() / run)
    with ExitStack() as opened:
        opened.callback(processes.close)
        journal = host.scratch_root() / run / "journal.ndjson"
        running = processes.start("mock", _argv(host, target, contract, journal), {}, Path.cwd())
        opened.callback(processes.stop, running)
        job = job_for(loaded, loaded.contract, used, max_examples, deadline_s)
        return judged(host, processes, loaded, job, _url(host, running), journal=journal, tell=tell)


def judged(
    host: Host,
    processes: Processes,
    loaded: LoadedMock,
    job: Job,
    url: str,
    *,
    journal: Path | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> Certificate:
    """Judge whoever answers at a URL by the contract of a mock; a `journal` of ours says what it knows itself."""
    around = _around(host, loaded, _contract_of(loaded), url)
    ended = processes.spawn(contract_runner.command(job, around), job.id, _seldom(host, tell))
    told = journal.read_bytes() if journal is not None and journal.exists() else b""
    return _certificate(loaded, job, ended, contract_runner.observe(job, around, ended), told)


def _seldom(host: Host, tell: Callable[[str], None]) -> Callable[[str], None]:
    """Pass on a line where the last one is some seconds old."""
    last = host.monotonic_s()

    def heard(line: str) -> None:
        nonlocal last
        now = host.monotonic_s()
        if now - last >= _SILENT_FOR_S:
            last = now
            tell(line.removeprefix(FOUND))

    return heard


def _certificate(loaded: LoadedMock, job: Job, ended: Ended, observations: Observations, journal: bytes) -> Certificate:
    contract = _contract_of(loaded)
    if ended.cannot_start is not None:
        raise CouldNotTell(f"the contract engine could not be started: {ended.cannot_start}", hint="harness doctor")
    deciding, opinions = list(answers_that_broke(journal)), []
    by_state = refused_by_state(journal)
    for finding in _findings(observations):
        why = no_fault_of_a_mock(finding, contract, by_state)
        if why is not None:
            opinions.append(why)
        else:
            told = opinions if finding.severity is Severity.OPINION else deciding
            told.append(f"{finding.operation}: {finding.title}")
    unproved = tuple(
        one.check for one in observations.observations if one.outcome is Outcome.BROKEN and not one.findings
    )
    gaps = tuple(gap.message for gap in loaded.mock.prepare())
    return Certificate(
        mock=loaded.mock.settings.name,
        contract_sha256=contract.sha256,
        stubs_sha256=loaded.stubs_sha256,
        engine=next((note.partition(":")[0] for note in observations.notes if ":" in note), "unknown"),
        seed=job.seed,
        requests=sum(cell.count for cell in observations.cells),
        operations=len(contract.operations),
        findings=tuple(dict.fromkeys(deciding)),
        unproved=unproved,
        notes=(*gaps, *tuple(dict.fromkeys(opinions)), *_undocumented(contract)),
    )


def _contract_of(loaded: LoadedMock) -> Contract:
    assert loaded.contract is not None
    return loaded.contract


def _findings(observations: Observations) -> Iterator[Finding]:
    for observation in observations.observations:
        yield from observation.findings


def _undocumented(contract: Contract) -> Iterator[str]:
    silent = [one.id for one in contract.operations if not any(s[0] in "4d" for s in one.statuses)]
    if silent:
        listed = ", ".join(silent[:10]) + (f" and {len(silent) - 10} more" if len(silent) > 10 else "")
        yield f"a gap of the contract: no refusal (4xx) is documented for {listed}"


def job_for(loaded: LoadedMock, contract: Contract, seed: int, max_examples: int, deadline_s: float) -> Job:
    name = loaded.mock.settings.name
    return Job(
        id=f"contract:{name}",
        suite=Suite.CONTRACT,
        work=ContractWork(
            system=name, contract=contract.path, operations=contract.operations, required=(), max_examples=max_examples
        ),
        checks=tuple(
            Check(id=f"contract:{name}/{one.id}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=one.label)
            for one in contract.operations
        ),
        seed=seed,
        deadline_s=deadline_s,
    )


def _around(host: Host, loaded: LoadedMock, contract: Contract, url: str) -> Surroundings:
    name, secured = loaded.mock.settings.name, _secured(contract)
    return Surroundings(
        run="verify",
        tier="mock",
        root=str(Path.cwd()),
        python=host.python,
        targets={name: Target(name=name, base_url=url, headers=_ANY_CREDENTIAL if secured else {}, secured=secured)},
        documents={contract.path: flat_bytes(contract)},
    )


def _secured(contract: Contract) -> bool:
    return any(operation.secured for operation in contract.operations)


def _argv(host: Host, target: Path, contract: Path | None, journal: Path) -> tuple[str, ...]:
    more = () if contract is None else ("--contract", str(contract))
    serve = (host.python, "-m", "harness", "mock", "serve", str(target), "--port", "0", "--json")
    return (*serve, "--journal", str(journal), *more)


def _url(host: Host, running: Running) -> str:
    """Where the mock says that it listens."""
    end = host.monotonic_s() + _READY_S
    while host.monotonic_s() < end and running.alive:
        for line in running.log.read_bytes().splitlines(keepends=True) if running.log.exists() else ():
            if line.startswith(b'{"ready"') and line.endswith(b"\n"):
                return str(json.loads(line)["url"])
        host.sleep(0.02)
    raise CouldNotTell(f"the mock did not come up: {running.tail(3)}", hint="harness mock serve shows why")
