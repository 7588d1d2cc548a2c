"""`harness show [RUN]`: a run that was, its verdict and reasons."""

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
    """Looking is not judging: exit 0 once the run could be shown."""
    root = find_root(Path.cwd())
    show_run(out, root, find_run(root, args.run), report=False)
    return 0
