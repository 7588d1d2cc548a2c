"""`harness check`: every problem in the workspace, all tiers at once."""

import argparse
from pathlib import Path

from harness.actions.checking import check
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.formats.terminal_words import counted


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""
    parser.add_argument("--workspace", type=Path, default=None, help="a folder inside it (default: here)")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where nothing is wrong; problems come as an error, exit 2."""
    found = check(Host(), args.workspace or Path.cwd())
    if out.json:
        out.document(
            "check", tiers=found.tiers, operations=found.operations, criteria=found.criteria, loads=found.loads
        )
    else:
        counts = ", ".join(
            counted(what, count)
            for what, count in (
                ("operation", found.operations),
                ("criterion", found.criteria),
                ("load spec", found.loads),
            )
        )
        out.result(f"no problems   tiers {', '.join(found.tiers)}   {counts}")
    return 0
