"""A run on the terminal: the table, the verdict, its reasons; or the same as one document."""

import json
from pathlib import Path

from harness.actions.reporting import make_report
from harness.actions.running import recompute
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.errors import Exit, HarnessError
from harness.formats.sentences import say, what_to_do
from harness.formats.shape import to_json
from harness.formats.terminal import run_text
from harness.model.verdict import Decision, Ground

STATUS = {Decision.PASS: Exit.PASSED, Decision.FAIL: Exit.FAILED, Decision.UNDECIDED: Exit.UNDECIDED}


def show_run(out: Out, root: Path, path: Path, *, report: bool) -> int:
    """Show one run, its verdict recomputed from its evidence; gives the exit status that stands for it."""
    plan, record, verdict = recompute(path)
    made = _report(out, root, path) if report else _report_there(path)
    if out.json:
        out.document(
            "verdict",
            run=plan.run,
            tier=plan.tier,
            decision=verdict.decision.value,
            only=list(plan.only),
            **{"left-out": [{"what": what, "why": why} for what, why in plan.left_out]},
            failures=[_ground(ground, out.language) for ground in verdict.failures],
            doubts=[_ground(ground, out.language) for ground in verdict.doubts],
            evidence=str(path),
            report=str(made) if made else None,
        )
        return int(STATUS[verdict.decision])
    out.result(
        run_text(plan, record, verdict, evidence=_near(path), language=out.language, color=out.color, width=out.width)
    )
    if made is not None:
        out.result(f"report    {_near(made)}")
    if _stored(path) not in {None, verdict.decision.value}:
        out.say(f"note: verdict.json says {_stored(path)}; recomputed from the evidence it is {verdict.decision.value}")
    return int(STATUS[verdict.decision])


def _report(out: Out, root: Path, path: Path) -> Path | None:
    try:
        return make_report(Host(), root, path, language=out.language)
    except HarnessError as error:
        problem = error.problems[0]
        out.say(f"no report: {problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
        return None


def _report_there(path: Path) -> Path | None:
    drawn = path / "report" / "index.html"
    return drawn if drawn.is_file() else None


def _ground(ground: Ground, language: str) -> dict[str, object]:
    return {
        "check": ground.check,
        "code": ground.reason.code.value,
        "sentence": say(ground.reason, language),
        "what-to-do": what_to_do(ground.reason, language),
        "values": to_json(ground.reason).get("values", []),
    }


def _stored(path: Path) -> str | None:
    try:
        return str(json.loads((path / "verdict.json").read_bytes())["decision"])
    except (OSError, ValueError, KeyError):
        return None


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
