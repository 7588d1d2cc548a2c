"""A run as statements, and back: the claim of its runner, and a test result for each suite.

The claim names plan and record by their digests, so that record, events and verdict can't be changed together
without the runner's key. A suite is PASSED only where every promise of it passed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness.formats.dsse import NotTrusted
from harness.formats.intoto import RUN, TEST_RESULT, read_statements, sign_statement
from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.attestation import RunClaim, Subject
from harness.model.evidence import Outcome, Record
from harness.model.plan import Plan
from harness.model.release import Declared
from harness.model.tier import Suite

FILE = "attestation.intoto.jsonl"


def run_statements(
    plan: Plan, record: Record, claim: RunClaim, declared: Declared | None, key: Ed25519PrivateKey
) -> bytes:
    """The file: the claim first, then a line for each suite."""
    subjects = subjects_for(declared) or (
        Subject(name=f"{claim.run}/record.json", algorithm="sha256", digest=claim.record_sha256),
    )
    lines = [sign_statement(RUN, to_json(claim), subjects, key)]
    lines += [sign_statement(TEST_RESULT, one, subjects, key) for one in _results(plan, record)]
    return b"".join(lines)


def claim_in(body: bytes, keys: tuple[str, ...]) -> RunClaim:
    """The one claim of a run that one of `keys` signed; NotTrusted for anything else."""
    claims = [one["predicate"] for one in read_statements(body, keys) if one["predicateType"] == RUN]
    if len(claims) != 1:
        raise NotTrusted(f"it holds {len(claims)} claims of a run, not one")
    try:
        claim: RunClaim = from_json(RunClaim, claims[0])
    except (ShapeError, RecursionError) as error:
        raise NotTrusted(f"its claim of a run can't be read: {error}") from error
    return claim


def disagreement(claim: RunClaim, plan: Plan, plan_sha256: str, record_sha256: str) -> str:
    """What of a run is not what its runner signed; empty where all agrees."""
    release = plan.release
    pairs = (
        ("the run's id", claim.run, plan.run),
        ("the tier", claim.tier, plan.tier),
        ("the plan", claim.plan_sha256, plan_sha256),
        ("the record", claim.record_sha256, record_sha256),
        ("the release", (claim.release, claim.nonce), (release.name, release.nonce) if release else ("", "")),
    )
    return ", ".join(name for name, signed, found in pairs if signed != found)


def subjects_for(declared: Declared | None) -> tuple[Subject, ...]:
    """The artifacts of a release and the commit that they are built from."""
    if declared is None:
        return ()
    found = [Subject(name=one.name, algorithm="sha256", digest=one.digest[7:]) for one in declared.artifacts]
    if declared.commit:
        found.append(Subject(name="commit", algorithm="gitCommit", digest=declared.commit))
    return tuple(found)


def _results(plan: Plan, record: Record) -> Iterator[Mapping[str, Any]]:
    attempts: defaultdict[str, set[Outcome]] = defaultdict(set)
    for seen in record.seen:
        attempts[seen.check].add(seen.outcome)
    for suite in Suite:
        checks = [check.id for check in plan.checks if check.suite is suite]
        if not checks:
            continue
        passed = [check for check in checks if attempts[check] == {Outcome.PASSED}]
        failed = [check for check in checks if attempts[check] != {Outcome.PASSED}]
        yield {
            "result": "FAILED" if failed else "PASSED",
            "configuration": [{"name": path, "digest": {"sha256": sha256}} for path, sha256 in plan.digests],
            "passedTests": passed,
            "failedTests": failed,
            "warnedTests": [],
        }
