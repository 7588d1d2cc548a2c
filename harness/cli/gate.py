"""`harness gate [RUN]`: the verdict of a stored run, recomputed from plan, record and evidence."""

import argparse
from pathlib import Path

from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.showing import show_run


def arguments(parser: argparse.ArgumentParser) -> None:
    """The run."""
    parser.add_argument("run", nargs="?", help="a run id, its beginning, or a folder (default: the newest)")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0, 1 or 3 by the verdict; evidence that is missing or changed is exit 3."""
    folder = Path(args.run) if args.run else None
    root = folder if folder is not None and (folder / "plan.json").is_file() else find_root(Path.cwd())
    return show_run(out, root, find_run(root, args.run), report=False)
