"""`harness mock confirm DEPENDENCY --tier TIER`: does the real dependency answer as its mock did?"""

import argparse
from pathlib import Path

from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit


def confirm_mock(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 it does, 1 it answers otherwise, 3 that could not be told, 130 interrupted."""
    from harness.actions.confirming import confirm
    from harness.adapters.host import Host
    from harness.adapters.workspace_files import find_root
    from harness.cli.live import narrator
    from harness.cli.run import confirming
    from harness.cli.showing import show_run

    if args.tier is None:
        raise AskedWrongly("on which tier does the real one stand?", hint="harness mock confirm NAME --tier preprod")
    root = find_root(Path.cwd())
    live = narrator(out.stderr, interactive=out.interactive, quiet=out.quiet, color=out.color, language=out.language)
    try:
        name = str(args.target)
        came = confirm(Host(), root, name, args.tier, live, of=args.run, confirm=confirming(args, out))
    finally:
        live.close()
    status = show_run(out, root, came.done.path, report=False)
    relied = sum(count for _, count in came.used.kinds)
    out.say(f"asked of the real {name}: {came.asked} of {relied} interactions that {came.of} relied on")
    return int(Exit.INTERRUPTED) if came.done.interrupted else status
