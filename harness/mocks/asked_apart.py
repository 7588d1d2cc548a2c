"""Work that a process of its own carries out for us: its order and credentials in files, its answers a line each."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from harness.model.plan import Job
from harness.model.process import Command, Surroundings, Target

K = TypeVar("K")
ANSWERS = "answers.ndjson"
_ORDER, _HEADERS, _SHOWN = "order.json", "headers.json", "progress.txt"


def asked_apart(module: str, order: Mapping[str, Any], target: Target, job: Job, around: Surroundings) -> Command:
    """Start a module of the kit with an order; credentials go by a file of their own."""
    return Command(
        argv=(around.python, "-m", module, _ORDER),
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        files={_ORDER: json.dumps(order).encode(), _HEADERS: json.dumps(dict(target.headers)).encode()},
        collect=(ANSWERS,),
        deadline_s=job.deadline_s,
        progress=_SHOWN,
    )


def answers_by(name: str, kind: Callable[[Any], K], body: bytes) -> Iterator[tuple[K, Any]]:
    """Each answer with what it says under a name."""
    for line in body.splitlines():
        try:
            one = json.loads(line)
            yield kind(one[name]), one
        except (ValueError, KeyError, TypeError):
            continue  # the last line of a process that was ended
