"""`harness mock matrix DEPENDENCY --tier TIER`: does the system survive whatever the dependency does to it?"""

import argparse
from pathlib import Path

from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit


def try_matrix(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 it survived everything, 1 it did not, 3 a failure never reached it, 130 interrupted."""
    from harness.actions.mock_matrix import matrix
    from harness.adapters.host import Host
    from harness.adapters.workspace_files import find_root
    from harness.cli.live import narrator
    from harness.cli.run import confirming
    from harness.cli.showing import show_run

    if args.tier is None:
        raise AskedWrongly("on which tier does the mock stand in?", hint="harness mock matrix NAME --tier test")
    root = find_root(Path.cwd())
    live = narrator(out.stderr, interactive=out.interactive, quiet=out.quiet, color=out.color, language=out.language)
    try:
        name, confirm = str(args.target), confirming(args, out)
        done = matrix(Host(), root, name, args.tier, live, seed=args.seed, confirm=confirm)
    finally:
        live.close()
    status = show_run(out, root, done.path, report=False)
    return int(Exit.INTERRUPTED) if done.interrupted else status
