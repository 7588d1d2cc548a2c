"""`python -m harness.kit.matrix order.json`: the system asked while its dependency fails, one failure after another.

For each trial: what leads there while all is well, the fault on, the last request, the fault off, and the whole once
more. One line on disk for each trial, before the next begins.
"""

import json
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.adapters.http import NoAnswerError, fetch
from harness.formats.json_pointer import pointed
from harness.formats.shape import from_json
from harness.model.matrix import Step, Trial

_PLACE = re.compile(r"\{([^{}]+)\}")
_MOST = 1024 * 1024
_CONTROL_S = 5.0
_PAUSE_S = 0.2
_TROUBLE = 500


class CannotTell(Exception):
    """The trial could not be carried out; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The system and the mock's control."""

    base_url: str
    control: str
    headers: Mapping[str, str]
    deadline_s: float
    seed: int

    def tried(self, trial: Trial) -> dict[str, Any]:
        """What came of one trial."""
        try:
            ready = self._led(trial)
            self._control("PUT", trial)
            try:
                asked = self._asked(trial.steps[-1], ready)
            finally:
                played = self._control("DELETE", trial)
            return {"played": played, "asked": asked, "after": self._well(trial.steps[-1], self._led(trial))}
        except CannotTell as error:
            return {"cannot": str(error)}

    def _led(self, trial: Trial) -> dict[str, Any]:
        """Everything before the last step; the answers' bodies by operation."""
        bodies: dict[str, Any] = {}
        for step in trial.steps[:-1]:
            told = self._well(step, bodies)
            if "why" in told or told["status"] >= 400:
                raise CannotTell(f"{step.operation}, which leads there, came to {told.get('status', told.get('why'))}")
            bodies[step.operation] = _json(bytes.fromhex(told["body"]))
        return bodies

    def _well(self, step: Step, bodies: Mapping[str, Any]) -> dict[str, Any]:
        """Asked while the dependency is well: whoever needs a moment to notice that has as long as for an answer."""
        end = time.monotonic() + self.deadline_s
        while True:
            told = self._asked(step, bodies)
            if ("why" not in told and told["status"] < _TROUBLE) or time.monotonic() >= end:
                return told
            time.sleep(_PAUSE_S)

    def _asked(self, step: Step, bodies: Mapping[str, Any]) -> dict[str, Any]:
        taken = {one.name: pointed(bodies.get(one.step), one.pointer) for one in step.taken}
        if None in taken.values():
            raise CannotTell(f"{step.operation} needs what no answer before it gave: {', '.join(taken)}")
        path = _PLACE.sub(lambda place: str(taken.get(place[1], place[0])), step.path)
        began = time.monotonic()
        try:
            answer = fetch(
                self.base_url.rstrip("/") + path,
                method=step.method,
                headers={**dict(step.headers), **self.headers},
                body=step.body.encode() if step.body else None,
                deadline_s=self.deadline_s,
                most_bytes=_MOST,
            )
        except NoAnswerError as error:
            return {"why": str(error)}
        took = round((time.monotonic() - began) * 1000)
        told = {"status": answer.status, "headers": list(answer.headers.items()), "body": answer.body.hex()}
        return {**told, "took_ms": took}

    def _control(self, method: str, trial: Trial) -> int:
        wanted = {
            "operation": trial.operation, "fault": trial.fault.value, "seed": self.seed,
            "deadline_ms": self.deadline_s * 1000,
        }  # fmt: skip
        body = json.dumps(wanted).encode() if method == "PUT" else None
        try:
            answer = fetch(self.control, method=method, body=body, deadline_s=_CONTROL_S)
        except NoAnswerError as error:
            raise CannotTell(f"the mock could not be told what to play: {error}") from error
        if answer.status != 200:
            raise CannotTell(f"the mock does not play it: {answer.status}")
        return int(_json(answer.body)["played"])


def main(argv: list[str]) -> int:
    """Carry the order out; 0 whenever the answers tell the rest."""
    order = json.loads(Path(argv[0]).read_bytes())
    asking = Asking(
        base_url=order["base_url"],
        control=order["control"],
        headers=json.loads(Path("headers.json").read_bytes()),
        deadline_s=order["deadline_s"],
        seed=order["seed"],
    )
    with Path("answers.ndjson").open("w") as answers, Path("progress.txt").open("w") as progress:
        for number, one in enumerate(order["trials"], start=1):
            trial = from_json(Trial, one)
            told = asking.tried(trial)
            answers.write(json.dumps({"trial": trial.name, **told}) + "\n")
            answers.flush()
            came = told.get("asked", {})
            said = came.get("status", came.get("why", told.get("cannot")))
            progress.write(f"{number} of {len(order['trials'])}: {trial.name}: {said}\n")
            progress.flush()
    return 0


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
