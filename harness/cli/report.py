"""`harness report [RUN] [--open]`: the Allure report of a run."""

import argparse
import webbrowser
from pathlib import Path

from harness.actions.reporting import make_report
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out


def arguments(parser: argparse.ArgumentParser) -> None:
    """The run, and whether to open it."""
    parser.add_argument("run", nargs="?", help="a run id, its beginning, or a folder (default: the newest)")
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once the report is there."""
    root = find_root(Path.cwd())
    made = make_report(Host(), root, find_run(root, args.run), language=out.language)
    if out.json:
        out.document("report", path=str(made))
    else:
        out.result(f"report    {made}")
    if args.open:
        webbrowser.open(made.as_uri())
    return 0
