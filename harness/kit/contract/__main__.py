"""`python -m harness.kit.contract order.json`: carry the order out, telling as it goes.

Ends by itself before its budget is spent, whatever the system or the engine does: first
it asks the engine to stop, then it closes its files and leaves.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.kit.contract import bounds
from harness.kit.contract.announced import Announced
from harness.kit.contract.boundaries import Boundaries
from harness.kit.contract.checks import register_checks
from harness.kit.contract.covering import Covering
from harness.kit.contract.engine import Order, load_hooks, read_order, schema_for
from harness.kit.contract.left_out import LeftOut
from harness.kit.contract.minding import Minding
from harness.kit.contract.outages import Outages
from harness.kit.contract.playing import Player
from harness.kit.contract.replaying import Again, Replayer, Sender, replay_stored
from harness.kit.contract.standing import Standing
from harness.kit.contract.telling import Teller
from harness.mocks.contracts import compile_contract

_GRACE_S = 8.0
_LAST_S = 2.0
_TRIES = 4
_FOR_REPLAYS = 0.2
_FOR_BOUNDARIES = 0.1


def main(argv: list[str]) -> int:
    """Read the order beside us, carry it out; 0 whenever the events tell the rest."""
    order = read_order(Path(argv[0]))
    headers: dict[str, str] = json.loads(Path("headers.json").read_bytes())
    teller = Teller(Path("events.ndjson"), Path("progress.txt"), headers, order.base_url)
    if (why := _unreachable(order.base_url)) is not None:
        teller.tell("unreachable", why=why)
        return 0
    stopping = Stopping(teller)
    stopping.after(order.budget_s)
    try:
        load_hooks(order)
        _run(order, headers, teller, stopping)
    except Exception as error:  # noqa: BLE001 - whatever the engine says about a document is told, not thrown
        teller.tell("unusable", why=f"{type(error).__name__}: {error}"[:2000])
    return 0


def _run(order: Order, headers: dict[str, str], teller: Teller, stopping: "Stopping") -> None:
    from schemathesis.core.version import SCHEMATHESIS_VERSION

    bounds.install(order.request_timeout_s + 1)
    register_checks()
    teller.tell("started", engine=f"schemathesis {SCHEMATHESIS_VERSION}", seed=order.seed)
    sender = Sender(headers=headers, timeout_s=order.request_timeout_s)
    if order.replay:
        replay_stored(
            order.replay,
            order.base_url,
            Replayer(schema=schema_for(order, tuple(order.statuses), 1, headers), sender=sender),
            teller,
        )
        teller.tell("done", requests=teller.requests)
        return
    if order.probes:
        player = Player(
            compiled=compile_contract(json.loads(Path(order.document).read_bytes())),
            base_url=order.base_url,
            headers=headers,
            timeout_s=order.request_timeout_s,
            labels=order.labels,
        )
        player.play(order.probes, teller)
        teller.tell("done", requests=teller.requests)
        return
    everything = schema_for(order, tuple(order.statuses), 1, headers)
    outages = Outages(
        sender=sender, is_there=lambda: _unreachable(order.base_url, tries=1) is None, ours=order.started_by_us
    )
    watchers = Watchers(
        left_out=LeftOut(order.secured if headers else (), headers),
        standing=Standing(headers, order.request_timeout_s),
        covering=Covering(json.loads(Path(order.document).read_bytes()), order.base_url),
        announced=Announced(labels=tuple(order.statuses), base_url=order.base_url, sender=sender),
        boundaries=Boundaries(
            document=json.loads(Path(order.document).read_bytes()),
            labels=frozenset(order.turns[0] if order.turns else ()),
            sender=sender,
            outages=outages,
            most_s=order.budget_s * _FOR_BOUNDARIES,
        ),
        outages=outages,
        minding=Minding(teller=teller),
        again=Again(Replayer(schema=everything, sender=sender), teller, order.budget_s * _FOR_REPLAYS),
    )
    teller.tell("promised", cells=watchers.covering.promised())
    for turn in order.turns:
        if stopping.begun:
            break
        share = (1 - _FOR_BOUNDARIES) * len(turn) / sum(len(labels) for labels in order.turns)
        labels = turn
        while labels and _take_turn(schema_for(order, labels, share, headers), teller, stopping, watchers):
            labels, share = _survived(labels, teller, watchers), share / 2
    if _unreachable(order.base_url) is None and not stopping.begun:
        watchers.minding.of("boundaries", lambda: watchers.boundaries.go(teller), None)
    if _unreachable(order.base_url) is None:
        watchers.minding.of("left out", lambda: watchers.left_out.send_all(teller, order.request_timeout_s), None)
    outages.end(teller)
    teller.tell("done", requests=teller.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchers:
    """Who looks at every scenario beside the one who tells it."""

    left_out: LeftOut
    standing: Standing
    covering: Covering
    announced: Announced
    again: Again
    outages: Outages
    boundaries: Boundaries
    minding: Minding


def _take_turn(schema: Any, teller: Teller, stopping: "Stopping", watchers: Watchers) -> bool:
    """One run of the engine, ended when it would begin to repeat itself; whether the server was gone."""
    from schemathesis import engine
    from schemathesis.engine import events
    from schemathesis.engine.run import PhaseName

    stream = engine.from_schema(schema).execute()
    stopping.stream = stream
    fuzzed = gone = False
    for event in stream:
        if isinstance(event, events.PhaseStarted) and event.phase.name is PhaseName.FUZZING:
            if fuzzed:
                teller.tell("finished", why="completed")
                break
            fuzzed = True
        _tell(event, teller, watchers)
        gone = isinstance(event, events.EngineFinished) and event.stop_reason.value == "server_unavailable"
    return gone and not stopping.begun


def _tell(event: Any, teller: Teller, watchers: Watchers) -> None:
    from schemathesis.engine import events

    match event:
        case events.ScenarioFinished():
            _look_on(event, teller, watchers)
            teller.say(f"{event.phase.value}: {event.label or event.recorder.label}, {teller.requests} requests")
        case events.NonFatalError():
            teller.tell(
                "problem",
                operation=event.label,
                phase=event.phase.value if event.phase else "",
                type=type(event.value).__name__,
                title=event.info.title,
                message=event.info.message[:2000],
                of_operation=event.related_to_operation,
            )
        case events.FatalError():
            teller.tell("fatal", why=f"{type(event.exception).__name__}: {event.exception}"[:2000])
        case events.PhaseFinished():
            teller.tell("phase", phase=event.phase.name.value, status=event.status.value)
        case events.EngineFinished():
            teller.tell("finished", why=event.stop_reason.value)


def _survived(labels: tuple[str, ...], teller: Teller, watchers: Watchers) -> tuple[str, ...]:
    return watchers.minding.of("outages", lambda: watchers.outages.survived(labels, teller), ())


def _look_on(event: Any, teller: Teller, watchers: Watchers) -> None:
    """Everybody looks at a finished scenario; whoever breaks is told, and the others go on."""
    minding, recorder = watchers.minding, event.recorder
    minding.of("left out", lambda: watchers.left_out.notice(event), None)
    minding.of("outages", lambda: watchers.outages.notice(recorder, teller), None)
    minding.of("boundaries", lambda: watchers.boundaries.notice(recorder, teller), None)
    cells: list[list[str]] = minding.of("covering", lambda: watchers.covering.notice(recorder), [])
    failures = teller.scenario(event, cells)
    lost: list[dict[str, Any]] = minding.of(
        "announced", lambda: teller.found(watchers.announced.lost(event, teller)), []
    )
    minding.of("again", lambda: watchers.again.take((*failures, *lost)), None)
    minding.of("boundaries", lambda: watchers.boundaries.take(failures), None)
    extras: list[tuple[str, int, str, Any]] = minding.of("extras", lambda: watchers.covering.extras(recorder), [])
    for label, status, place, request in extras:
        teller.tell("extra", operation=label, status=status, place=place, request=teller.request(request))
    after = minding.of("standing", lambda: watchers.standing.lost_after(event), None)
    if after is not None:
        teller.tell("locked-out", after=after)


class Stopping:
    """Ends the run after its time, or on a signal: asks the engine to stop, and leaves though it does not."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self.stream: Any = None
        self.begun = False

    def after(self, budget_s: float) -> None:
        """From now on: the run ends within this time, or when it is told to."""
        # A pattern that backtracks for ever holds the interpreter: no thread or handler runs. This needs neither.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, budget_s + _GRACE_S + _LAST_S)
        timer = threading.Timer(budget_s, self._begin, ("deadline",))
        timer.daemon = True
        timer.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._begin("signal"))

    def _begin(self, why: str) -> None:
        self.begun = True
        threading.Thread(target=self._leave, args=(why,), daemon=True).start()

    def _leave(self, why: str) -> None:
        self._teller.tell("stopping", why=why)
        if self.stream is not None:
            self.stream.stop()
        time.sleep(_GRACE_S)
        self._teller.tell("left", why="the engine did not stop")
        os._exit(0)


def _unreachable(base_url: str, tries: int = _TRIES) -> str | None:
    """Why nothing can be reached at an address, or None."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    why = None
    for attempt in range(tries):
        try:
            socket.create_connection((parts.hostname or "", port), timeout=3).close()
        except OSError as error:
            why = error.strerror or str(error)
            time.sleep(0.3 * attempt)
        else:
            return None
    return why


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
