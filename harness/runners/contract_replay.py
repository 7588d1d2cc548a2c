"""One finding once more: what an earlier run kept of it is sent again, in its order, and nothing else.

That it comes again fails its operation. That it does not proves nothing about the operation, and is told as such.
"""

import json
from collections.abc import Callable, Mapping

from harness.model.evidence import Code, Observation, Observations, Outcome, Reason
from harness.model.plan import ContractWork, Job
from harness.model.process import Ended, Surroundings
from harness.runners.contract_events import EVENTS, read_events
from harness.runners.contract_judged import doubt_about
from harness.runners.contract_kept import FINDINGS


def stored_in(body: bytes) -> tuple[Mapping[str, object], ...]:
    """The findings that a run kept for this; ValueError or KeyError where it is none of our files."""
    document = json.loads(body)
    if not isinstance(document, dict) or document.get("kind") != "harness/contract-findings":
        raise ValueError(f"{FINDINGS} is not a list of findings")
    found = document["findings"]
    whole = isinstance(found, list) and all(isinstance(one, dict) and {"id", "operation"} <= set(one) for one in found)
    if not whole:
        raise ValueError(f"{FINDINGS} holds something that is no finding")
    return tuple(found)


def observing(finding: str) -> Callable[[Job, Surroundings, Ended], Observations]:
    """How to read what came of the replay of one finding."""

    def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
        if not isinstance(job.work, ContractWork):
            raise TypeError(f"{job.id} is not a contract job")
        told = read_events(ended.files.get(EVENTS, b""), {})
        doubt = doubt_about(job, job.work.contract, around.targets[job.work.system], around.tier, ended, told)
        again = told.again.get(finding)
        if again:
            outcome, reason = Outcome.FAILED, Reason.of(Code.FINDING, title=f"it came again: {finding}", curl="")
        elif again is False:
            outcome = Outcome.BROKEN
            reason = Reason.of(Code.NEVER_REACHED, operation=job.id, why=f": it did not come again: {finding}")
        else:
            outcome = Outcome.BROKEN
            reason = doubt or Reason.of(Code.NEVER_REACHED, operation=job.id, why=": the finding was not sent")
        return Observations(
            observations=tuple(
                Observation(
                    check=check.id,
                    outcome=outcome,
                    reasons=(reason,),
                    started_ms=ended.started_ms,
                    ended_ms=ended.ended_ms,
                )
                for check in job.checks
            ),
            notes=(f"only one finding was sent again: {finding}",),
        )

    return observe
