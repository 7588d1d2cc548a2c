"""One run while it goes on: everything that its parts need at hand, and who tells a person of it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.actions.guarding import Guarded
from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.run_directory import Draft
from harness.adapters.secrets import Secrets
from harness.adapters.stage import Stage
from harness.adapters.stopping import is_stopped
from harness.model.evidence import Code, Observations, Outcome, Reason
from harness.model.plan import Job, Plan
from harness.model.process import Command, Ended, Surroundings
from harness.model.tier import Tier
from harness.model.workspace import Workspace
from harness.rules.redacting import Redactor

Observe = Callable[[Job, Surroundings, Ended], Observations]
Ask = Callable[[Job, Surroundings, Redactor], tuple[Command, Observe] | None]


class Narrator(Protocol):
    """Who tells a person how it goes on."""

    def job_started(self, job: Job) -> None:
        """A job began."""

    def job_progress(self, job_id: str, text: str) -> None:
        """A job said something."""

    def job_found(self, job_id: str, text: str) -> None:
        """A job came upon what looks like a failure; whether it is one, its end says."""

    def check_failed(self, check_id: str, reasons: tuple[Reason, ...]) -> None:
        """A check of a job that ended has failed."""

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """A job ended, with how many checks came to what."""

    def note(self, text: str) -> None:
        """Anything else worth a line."""


@dataclass(slots=True)
class Underway:
    """Everything one run needs at hand. `ask` may carry a job out in another way than its runner's."""

    host: Host
    workspace: Workspace
    tier: Tier
    plan: Plan
    draft: Draft
    narrator: Narrator
    processes: Processes
    secrets: Secrets
    stage: Stage
    interrupted: threading.Event = field(default_factory=threading.Event)
    problems: list[Reason] = field(default_factory=list)
    guarded: Guarded | None = None
    ask: Ask | None = None


def guard_ended(going: Underway) -> bool:
    """Whether all traffic was ended: by the kill switch, a window that closed, or whatever else ended the guard."""
    why = going.guarded.guard.ended_why if going.guarded is not None else None
    if why is None and is_stopped(Path(going.workspace.root)):
        why = "the kill switch was used"
    if why is not None and not any(one.code is Code.GUARD_STOPPED for one in going.problems):
        going.problems.append(Reason.of(Code.GUARD_STOPPED, why=why))
        going.narrator.note(f"all traffic is ended: {why}")
    return why is not None
