"""`harness gate replay --policy FILE`: what another policy would have said of the releases so far."""

from pathlib import Path

from harness.actions.backtesting import backtest
from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit
from harness.formats.gate_sentences import say_cause
from harness.formats.replay_text import new_causes, replay_text
from harness.model.gate import Replayed


def act(root: Path, policy: str | None, to: str | None, last: int, evidence: tuple[Path, ...], out: Out) -> int:
    """Exit 0 where every release is let through or stopped as it was, 1 where one is not, 3 where there is none."""
    if not policy or last < 1:
        raise AskedWrongly(
            "which policy is to be tried, and on how many releases?", hint="harness gate replay --policy FILE --last 20"
        )
    rows = backtest(root, Path(policy), to=to, last=last, evidence=evidence)
    if out.json:
        out.document("gate-replay", releases=[_document(one, out.language) for one in rows])
    else:
        out.result(replay_text(rows, out.language))
    if not rows:
        return int(Exit.UNDECIDED)
    return int(Exit.FAILED if any(one.stopped or one.let_through for one in rows) else Exit.PASSED)


def _document(one: Replayed, language: str) -> dict[str, object]:
    return {
        "release": one.release,
        "to": one.to,
        "before": one.before.decision.value if one.before else "not-guarded",
        "after": one.after.decision.value if one.after else "not-guarded",
        "stopped": one.stopped,
        "let-through": one.let_through,
        "why": [
            {"about": cause.about, "code": cause.reason.code.value, "sentence": say_cause(cause, language)}
            for cause in new_causes(one)
        ],
    }
