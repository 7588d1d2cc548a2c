"""A run on a tier that limits more than hosts: everything leaves through the guard, engines hold no credentials.

Each job has doors of its own, so that what is refused is known by whose it was; that job is stopped and the run
undecided. Where the machine allows it, each engine has a network of its own, with these doors as the only way out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from harness.adapters.guard.order import Order, Stand
from harness.adapters.guard.standing import Refused, StandingGuard
from harness.adapters.host import Host
from harness.adapters.processes import Processes, can_isolate
from harness.adapters.stage import Stage
from harness.adapters.stopping import stop_file
from harness.errors import CouldNotTell
from harness.model.evidence import Code, Observations, Outcome, Reason
from harness.model.guard import HARNESS, Door, Origin
from harness.model.plan import Job, MockWork, Plan
from harness.model.process import BrowserProxy, Command, Surroundings, Target, WayOut
from harness.model.tier import Dependency, Suite, System, Tier
from harness.model.workspace import Workspace
from harness.rules.guarding import is_limited, mock_origins, origins_for, own_origin, sign_in_origin
from harness.rules.signing_in import asking_at, sign_in_request

LEASE_S = 3.0


@dataclass(slots=True)
class Guarded:
    """The guard of one run and what the run must know to go through it. `isolated`: engines have their own network."""

    host: Host
    tier: Tier
    guard: StandingGuard
    isolated: bool
    stands: list[Stand] = field(default_factory=list)

    @property
    def mode(self) -> str:
        """How strong the guard is on this machine, in words."""
        if self.isolated:
            return "every engine in a network of its own, the guard its only way out"
        return "weaker: the machine gives no networks of their own, so a script with raw sockets could walk past it"

    def own_urls(self) -> dict[str, str]:
        """Where the harness itself asks each system and dependency."""
        prefix = f"{HARNESS}:"
        return {
            one.name.removeprefix(prefix): self.guard.url(Door(job=HARNESS, origin=one.name).key) + one.base_path
            for one in self.guard.order.origins
            if one.name.startswith(prefix)
        }

    def signs_in(self, system: System) -> System:
        """The system with its token to be had through the guard, where it is had by a request.

        CouldNotTell where the guard has no door to there: nothing goes around it.
        """
        if system.auth is None or sign_in_request(system.auth, "") is None:
            return system
        key = Door(job=HARNESS, origin=f"sign-in:{system.name}").key
        if key not in self.guard.ports:
            raise CouldNotTell(
                f"the policy of {self.tier.name} allows no request to where `{system.name}` signs in",
                hint="its owner may name that host, with its port if it is not the usual one, in `hosts` of [policy]",
            )
        origin = next(one for one in self.guard.order.origins if one.name == f"sign-in:{system.name}")
        assert origin.only is not None
        return replace(system, auth=asking_at(system.auth, self.guard.url(key) + origin.only[0][1]))

    def behind(self, target: Target) -> Target:
        """The target with placeholders for its credentials; only the guard knows what they stand for."""
        headers: dict[str, str] = {}
        for name, value in target.headers.items():
            scheme, space, secret = value.rpartition(" ")
            placeholder = f"harness-stand-in-{self.host.new_key().hex()[:24]}"
            self.stands.append(Stand(origin=target.name, placeholder=placeholder, secret=secret))
            headers[name] = f"{scheme}{space}{placeholder}"
        return replace(target, headers=headers)

    def settled(self, mock_urls: Mapping[str, str]) -> None:
        """The stage stands and everybody is signed in: tell the guard the rest."""
        self.guard.allow(mock_origins(mock_urls))
        self.guard.stands(self.stands)

    def around(self, job: Job, around: Surroundings) -> Surroundings:
        """The surroundings of one job: everything at the job's own doors."""

        def at_door(name: str, url: str) -> str:
            return self.guard.url(Door(job=job.id, origin=name).key) + urlsplit(url).path

        return replace(
            around,
            targets={
                name: replace(one, base_url=at_door(name, one.base_url), page_url=one.base_url)
                for name, one in around.targets.items()
            },
            mock_urls={name: at_door(name, url) for name, url in around.mock_urls.items()},
            proxy=BrowserProxy(
                url=self.guard.url(Door(job=job.id).key), spki=self.guard.spki, ca_file=self.guard.ca_file
            )
            if job.suite is Suite.UAT
            else None,
        )

    def led(self, job: Job, command: Command) -> Command:
        """The command in a network of its own, where there is one to be had."""
        if not self.isolated:
            return command
        doors = tuple((one.key, self.guard.ports[one.key]) for one in self.guard.order.doors if one.job == job.id)
        return replace(command, way_out=WayOut(socket=self.guard.doors_socket, doors=doors))

    def refused(self) -> tuple[Refused, ...]:
        """What did not leave so far."""
        return self.guard.refused()

    def reason(self, refused: Refused) -> Reason:
        """A refusal as the reason of a doubt."""
        values = {"job": refused.job, "tier": self.tier.name, "request": refused.request, "why": refused.why}
        return Reason.of(Code.GUARD_REFUSED, **values)

    def told(self, job: Job, observations: Observations) -> Observations:
        """What a job came to, with what the guard has to say: a refused job has failed nothing, it was stopped."""
        refused = [one for one in self.refused() if one.job == job.id]
        if refused:
            reason = self.reason(refused[0])
            observations = replace(
                observations,
                observations=tuple(
                    one if one.outcome is Outcome.PASSED else replace(one, outcome=Outcome.BROKEN, reasons=(reason,))
                    for one in observations.observations
                ),
            )
        notes = (*(f"the guard refused {one.request}: {one.why}" for one in refused[:50]), self._figures(job))
        return replace(observations, notes=(*observations.notes, *(note for note in notes if note)))

    def _figures(self, job: Job) -> str:
        told = self.guard.figures(job.id)
        if not told:
            return ""
        held = (
            f", {told['waited']} held for the caps (longest {told['waited_max_ms']:.0f} ms)" if told["waited"] else ""
        )
        return (
            f"the guard let {told['let_through']} requests through and refused {told['refused']}{held}; "
            f"of itself it added {told['own_p50_ms']:.2f} ms at p50, {told['own_p99_ms']:.2f} ms at p99"
        )


def stand_guard(host: Host, processes: Processes, stage: Stage, workspace: Workspace, plan: Plan) -> Guarded | None:
    """A guard in front of everything, where the tier wants one. The stage must know its addresses, and not yet ask."""
    tier = stage.tier
    if not is_limited(tier):
        return None
    known = {name: url for name, url in stage.urls.items() if name not in {d.name for d in tier.dependencies if d.mock}}
    origins = _with_trust(origins_for(tier, known, workspace.contracts), str(stage.root))
    own = _own_origins(tier, origins)
    jobs = [job for job in plan.jobs if not isinstance(job.work, MockWork)]
    named = (*(one.name for one in tier.systems), *(one.name for one in tier.dependencies))
    reachable = [name for name in named if name in {o.name for o in origins} or name not in known]
    doors = (
        *(Door(job=HARNESS, origin=one.name) for one in own),
        *(Door(job=job.id, origin=name) for job in jobs for name in reachable),
        *(Door(job=job.id) for job in jobs if job.suite is Suite.UAT),
    )
    isolated = can_isolate(host)
    order = Order(
        run=plan.run,
        origins=(*origins, *own),
        doors=doors,
        rate_per_s=tier.policy.rate_per_s,
        concurrency=tier.policy.concurrency,
        most_bytes=tier.policy.body_bytes,
        windows=tier.policy.windows,
        lease_s=LEASE_S,
        stop_file=str(stop_file(stage.root)),
        passed=isolated,
        alarm=tier.policy.alarm,
    )
    return Guarded(host=host, tier=tier, guard=StandingGuard(host, processes, order), isolated=isolated)


def _own_origins(tier: Tier, origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    by_name = {origin.name: origin for origin in origins}
    owners: tuple[System | Dependency, ...] = (*tier.systems, *tier.dependencies)
    own = [own_origin(one, by_name[one.name]) for one in owners if one.name in by_name]
    signing = (sign_in_origin(one, by_name[one.name], origins) for one in tier.systems)
    return (*own, *(one for one in signing if one is not None))


def _with_trust(origins: tuple[Origin, ...], root: str) -> tuple[Origin, ...]:
    return tuple(replace(one, ca=f"{root}/{one.ca}") if one.ca else one for one in origins)
