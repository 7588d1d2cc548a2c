"""Proof: every public OpenAPI document is loaded or refused with a sentence, and every answer made from it validates.

    mock_documents.py              300 public documents up to 2 MB, and the control
    mock_documents.py --scaled     the contracts of this repository, and the control; nothing is fetched
    mock_documents.py --for 200    nothing new after 200 seconds; the next start goes on where this one ended

Of each document every documented status of every operation is answered and held against the contract; what no
value can be made for must be told as a gap. Control: answers with a spoiled body must be noticed.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from judge.documents import API, ROOT, Kept, public_documents

from harness.adapters.mock_server.loading import LoadedMock, load_mock
from harness.errors import HarnessError
from harness.mocks.answering import Answers, concrete
from harness.mocks.drifting import answer_violations
from harness.mocks.messages import Reply

COUNT = 300
READ = ("mocks/*.py", "formats/openapi*.py", "formats/json_safely.py", "formats/yaml_safely.py")


def learned(document: Path, spoil: bytes | None = None) -> dict[str, Any]:
    """What became of a document: refused with a sentence, or its answers counted."""
    try:
        loaded = load_mock(document)
    except HarnessError as error:
        return {"refused": str(error).splitlines()[0]}
    answers = Answers(loaded.mock.compiled, 0)
    made, wrong, empty = 0, [], 0
    for identity, status, reply in _asked(loaded, answers):
        if reply is None:
            empty += 1
            continue
        made += 1
        body = reply.body if spoil is None or not reply.body else spoil
        found = answer_violations(loaded.mock.compiled.operations[identity], status, reply.headers, body)
        wrong += [f"{identity} {status}: {found[0]}"] if found else []
    told = [gap for gap in (*loaded.mock.compiled.gaps, *answers.gaps) if "could be made" in gap]
    return {"answers": made, "wrong": wrong[:3], "wrong_count": len(wrong), "untold": max(0, empty - len(told)),
            "gaps": len(told), "operations": len(loaded.mock.compiled.operations)}  # fmt: skip


def _asked(loaded: LoadedMock, answers: Answers) -> Iterator[tuple[str, int, Reply | None]]:
    compiled = loaded.mock.compiled
    for identity, operation in compiled.operations.items():
        for key in operation.responses if compiled.usable(operation) else ():
            documented = operation.documented(concrete(key))
            if documented is not None and documented.key == key:
                yield identity, concrete(key), answers.answer(operation, concrete(key))


def main() -> int:
    """Load all; 1 where an answer broke its contract, a document stopped us, or not everything was looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=1e9)
    asked = parser.parse_args()
    kept = Kept("mock_documents", READ, time.monotonic() + asked.seconds)
    own = sorted((ROOT / "contracts").glob("*.openapi.yaml"))
    found = own if asked.scaled else public_documents(COUNT)
    counts = {True: 0, False: 0, None: 0}
    totals = {"operations": 0, "answers": 0, "gaps": 0, "refused": 0}

    def tell(name: str, good: bool | None, told: object) -> None:
        counts[good] += 1
        if good is not True or not asked.scaled:
            print(f"{ {True: 'ok  ', False: 'FAIL', None: '... '}[good] }  {name}: {told}", flush=True)

    if not asked.scaled:
        tell(f"{COUNT} public documents are here", len(found) == COUNT, len(found))
    for file in found:
        row = kept.row(file.relative_to(API if file.is_relative_to(API) else ROOT).as_posix(), partial(learned, file))
        if row is None:
            tell(file.name, None, "not looked at yet")
            continue
        for key in totals:
            totals[key] += int(bool(row.get(key))) if key == "refused" else row.get(key, 0)
        good = bool(row.get("refused")) or not (row["wrong_count"] or row["untold"])
        tell(file.name, good, row.get("refused") or row)
    spoiled = learned(own[0], spoil=b'"spoiled"')
    tell("control: spoiled answers are noticed", spoiled["wrong_count"] > 0, spoiled["wrong"][:1])
    print(", ".join(f"{value} {key}" for key, value in totals.items()))
    if counts[None]:
        print(f"{counts[None]} are still to be looked at: start this proof again")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 0 if counts[True] and not counts[False] and not counts[None] else 1


if __name__ == "__main__":
    sys.exit(main())
