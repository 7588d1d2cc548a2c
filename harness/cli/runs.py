"""`harness runs`: what is here; `--prune` removes what killed runs left."""

import argparse
from pathlib import Path

from harness.actions.running import recompute
from harness.adapters.run_directory import drafts, remove_draft, runs
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import HarnessError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to prune."""
    parser.add_argument("--prune", action="store_true", help="remove drafts whose process is gone")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0."""
    root = find_root(Path.cwd())
    rows = [_row(path) for path in runs(root)]
    for path, held in drafts(root):
        if args.prune and not held:
            remove_draft(path)
            rows.append((path.name, "", "removed"))
        else:
            rows.append((path.name, "", "going on" if held else "not closed"))
    if out.json:
        out.document("runs", runs=[{"run": run, "tier": tier, "verdict": verdict} for run, tier, verdict in rows])
        return 0
    for run, tier, verdict in rows:
        out.result(f"{run}  {tier:<10} {verdict}")
    if not rows:
        out.result("no runs yet   harness run <tier>")
    return 0


def _row(path: Path) -> tuple[str, str, str]:
    try:
        plan, _, verdict = recompute(path)
    except HarnessError as error:
        return path.name, "", f"unreadable: {error}"
    return path.name, plan.tier, verdict.decision.value
