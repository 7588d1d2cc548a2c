"""`harness runs`: what is here; `--prune` removes what killed runs left, `--pack` makes one file of a run."""

import argparse
from pathlib import Path

from harness.actions.archiving import prune
from harness.actions.running import recompute
from harness.adapters.run_archive import pack_run
from harness.adapters.run_directory import drafts, find_run, runs
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly, HarnessError
from harness.formats.units import size_bytes


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to prune or to pack."""
    parser.add_argument("--prune", action="store_true", help="remove drafts whose process is gone")
    parser.add_argument(
        "--keep", type=int, metavar="N", help="with --prune: of closed runs, too, only the newest N stay"
    )
    parser.add_argument("--most", metavar="SIZE", help="with --prune: the oldest go until the rest fits, like 5 GB")
    parser.add_argument("--pack", metavar="RUN", help="write a run as one .zip, for the gate on another machine")
    parser.add_argument("--to", metavar="FILE", help="with --pack: where (default: <run>.zip here)")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0."""
    root = find_root(Path.cwd())
    if args.pack:
        return _packed(args, out, root)
    if args.keep is not None and (args.keep < 0 or not args.prune):
        raise AskedWrongly("--keep N goes with --prune and is not less than 0", hint="harness runs --prune --keep 50")
    removed, counted = prune(root, keep=args.keep, most_bytes=_most(args)) if args.prune or args.most else ((), ())
    for path in counted:
        out.say(f"kept {path.name}: a declared release counts on it")
    rows = [(path.name, "", "removed") for path in removed]
    rows += [_row(path) for path in runs(root)]
    rows += [(path.name, "", "going on" if held else "not closed") for path, held in drafts(root)]
    if out.json:
        out.document("runs", runs=[{"run": run, "tier": tier, "verdict": verdict} for run, tier, verdict in rows])
        return 0
    for run, tier, verdict in rows:
        out.result(f"{run}  {tier:<10} {verdict}")
    if not rows:
        out.result("no runs yet   harness run <tier>")
    return 0


def _most(args: argparse.Namespace) -> float | None:
    if args.most is None:
        return None
    hint = 'harness runs --prune --most "5 GB"'
    if not args.prune:
        raise AskedWrongly("--most SIZE goes with --prune", hint=hint)
    try:
        return size_bytes(args.most)
    except ValueError as error:
        raise AskedWrongly(f"--most {args.most!r}: {error}", hint=hint) from error


def _packed(args: argparse.Namespace, out: Out, root: Path) -> int:
    path = find_run(root, args.pack)
    target = pack_run(path, Path(args.to or f"{path.name}.zip"))
    if out.json:
        out.document("packed", run=path.name, file=str(target))
    else:
        out.result(str(target))
    return 0


def _row(path: Path) -> tuple[str, str, str]:
    try:
        plan, _, verdict = recompute(path)
    except HarnessError as error:
        return path.name, "", f"unreadable: {error}"
    return path.name, plan.tier, verdict.decision.value
