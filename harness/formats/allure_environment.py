"""`environment.properties` of a report: what ran where, on what, and with which stand-ins."""

from collections.abc import Mapping

from harness.formats.mock_text import certificate_text
from harness.model.evidence import Record
from harness.model.plan import MockWork, Plan
from harness.model.verdict import Verdict
from harness.rules.mock_debt import mock_debt


def environment_properties(plan: Plan, record: Record, verdict: Verdict, *, before: str = "") -> bytes:
    """One fact a line; which dependencies were mocks is among them. `before` is put before every key."""
    facts: dict[str, str] = {"tier": plan.tier, "run": record.run, "verdict": verdict.decision.value}
    if plan.release:
        facts["release"] = plan.release.name
    facts |= {"seed": str(plan.seed), "plan": record.plan_sha256}
    facts |= {f"system.{one.system}": one.after for one in record.fingerprints}
    facts |= {f"dependency.{j.work.dependency}": "mock" for j in plan.jobs if isinstance(j.work, MockWork)}
    debt = mock_debt(record)
    if debt is not None:
        facts["mock.debt"] = f"{debt.resting} of {debt.decided} decided checks ({debt.percent} %)"
        facts |= {f"mock.{one.dependency}": certificate_text(one) for one in debt.stood_in}
    facts |= {f"tool.{name}": version for name, version in record.tools}
    return properties({f"{before}{key}": value for key, value in facts.items()})


def properties(facts: Mapping[str, str]) -> bytes:
    """Java's properties: nothing in a value can start a second line or a second key."""
    escapes = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "=": "\\=", ":": "\\:", " ": "\\ ", "#": "\\#"})
    value_escapes = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
    lines = (f"{key.translate(escapes)} = {value.translate(value_escapes)}" for key, value in facts.items())
    return ("\n".join(lines) + "\n").encode()
