"""What a system that ended by itself, and was started again, means for what was asked of it meanwhile.

Nothing passes on such a system, and the run says so, unless the contract suite found the very request that ends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.adapters.stage import Stage
from harness.model.evidence import Code, Finding, Observations, Outcome, Reason, Severity
from harness.model.plan import ContractWork, Job, LoadWork, MatrixWork


@dataclass(slots=True, kw_only=True)
class Restarts:
    """Those since `before`, how often each system had been started again when the jobs began."""

    stage: Stage
    before: Mapping[str, int]
    explained: set[str] = field(default_factory=set)

    def ended(self) -> tuple[str, ...]:
        return tuple(name for name, times in self.stage.restarted.items() if times > self.before.get(name, 0))

    def told(self, job: Job, observations: Observations) -> Observations:
        """What a job saw: no pass on a system that ended, unless this job found what ends it."""
        work = job.work
        own = work.system if isinstance(work, ContractWork | LoadWork | MatrixWork) else None
        if isinstance(work, ContractWork) and any(map(_ends_it, _findings(observations))):
            self.explained.add(work.system)
            return observations
        ended = [name for name in self.ended() if own in {None, name}]
        if not ended:
            return observations
        told = (
            replace(one, outcome=Outcome.BROKEN, reasons=(_reason(ended[0]),)) if one.outcome is Outcome.PASSED else one
            for one in observations.observations
        )
        return replace(observations, observations=tuple(told))

    def problems(self) -> tuple[Reason, ...]:
        """What the run must say of itself when its jobs are through."""
        return tuple(_reason(name) for name in self.ended() if name not in self.explained)


def _findings(observations: Observations) -> tuple[Finding, ...]:
    return tuple(finding for one in observations.observations for finding in one.findings)


def _ends_it(finding: Finding) -> bool:
    return finding.rule == "server_stopped" and finding.severity is not Severity.OPINION


def _reason(system: str) -> Reason:
    why = "it ended by itself and was started again, and which request did that was not found"
    return Reason.of(Code.SYSTEM_DIED, system=system, why=why)
