"""An alarm that somebody else keeps: while it fires, or cannot be asked, nothing may leave.

Quiet is an empty list (as Prometheus' Alertmanager answers for `/api/v2/alerts?active=true`) or 204. Anything else is
an alarm, and so is silence: what cannot be told is not taken for good.
"""

import threading
from collections.abc import Callable

from harness.adapters.http import NoAnswerError, fetch

_PAUSE_S = 0.5
_PATIENCE_S = 1.0


def alarm_at(url: str, patience_s: float = _PATIENCE_S) -> str | None:
    """Why nothing may leave; None while all is quiet."""
    try:
        answer = fetch(url, headers={"Accept": "application/json"}, deadline_s=patience_s, most_bytes=65536)
    except NoAnswerError as error:
        return f"the alarm could not be asked ({error})"
    if answer.status == 204 or (answer.status == 200 and answer.body.strip() == b"[]"):
        return None
    return f"the alarm fires (it answered {answer.status})"


def watch(url: str, stop: Callable[[str], None]) -> None:
    """Ask again and again, beside everything else; `stop` is called once, with the reason."""
    pause = threading.Event()

    def look() -> None:
        while True:
            why = alarm_at(url)
            if why is not None:
                stop(why)
                return
            pause.wait(_PAUSE_S)

    threading.Thread(target=look, daemon=True).start()
