"""Proof: evidence that was changed anywhere is never taken for another content, and never crashes the gate.

    mutations.py            10,000 random changes of plans, records, events, verdicts, archives, attestations, sign-offs
    mutations.py --scaled   400 of them
    mutations.py --from 8000 --count 100

Each change is drawn from its own number, so that one can be had again (--from N --count 1). The gate, whose policy pins
the runner's key, is asked as a person asks it. It may still pass where what it reads is the same as before (a byte of
an archive that nobody reads); it may never pass with another content, and never raise anything that is not ours.
Every twentieth changes record and events together, so that they agree. Controls: the same changes against a gate that
believes every signature, and one that compares nothing either; both must let some through. What was done is kept in
.harness/, so that a start goes on where the last one ended.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import gate as ways

from harness.actions.gating import case_for
from harness.adapters import exhibits
from harness.adapters.run_archive import pack_run
from harness.errors import HarnessError
from harness.formats.run_statements import FILE
from harness.model.attestation import Signature
from harness.model.gate import Case
from harness.model.verdict import Decision
from harness.rules.gating import gate

FULL, SCALED, CONTROL = 10_000, 400, 150
STATE = Path(".harness/proof-mutations.json")
Change = Callable[[bytes, random.Random], bytes]


# --- what is done to bytes --------------------------------------------------------------------------------------------


def flip(body: bytes, chance: random.Random) -> bytes:
    """One bit."""
    at = chance.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :]


def cut(body: bytes, chance: random.Random) -> bytes:
    """Its end is missing."""
    return body[: chance.randrange(len(body))]


def drop(body: bytes, chance: random.Random) -> bytes:
    """A stretch is missing."""
    at = chance.randrange(len(body))
    return body[:at] + body[at + chance.randrange(1, 40) :]


def double(body: bytes, chance: random.Random) -> bytes:
    """A stretch stands there twice."""
    at = chance.randrange(len(body))
    return body[: at + 40] + body[at:]


def insert(body: bytes, chance: random.Random) -> bytes:
    """Something in between."""
    at = chance.randrange(len(body))
    return body[:at] + chance.choice((b"\0", b'"', b"{}", b"9" * 30, b"[" * 5000, b"\xff\xfe", b"null,")) + body[at:]


def exchange(body: bytes, chance: random.Random) -> bytes:
    """A word becomes another of the same kind."""
    pairs = (
        (b"passed", b"failed"),
        (b'"1', b'"2'),
        (b"false", b"true"),
        (b"ms", b"xs"),
        (b"0", b"1"),
        (b"test", b"prod"),
    )
    old, new = chance.choice([pair for pair in pairs if pair[0] in body] or [(body[:1], b"?")])
    places = [at for at in range(len(body)) if body.startswith(old, at)]
    at = chance.choice(places)
    return body[:at] + new + body[at + len(old) :]


def leaf(body: bytes, chance: random.Random) -> bytes:
    """One value of a JSON document becomes something else, and the document stays one."""
    try:
        data = json.loads(body)
    except ValueError:
        return flip(body, chance)
    places = list(_leaves(data))
    holder, key = chance.choice(places)
    odd = (None, True, -1, 10**30, 1.5, "", "passed", "\ud800", [], {}, "x" * 10_000)
    holder[key] = chance.choice([one for one in odd if one != holder[key]])
    return json.dumps(data).encode()


def _leaves(data: Any) -> Iterator[tuple[Any, Any]]:
    for key in data if isinstance(data, dict) else range(len(data)):
        if isinstance(data[key], dict | list) and data[key]:
            yield from _leaves(data[key])
        yield data, key


CHANGES: tuple[Change, ...] = (flip, flip, cut, drop, double, insert, exchange, exchange, leaf, leaf)


# --- the world that they are done to ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stand:
    """A release that passes on signed evidence from elsewhere, as a folder and as an archive."""

    world: ways.World
    targets: tuple[Path, ...]
    packed: Path
    good: Case

    def asked(self, target: Path) -> Case:
        evidence = (self.packed,) if target == self.packed else (self.world.run,)
        return case_for(self.world.host, self.world.root, "1.0", "prod", evidence=evidence)


def stood(folder: Path) -> Stand:
    world = ways.built(folder)
    ways.elsewhere(world)
    run = world.run
    packed = pack_run(run, folder / "run.zip")
    names = ("plan.json", "record.json", "events.ndjson", "verdict.json", FILE)
    evidence = tuple((run / "evidence").iterdir())
    declared = folder / ".harness/releases/1.0.json"
    targets = (*(run / name for name in names), *evidence, ways.bundle(world), declared, packed)
    good = case_for(world.host, world.root, "1.0", "prod", evidence=(run,))
    assert gate(good).decision is Decision.PASS, gate(good)
    return Stand(world, targets, packed, good)


def meaning(case: Case) -> object:
    """What the gate read, without where it lay and when it was asked."""
    runs = [replace(one, source="") for one in case.exhibits]
    return runs, case.declared, case.declared_sha256, case.bundle, case.criteria, len(case.unreadable)


def tried(stand: Stand, number: int) -> tuple[str, str]:
    """(what came of change `number`, what it was)."""
    chance = random.Random(number)
    if number % 20 == 0:
        return together(stand, number, chance)
    target = chance.choice(stand.targets)
    change = chance.choice(CHANGES)
    before = target.read_bytes()
    after = change(before, chance)
    said = f"{number}: {change.__name__} of {target.name[:24]}"
    if after == before:
        return "the same bytes", said
    target.write_bytes(after)
    try:
        return judged(stand, target, said)
    finally:
        target.write_bytes(before)


def together(stand: Stand, number: int, chance: random.Random) -> tuple[str, str]:
    """Record and events say the same of one check, and not what was seen."""
    record, events = stand.world.run / "record.json", stand.world.run / "events.ndjson"
    before = record.read_bytes(), events.read_bytes()
    data, lines = json.loads(before[0]), [json.loads(line) for line in before[1].splitlines()]
    index = chance.randrange(len(data["seen"]))
    name, value = chance.choice((("ended_ms", 1), ("started_ms", 7), ("labels", [["who", "me"]])))
    data["seen"][index][name] = lines[index][name] = value
    try:
        record.write_text(json.dumps(data))
        events.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return judged(stand, record, f"{number}: {name} in record and events")
    finally:
        record.write_bytes(before[0])
        events.write_bytes(before[1])


def judged(stand: Stand, target: Path, said: str) -> tuple[str, str]:
    """What the gate says of it now."""
    try:
        case = stand.asked(target)
        ruling = gate(case)
    except HarnessError:
        return "refused as unreadable", said
    except Exception as error:
        return "CRASHED", f"{said}: {type(error).__name__}: {error}"
    if ruling.decision is not Decision.PASS:
        return "not passed", said
    return ("passed with the same content" if meaning(case) == meaning(stand.good) else "PASSED AS VALID"), said


# --- the controls -----------------------------------------------------------------------------------------------------


@contextmanager
def broken(name: str, value: object) -> Iterator[None]:
    """One rule of the reader is out of order."""
    before = getattr(exhibits, name)
    setattr(exhibits, name, value)
    try:
        yield
    finally:
        setattr(exhibits, name, before)


def believing(exhibit: Any, *_: object) -> Any:
    """A gate that takes every signature for good."""
    return replace(exhibit, signature=Signature.GOOD)


def control(stand: Stand) -> tuple[int, int]:
    """How many changes a gate without signatures and one that compares nothing either let through."""
    with broken("_with_signature", believing):
        unsigned = sum(tried(stand, number)[0] == "PASSED AS VALID" for number in range(CONTROL * 4))
        with broken("disagree", lambda *_: False), broken("_changed_evidence", lambda *_: ""):
            nothing = sum(tried(stand, number)[0] == "PASSED AS VALID" for number in range(CONTROL * 4))
    return unsigned, nothing


def main() -> int:
    """Print what came of them and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--from", dest="first", type=int)
    parser.add_argument("--count", type=int)
    args = parser.parse_args()
    kept = args.first is None and args.count is None and not args.scaled
    state = json.loads(STATE.read_text()) if kept and STATE.exists() else {"next": 0, "told": {}, "bad": []}
    told: Counter[str] = Counter(state["told"])
    bad: list[str] = list(state["bad"])
    first = args.first if args.first is not None else state["next"]
    end = first + args.count if args.count is not None else SCALED if args.scaled else FULL
    print(f"N = {end if kept else end - first} changes, from number {first} on, 2 controls", flush=True)
    with tempfile.TemporaryDirectory(prefix="proof-mutations-") as folder:
        stand = stood(Path(folder))
        for number in range(first, end):
            outcome, said = tried(stand, number)
            told[outcome] += 1
            bad += [said] if outcome.isupper() or outcome.startswith(("CRASHED", "PASSED")) else []
            if kept and (number + 1) % 500 == 0:
                STATE.parent.mkdir(exist_ok=True)
                STATE.write_text(json.dumps({"next": number + 1, "told": dict(told), "bad": bad}))
        controls = control(stand)
    for outcome, count in told.most_common():
        print(f"{count:>7}  {outcome}")
    for one in bad[:20]:
        print(f"NOT {one}")
    print(
        f"control: without signatures {controls[0]} of {CONTROL * 4} are let through, comparing nothing {controls[1]}"
    )
    failed = len(bad) + sum(count == 0 for count in controls)
    total = sum(told.values()) + len(controls)
    if kept and not failed:
        STATE.unlink(missing_ok=True)
    print(f"{total - failed} passed, {failed} failed")
    return int(failed > 0 or not told)


if __name__ == "__main__":
    sys.exit(main())
