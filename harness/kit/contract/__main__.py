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
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.kit.contract.engine import Order, read_order, schema_for
from harness.kit.contract.left_out import LeftOut
from harness.kit.contract.telling import Teller

_GRACE_S = 8.0
_TRIES = 4


def main(argv: list[str]) -> int:
    """Read the order beside us, carry it out; 0 whenever the events tell the rest."""
    order = read_order(Path(argv[0]))
    headers: dict[str, str] = json.loads(Path("headers.json").read_bytes())
    teller = Teller(Path("events.ndjson"), Path("progress.txt"), headers)
    if (why := _unreachable(order.base_url)) is not None:
        teller.tell("unreachable", why=why)
        return 0
    try:
        schema = schema_for(order, headers)
    except Exception as error:  # noqa: BLE001 - whatever the engine says about a document is told, not thrown
        teller.tell("unusable", why=f"{type(error).__name__}: {error}"[:2000])
        return 0
    _run(schema, order, teller, LeftOut(order.secured if headers else (), headers))
    return 0


def _run(schema: Any, order: Order, teller: Teller, left_out: LeftOut) -> None:
    from schemathesis import engine
    from schemathesis.core.version import SCHEMATHESIS_VERSION

    teller.tell("started", engine=f"schemathesis {SCHEMATHESIS_VERSION}", seed=order.seed)
    stream = engine.from_schema(schema).execute()
    _stop_in_time(stream, order.budget_s, teller)
    for event in stream:
        _tell(event, teller, left_out)
    if _unreachable(order.base_url) is None:
        left_out.send_all(teller, order.request_timeout_s)
    teller.tell("done", requests=teller.requests)


def _tell(event: Any, teller: Teller, left_out: LeftOut) -> None:
    from schemathesis.engine import events

    match event:
        case events.ScenarioFinished():
            left_out.notice(event)
            teller.scenario(event)
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


def _stop_in_time(stream: Any, budget_s: float, teller: Teller) -> None:
    """After the budget, or a signal: stop the engine, and leave though it does not."""

    def leave(why: str) -> None:
        teller.tell("stopping", why=why)
        stream.stop()
        time.sleep(_GRACE_S)
        teller.tell("left", why="the engine did not stop")
        os._exit(0)

    def begin(why: str) -> None:
        threading.Thread(target=leave, args=(why,), daemon=True).start()

    timer = threading.Timer(budget_s, begin, ("deadline",))
    timer.daemon = True
    timer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: begin("signal"))


def _unreachable(base_url: str) -> str | None:
    """Why nothing can be reached at an address, or None."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    why = None
    for attempt in range(_TRIES):
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
