"""`harness merge RUN…`: the shards of one run, from other machines, joined to one run here."""

import argparse
from pathlib import Path

from harness.actions.merging import merge
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.showing import show_run


def arguments(parser: argparse.ArgumentParser) -> None:
    """The shards."""
    parser.add_argument(
        "shards", nargs="+", metavar="RUN|ZIP", help="every shard: a run id, a run's folder or its .zip"
    )
    parser.add_argument("--no-report", action="store_true", help="leave the Allure report out")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0, 1 or 3 by the joined run's verdict; 3 as well where a shard is missing or given twice."""
    root = find_root(Path.cwd())
    sources = tuple(Path(one) if Path(one).exists() else find_run(root, one) for one in args.shards)
    return show_run(out, root, merge(Host(), root, sources), report=not args.no_report)
