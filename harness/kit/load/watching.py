"""Reading what the system tells about itself while it is under load: memory, connections, queues.

Once a second, on a connection of its own, and not counted among the requests of the load.
"""

from time import perf_counter
from typing import Any

import gevent

from harness.kit.load.client import ApiClient
from harness.kit.load.recorder import Recorder
from harness.kit.load.settings import Settings

_EVERY_S = 1.0
_TIMEOUT_S = 5.0


def watch(settings: Settings, recorder: Recorder) -> None:
    """Read until killed. A reading that does not come is no reading; what never comes is told as never measured."""
    if not settings.watches:
        return
    client = ApiClient(
        settings.base_url, report=unreported, headers=settings.headers, timeout_s=_TIMEOUT_S, body_limit=1 << 20
    )
    due = perf_counter()
    while True:
        for path in dict.fromkeys(one.path for one in settings.watches):
            answer = client.get(path)
            recorder.own_readings += 1
            for one in settings.watches:
                value = field_of(answer, one.field) if one.path == path else None
                if value is not None:
                    recorder.on_reading(one.name, value)
        due = max(due + _EVERY_S, perf_counter())
        gevent.sleep(due - perf_counter())


def unreported(**_: Any) -> None:
    """These requests are ours, not the load's."""


def field_of(answer: Any, field: str) -> float | None:
    """The number at a dotted field of a JSON answer, None where there is none."""
    if not answer.ok:
        return None
    try:
        found = answer.json()
        for key in field.split("."):
            found = found[int(key)] if isinstance(found, list) else found[key]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
