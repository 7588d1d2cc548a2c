"""`harness stop`: the kill switch. What runs is ended at once; nothing starts until `harness stop --clear`."""

import argparse
from pathlib import Path

from harness.actions.stopping import allow_runs, stop_runs
from harness.adapters.host import Host
from harness.adapters.stopping import stop_file
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import Exit


def arguments(parser: argparse.ArgumentParser) -> None:
    """On, or off again."""
    parser.add_argument("--clear", action="store_true", help="turn it off: runs may start again")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once nothing runs any more; 3 where a run has no traffic and is still closing its record."""
    root = find_root(Path.cwd())
    if args.clear:
        was_on = allow_runs(root)
        return _said(out, "the kill switch is off" if was_on else "the kill switch was not on", on=False)
    ended, left = stop_runs(Host(), root)
    file = stop_file(root).relative_to(root)
    text = f"all traffic is ended: {len(ended)} runs ended\nnothing starts while {file} is there: harness stop --clear"
    if left:
        text += f"\nstill closing: {', '.join(left)}"
    _said(out, text, on=True, ended=list(ended), closing=list(left))
    return int(Exit.UNDECIDED if left else Exit.PASSED)


def _said(out: Out, text: str, **content: object) -> int:
    if out.json:
        out.document("stop", **content)
    else:
        out.result(text)
    return int(Exit.PASSED)
