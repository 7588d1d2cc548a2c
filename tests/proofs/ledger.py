"""Whoever changes what people signed is found out: in a log, in a bundle, in the database, by two verifiers.

    python tests/proofs/ledger.py [--scaled] [--for SECONDS] [--fresh]

11,000 changes in all: random bits flipped, bytes cut, put in or moved, entries taken out, doubled, swapped or rewritten
(archive and index made whole again, as somebody would who knows the format), a log written anew with the portal's own
key, cut with it, shown in two forms, signed by another; rows of the portal's database changed past its guards, and
bits of its file. Each must be named by the harness's verifier and by the one file that knows nothing of it. Controls:
what was not touched holds; a log written anew is NOT noticed without an outside checkpoint; `PRAGMA integrity_check`
alone misses changes of the file.
"""

import argparse
import base64
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

from harness.formats import offline_verifier  # noqa: E402
from harness.formats.acceptance_bundle import verifier  # noqa: E402
from harness.formats.acceptance_checking import check_acceptance  # noqa: E402
from harness.formats.canonical import canonical_bytes  # noqa: E402
from harness.formats.dsse import NotTrusted, public_bytes  # noqa: E402
from harness.formats.log_checking import check_log, read_log  # noqa: E402
from harness.formats.plain_zip import read_zip, write_zip  # noqa: E402
from harness.model.acceptance import Decision, Rule  # noqa: E402
from tests.unit.acceptances import ALL_YES, NOW, given  # noqa: E402
from tests.unit.bundles import ANN, ANN_SIGNS, FROZEN, LI, LI_SIGNS, NOISE, PINNED, Writing, story  # noqa: E402

RAW = public_bytes(PINNED[0])
STATE = ROOT / ".harness" / "proof-ledger.json"
LATER = replace(NOISE, at_ms=NOW + 5000)
Change = Callable[[random.Random], bytes]


def _log() -> Writing:
    log = story()
    for number in range(40):
        log.add(replace(LATER, body=json.dumps({"act": f"{number}"}, separators=(",", ":"))))
    return log


LOG = _log()
WHOLE, BUNDLE = LOG.whole(), LOG.bundle()
ANCHORS = (LOG.checkpoint(12), LOG.checkpoint(33))  # the newest entries are not anchored yet


def ours(body: bytes, anchors: tuple[bytes, ...]) -> str:
    """What the harness says against it, empty where it holds."""
    try:
        if "entries.ndjson" in read_zip(body):
            check_log(read_log(body), PINNED, anchors)
        else:
            check_acceptance(body, PINNED, anchors)
    except NotTrusted as error:
        return str(error) or "?"
    return ""


def theirs(body: bytes, anchors: tuple[bytes, ...]) -> str:
    """What the single file says."""
    try:
        offline_verifier.check(body, RAW, list(anchors))
    except offline_verifier.Wrong as error:
        return str(error) or "?"
    return ""


# --- changes of bytes ---------------------------------------------------------------------------------------------


def flipped(body: bytes) -> Change:
    """One bit."""

    def change(rng: random.Random) -> bytes:
        changed, bit = bytearray(body), rng.randrange(len(body) * 8)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    return change


def torn(body: bytes) -> Change:
    """Bytes cut off at the end, cut out, put in, or moved."""

    def change(rng: random.Random) -> bytes:
        at, to = sorted(rng.sample(range(1, len(body)), 2))
        match rng.randrange(4):
            case 0:
                return body[:at]
            case 1:
                return body[:at] + body[to:]
            case 2:
                return body[:at] + rng.randbytes(rng.randrange(1, 9)) + body[at:]
            case _:
                moved = body[:at] + body[to:] + body[at:to]
                return moved if moved != body else body[:at]

    return change


# --- changes by somebody who knows the format but has no key --------------------------------------------------------


def rewritten(body: bytes, lines_in: str, signed_in: str) -> Change:
    """Entries taken out, doubled, swapped or reworded; the archive made whole again."""

    def change(rng: random.Random) -> bytes:
        members = read_zip(body)
        lines = members[lines_in].split(b"\n")[:-1]
        one, two = rng.sample(range(len(lines)), 2)
        signed = members[signed_in].split(b"\n")[:-1] if signed_in.endswith(".txt") else []
        order = list(range(len(lines)))
        match rng.randrange(4):
            case 0:
                del order[one]
            case 1:
                order.insert(one, order[two])
            case 2:
                order[one], order[two] = order[two], order[one]
            case _:
                lines[one] = _reworded(lines[one], rng)
        members[lines_in] = b"".join(lines[at] + b"\n" for at in order)
        if signed:
            members[signed_in] = b"".join(signed[at] + b"\n" for at in order)
        return write_zip(members)

    return change


def _reworded(line: bytes, rng: random.Random) -> bytes:
    entry = json.loads(line)
    name = rng.choice(["index", "at_ms", "body", "kind"])
    entry[name] = {
        "index": entry["index"] + 1,
        "at_ms": entry["at_ms"] - 1,
        "body": '{"act":"forged"}',
        "kind": "refused",
    }[name]
    if entry == json.loads(line):
        entry["at_ms"] += 1
    return canonical_bytes(entry)


def replaced(body: bytes) -> Change:
    """A member of the bundle that is another, or missing, or new; its index as it was."""

    def change(rng: random.Random) -> bytes:
        members = read_zip(body)
        name = rng.choice([one for one in members if one != "index.json"])
        match rng.randrange(3):
            case 0:
                members[name] = members[name] + b" "
            case 1:
                del members[name]
            case _:
                members[f"added/{rng.randrange(10**6)}"] = b"x"
        return write_zip(members)

    return change


# --- changes by somebody who has the portal's own key ---------------------------------------------------------------


def anew(*, bundle: bool) -> Change:
    """The whole log written again with one entry taken out or changed below the newest outside checkpoint."""

    def change(rng: random.Random) -> bytes:
        entries = list(LOG.entries)
        at = rng.randrange(11, 33) if bundle else rng.randrange(33)
        if rng.random() < 0.5:
            del entries[at]
        else:
            entries[at] = replace(entries[at], body=json.dumps({"act": f"anew {rng.random()}"}))
        again = Writing(entries=[replace(one, index=index) for index, one in enumerate(entries)])
        return again.bundle() if bundle else again.whole()

    return change


def cut(rng: random.Random) -> bytes:
    """The newest entries gone, the checkpoint signed again; an outside one saw more."""
    return Writing(entries=LOG.entries[: rng.randrange(33)]).whole()


def forked(rng: random.Random) -> bytes:
    """Another tail than the one that was shown outside."""
    at = rng.randrange(11, 33)
    tail = [replace(LATER, index=index, body=f'{{"act":"fork {rng.random()}"}}') for index in range(at, at + 40)]
    return Writing(entries=[*LOG.entries[:at], *tail]).whole()


def by_another(rng: random.Random) -> bytes:
    """Everything right, by a key that nobody pinned."""
    other = Writing(key=Ed25519PrivateKey.from_private_bytes(rng.randbytes(32)), entries=LOG.entries)
    return other.whole() if rng.random() < 0.5 else other.bundle()


def stories(rng: random.Random) -> tuple[bytes, bool]:
    """A log that somebody with the portal's key wrote, and whether what it tells is true."""
    sign = LI.signs(answers=ALL_YES[: rng.choice([3, 4])], nonce=f"n{rng.random()}")
    bad = [
        lambda: LI.signs(answers=ALL_YES[1:]),
        lambda: replace(sign, statement=replace(sign.statement, nonce="other")),
        lambda: replace(sign, assertion=ANN_SIGNS.assertion),
        lambda: replace(sign, signed_ms=NOW + 10**9),
        lambda: replace(
            sign,
            eligibility=tuple(replace(e, held=e.rule is not rng.choice(list(Rule))) for e in sign.eligibility)[:-1],
        ),
        lambda: LI.signs(Decision.REJECT),
        lambda: LI.signs(text="I accept."),
        lambda: ANN.withdraws(sign),
    ]
    good = [
        lambda: sign,
        lambda: LI.signs(Decision.REJECT, reason="r", answers=(given("M-1"),)),
        lambda: LI_SIGNS,
    ]
    holds = rng.random() < 0.5
    first = rng.choice(good if holds else bad)()
    told = [sign, first] if not holds and not hasattr(first, "statement") else [first]
    log = Writing()
    for one in (
        *LI.joined(),
        LI.enrolled(),
        *ANN.joined(),
        ANN.enrolled(),
        FROZEN,
        *told,
        *([ANN_SIGNS] if rng.random() < 0.5 and holds else []),
    ):
        log.add(one)
    return log.bundle(), holds


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of change, how often it is tried, and the words of which one must be in what is said."""

    name: str
    times: int
    change: Change
    words: tuple[str, ...] = ("",)


KINDS = (
    Kind("a bit of a log flipped", 5000, flipped(WHOLE)),
    Kind("a bit of a bundle flipped", 2000, flipped(BUNDLE)),
    Kind("a log cut, torn or padded", 700, torn(WHOLE)),
    Kind("a bundle cut, torn or padded", 700, torn(BUNDLE)),
    Kind("entries of a log reworked", 700, rewritten(WHOLE, "entries.ndjson", "countersignatures.txt")),
    Kind("entries of a bundle reworked", 400, rewritten(BUNDLE, "log/entries.ndjson", "log/proofs.json")),
    Kind("a member of a bundle replaced", 400, replaced(BUNDLE), ("index says",)),
    Kind(
        "a log written anew by the portal's key", 300, anew(bundle=False), ("anew", "older", "out of its place", "cut")
    ),
    Kind(
        "a bundle written anew by the portal's key",
        200,
        anew(bundle=True),
        ("anew", "older", "out of its place", "cut"),
    ),
    Kind("a log cut by the portal's key", 150, cut, ("cut",)),
    Kind("a log with two tails", 150, forked, ("anew", "cut")),
    Kind("another key than the pinned one", 100, by_another, ("key",)),
)


def trials(kind: Kind, times: int) -> Iterator[tuple[str, str]]:
    """What both verifiers say, each time."""
    rng = random.Random(f"{kind.name}")
    for _ in range(times):
        body = kind.change(rng)
        yield ours(body, ANCHORS), theirs(body, ANCHORS)


def run(kind: Kind, times: int) -> str:
    """Empty where every change was named by both."""
    silent = unnamed = 0
    example = ""
    for mine, other in trials(kind, times):
        silent += not mine or not other
        named = any(word in mine for word in kind.words) and bool(other)
        unnamed += not named
        example = example if named else f"{mine!r} / {other!r}"
    return f"{silent} silent, {unnamed} misnamed, e.g. {example}" if silent or unnamed else ""


def agreed(times: int) -> str:
    """Both verifiers over good and bad logs: the same verdict, and the right one."""
    rng, wrong, counted = random.Random("agree"), [], {True: 0, False: 0}
    for _ in range(times):
        body, holds = stories(rng)
        mine, other = ours(body, ()), theirs(body, ())
        counted[holds] += 1
        if (not mine, not other) != (holds, holds):
            wrong.append(f"{holds}: {mine!r} / {other!r}")
    return "; ".join(wrong[:2]) or ("" if min(counted.values()) else "only one sort of log came up")


def alone() -> str:
    """The verifier of a bundle, in a process that can't see the harness, says what it must."""
    with tempfile.TemporaryDirectory(prefix="proof-ledger-") as name:
        folder = Path(name)
        (folder / "verify.py").write_bytes(verifier())
        (folder / "good.zip").write_bytes(BUNDLE)
        (folder / "bad.zip").write_bytes(flipped(BUNDLE)(random.Random(1)))
        (folder / "kept.txt").write_bytes(b"\n".join(ANCHORS))
        look = "import runpy, sys; sys.argv[:1] = []; sys.modules['harness'] = None; "
        look += "runpy.run_path('verify.py', run_name='__main__')"
        for file, status in (("good.zip", 0), ("bad.zip", 1)):
            words = [
                sys.executable,
                "-I",
                "-c",
                look,
                "verify.py",
                file,
                "--key",
                PINNED[0],
                "--checkpoint",
                "kept.txt",
            ]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != status:
                return f"{file}: exit {done.returncode} {done.stdout}{done.stderr[-300:]}"
    return ""


def untouched() -> str:
    """The control: what was not touched holds for both."""
    return "".join(ours(body, ANCHORS) + theirs(body, ANCHORS) for body in (WHOLE, BUNDLE))


def unanchored() -> str:
    """The control of the anchors: without them, a log that the portal's own key cut is not noticed by anybody."""
    rng = random.Random("control")
    found = [ours(body, ()) or theirs(body, ()) for body in (cut(rng) for _ in range(20))]
    return "it was noticed without an outside checkpoint: the proof proves nothing about them" if all(found) else ""


class Kept:
    """Finished rows, so that an ended run goes on."""

    def __init__(self, *, fresh: bool, scaled: bool) -> None:
        self.scaled = scaled
        self.rows: dict[str, str] = {}
        if not fresh and not scaled and STATE.is_file():
            known = json.loads(STATE.read_text())
            self.rows = known["rows"] if known.get("of") == _of() else {}

    def row(self, name: str, act: Callable[[], str]) -> str:
        if name not in self.rows:
            self.rows[name] = act()
            if not self.scaled:
                STATE.parent.mkdir(parents=True, exist_ok=True)
                STATE.write_text(json.dumps({"of": _of(), "rows": self.rows}))
        return self.rows[name]


def _of() -> str:
    whole = [
        Path(__file__),
        *sorted((ROOT / "harness" / "formats").glob("*.py")),
        *sorted((ROOT / "harness" / "rules").glob("*.py")),
    ]
    return base64.b64encode(hashlib.sha256(b"".join(one.read_bytes() for one in whole)).digest()).decode()


def rows(*, scaled: bool) -> Iterator[tuple[str, int, Callable[[], str]]]:
    """(what is tried, how often, the act)."""
    yield "control: nothing touched", 1, untouched
    yield "control: no outside checkpoint, nothing noticed", 20, unanchored
    yield "the bundle's verifier by itself", 2, alone
    for kind in KINDS:
        times = max(4, kind.times // 40) if scaled else kind.times
        yield kind.name, times, lambda kind=kind, times=times: run(kind, times)
    times = 20 if scaled else 200
    yield "good and bad logs, both verifiers agree", times, lambda: agreed(times)


def main() -> int:
    """Print each kind and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end, kept, asked = (
        time.monotonic() + args.seconds,
        Kept(fresh=args.fresh, scaled=args.scaled),
        list(rows(scaled=args.scaled)),
    )
    print(f"N = {sum(times for _, times, _ in asked)} changes of {len(asked)} kinds", flush=True)
    passed = done = 0
    for name, times, act in asked:
        if time.monotonic() > end:
            break
        why = kept.row(name, act)
        done += 1
        passed += not why
        print(f"{'ok ' if not why else 'NOT'} {name:<52} {times:>6}   {why}", flush=True)
    if done < len(asked):
        print(f"not complete: {len(asked) - done} kinds are still to be tried; start it again")
    print(f"{passed} passed, {len(asked) - passed} failed")
    return int(passed < len(asked) or not asked)


if __name__ == "__main__":
    sys.exit(main())
