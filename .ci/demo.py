"""The sample through its three tiers, told by the harness's own commands: each is shown, and can be typed again.

test (the ERP mocked), preprod (PostgreSQL, RabbitMQ and a real ERP underneath), prod (through the guard, with a
recorder behind it that counts what arrives), and the gate's word at the end: *undecided, not signed*, for no business
user has signed yet. Ends with 0 when every step came to what the story tells, with 1 at the first that did not.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.actions.means import Means, State, docker, postgresql, rabbitmq
from harness.adapters.host import Host
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.model.tier import Policy

ROOT = Path(__file__).resolve().parent.parent
HARNESS = Path(sys.executable).with_name("harness")
RELEASE = "demo"
ARTIFACT = ".harness/demo/order-hub.zip"
UNSIGNED = {"no-bundle", "not-signed"}
ARRIVED = re.compile(r"^arrived (\d+\.\d+) s   (\S+) (.+?)   (run \S+|no run named)$", re.MULTILINE)
STANDS_IN = {
    "postgresql": {
        "HARNESS_SERVICES_DB_KINDS": "container,process,embedded",
        "HARNESS_SERVICES_DB_EMBEDDED": "sqlite://",
    },
    "rabbitmq": {
        "HARNESS_SERVICES_QUEUE_KINDS": "container,process,embedded",
        "HARNESS_SERVICES_QUEUE_EMBEDDED": "memory://",
    },
}


class NotAsToldError(Exception):
    """A step came to something else than the story tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A chapter, the command that carries it out, and the exit status that it must come to."""

    chapter: str
    words: tuple[str, ...]
    exits: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """As a person would type it."""
        return " ".join((*(f"{name}={value}" for name, value in self.environment.items()), "harness", *self.words))


def main() -> int:
    """Tell the story; the exit status."""
    try:
        artifact_made()
        lacking = [each for each in (postgresql(Host()), rabbitmq(Host())) if each.state is not State.OK]
        for step in story(lacking):
            carry_out(step)
            if step.words[:2] == ("run", "prod"):
                print(f"\nrecorder   {recorded(newest_log('prod'), *allowed_in_production())}", flush=True)
        print(f"\n{the_gate_waits_for_people(asked('gate', '--release', RELEASE, '--to', 'prod', '--json'))}")
    except NotAsToldError as error:
        print(f"\nNOT as told: {error}", file=sys.stderr)
        return 1
    how_to_have(lacking, docker(Host()))
    return 0


def story(lacking: list[Means]) -> tuple[Step, ...]:
    """The steps. Of what no program is here, the sample's own stand-in is the last resort, and the record says so."""
    instead: dict[str, str] = {}
    for means in lacking:
        instead |= STANDS_IN[means.name]
    run = ("--release", RELEASE)
    return (
        Step(
            chapter="a release is declared, so that all evidence is bound to it",
            words=("release", "add", RELEASE, "--artifact", ARTIFACT, "--again"),
        ),
        Step(chapter="test: every suite, the ERP stood in for by its mock", words=("run", "test", *run, "--no-report")),
        Step(chapter="may it enter pre-production?", words=("gate", *run, "--to", "preprod")),
        Step(
            chapter="preprod: the same suites on PostgreSQL and RabbitMQ, with a real ERP",
            words=("run", "preprod", *run),
            environment=instead,
        ),
        Step(
            chapter="prod: what may be looked at there, through the guard; a recorder counts what arrives",
            words=("run", "prod", *run, "--confirm", "prod", "--no-report"),
        ),
        Step(
            chapter="may it be promoted? Machines have said what they can; no business user has signed",
            words=("gate", *run, "--to", "prod", "--why-not"),
            exits=3,
        ),
    )


def carry_out(step: Step) -> None:
    """Show the command, run it, hold it to its exit status."""
    print(f"\n{'─' * 100}\n{step.chapter}\n\n$ {step.command}\n", flush=True)
    ended = subprocess.run([HARNESS, *step.words], cwd=ROOT, env={**os.environ, **step.environment}, check=False)
    if ended.returncode != step.exits:
        raise NotAsToldError(f"`{step.command}` ended with {ended.returncode}, the story tells {step.exits}")


def asked(*words: str) -> dict[str, object]:
    """What a command says as a document."""
    ended = subprocess.run([HARNESS, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    try:
        return dict(json.loads(ended.stdout))
    except ValueError:
        raise NotAsToldError(f"`harness {' '.join(words)}` printed no document (exit {ended.returncode})") from None


def the_gate_waits_for_people(ruling: Mapping[str, object]) -> str:
    """The gate must be undecided for want of signatures, and for nothing else."""
    causes = [one for name in ("failures", "doubts") for one in _listed(ruling.get(name))]
    others = sorted({str(one.get("code")) for one in causes} - UNSIGNED)
    if ruling.get("decision") != "undecided" or not causes or others:
        said = f", also for: {', '.join(others)}" if others else ""
        raise NotAsToldError(
            f"the gate to prod says {ruling.get('decision')}{said}; it should wait for signatures alone"
        )
    return "promotion  undecided, not signed: all that is missing is the word of the business"


def _listed(found: object) -> list[dict[str, object]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def allowed_in_production() -> tuple[Policy, frozenset[str]]:
    """The policy of production by its file, and the requests beyond reading that it grants, as `METHOD /path`."""
    tier = load_tier(ROOT, "prod", {})
    policy = tier.policy
    operations = [one for each in load_workspace(ROOT, (tier,)).contracts.values() for one in each.operations]
    return policy, frozenset({*policy.operations, *(one.label for one in operations if one.id in policy.operations)})


def recorded(log: str, policy: Policy, granted: frozenset[str]) -> str:
    """What the recorder in front of production saw; more than the policy allows is not as told."""
    rows = ARRIVED.findall(log)
    if not rows:
        raise NotAsToldError("the recorder in front of production saw nothing at all")
    asked_for = [f"{method} {path}" for _, method, path, _ in rows]
    writes = [one for one in asked_for if one in granted]
    others = [one for one in asked_for if one not in granted and one.partition(" ")[0] not in policy.methods]
    unnamed = sum(run == "no run named" for *_, run in rows)
    times, cap = [float(row[0]) for row in rows], policy.rate_per_s or 0
    most = max(sum(start <= at < start + 1 for at in times) for start in times)
    wrong = [f"not allowed: {', '.join(sorted(set(others)))}"] if others else []
    wrong += [f"{unnamed} did not name the run"] if unnamed else []
    wrong += [f"{most} in one second, the cap is {cap:g}"] if most > cap else []
    if wrong:
        raise NotAsToldError(f"what arrived at production was not what its policy allows: {'; '.join(wrong)}")
    return (
        f"{len(rows)} requests arrived at production: {len(rows) - len(writes)} that read, {len(writes)} to sign in "
        f"or out, 0 others; all named the run; at most {most} in any second, the cap is {cap:g}"
    )


def newest_log(tier: str) -> str:
    """What the order hub of the newest run on a tier printed, as the run keeps it."""
    for run in sorted((ROOT / ".harness" / "runs").glob("*"), reverse=True):
        if json.loads((run / "plan.json").read_bytes()).get("tier") == tier:
            log = run / "jobs" / "orders" / "log.txt"
            return log.read_text("utf-8") if log.exists() else ""
    raise NotAsToldError(f"there is no run on {tier}")


def artifact_made() -> None:
    """What is released: the sample and the contracts that it promises, in one file."""
    target = ROOT / ARTIFACT
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for folder in ("harness/sample", "contracts"):
            for file in sorted((ROOT / folder).rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    archive.write(file, file.relative_to(ROOT).as_posix())


def how_to_have(lacking: list[Means], engine: Means) -> None:
    """How to get what somebody stood in for, and where to go on."""
    for means in lacking:
        print(f"\nto have {means.name} underneath: {means.remedy}")
    if lacking and engine.state is not State.OK:
        print(f"…or all of them in containers: {engine.remedy}")
    print("\nlook      harness report --open       harness runs       harness show")
    print("sign      harness help portal         how three people take this very promotion to PASS")


if __name__ == "__main__":
    sys.exit(main())
