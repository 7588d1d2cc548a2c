"""`harness replay FINDING`: the same requests again; did it come again?"""

import argparse
from pathlib import Path

from harness.actions.replaying import replay
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.live import narrator
from harness.errors import Exit
from harness.rules.findings import short_name


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which finding, of which run."""
    parser.add_argument("finding", help="its id, or the eight signs that harness contract findings shows")
    parser.add_argument("--run", metavar="RUN", default=None, help="of that run (default: the newest that has it)")
    parser.add_argument("--confirm", metavar="TIER", help="the tier's name once more, where its policy wants that")


def act(args: argparse.Namespace, out: Out) -> int:
    """0 it did not come again, 1 it came again, 3 that could not be told."""
    root = find_root(Path.cwd())
    live = narrator(out.stderr, interactive=out.interactive, quiet=out.quiet, color=out.color)
    try:
        done = replay(Host(), root, args.finding, live, of=args.run, confirm=lambda _: args.confirm)
    finally:
        live.close()
    finding = done.kept.finding
    said = {True: "it came again", False: "it did not come again", None: "that could not be told"}[done.again]
    if out.json:
        out.document("replay", finding=finding, short=short_name(finding), again=done.again, run=done.done.path.name)
    else:
        out.result(f"{said}   {finding}\n\nevidence  {done.done.path.relative_to(root)}")
    return int({True: Exit.FAILED, False: Exit.PASSED, None: Exit.UNDECIDED}[done.again])
