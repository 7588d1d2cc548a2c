"""`harness report [RUN] [--open]`: the Allure report of a run; `--release R`: of all tiers of a release in one."""

import argparse
import contextlib
import webbrowser
from pathlib import Path

from harness.actions.reporting import is_separate, make_report, release_report
from harness.adapters.host import Host
from harness.adapters.report_server import ReportServer
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly


def arguments(parser: argparse.ArgumentParser) -> None:
    """The run or release, its form, and whether to open it."""
    parser.add_argument("run", nargs="?", help="a run id, its beginning, or a folder (default: the newest)")
    parser.add_argument("--release", metavar="R", help="one report over the newest run of every tier of this release")
    parser.add_argument(
        "--as",
        dest="form",
        choices=("page", "files"),
        help="page: one file to hand on; files: many, for thousands of results (default: by their number)",
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once the report is there."""
    if args.release and args.run:
        raise AskedWrongly("a report is of a run or of a release", hint="leave one of the two away")
    root = find_root(Path.cwd())
    separate = None if args.form is None else args.form == "files"
    if args.release:
        made = release_report(Host(), root, args.release, language=out.language, separate=separate)
    else:
        made = make_report(Host(), root, find_run(root, args.run), language=out.language, separate=separate)
    if out.json:
        out.document("report", path=str(made))
    else:
        out.result(f"report    {made}")
    if args.open:
        _open(made, out)
    return 0


def _open(page: Path, out: Out) -> None:
    """In the browser; a report in many files is served for as long as somebody looks at it."""
    if not is_separate(page):
        webbrowser.open(page.as_uri())
        return
    with ReportServer(page.parent) as server:
        out.say(f"shown at {server.url} until Ctrl-C")
        webbrowser.open(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
