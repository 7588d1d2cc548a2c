"""`harness show [RUN]`: a run that was, its verdict and reasons."""

import argparse
from pathlib import Path

from harness.actions.running import recompute
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.showing import show_run
from harness.formats.ecs import write_ecs
from harness.formats.junit import write_junit
from harness.formats.markdown import write_markdown
from harness.formats.prometheus import write_prometheus


def arguments(parser: argparse.ArgumentParser) -> None:
    """The run."""
    parser.add_argument("run", nargs="?", help="a run id, its beginning, or a folder (default: the newest)")
    parser.add_argument(
        "--as",
        dest="form",
        choices=("text", "junit", "markdown", "ecs", "prometheus"),
        default="text",
        help="for a person, for tools that read JUnit XML, for the summary page of a CI step, as log lines for "
        "Elasticsearch, as metrics for a textfile collector (default: text)",
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Looking is not judging: exit 0 once the run could be shown."""
    root = find_root(Path.cwd())
    path = find_run(root, args.run)
    if args.form == "text":
        show_run(out, root, path, report=False)
        return 0
    plan, record, verdict = recompute(path)
    match args.form:
        case "junit":
            out.result(write_junit(plan, record, verdict, language=out.language).decode())
        case "ecs":
            out.result(write_ecs(plan, record, verdict, language=out.language))
        case "prometheus":
            out.result(write_prometheus(plan, record, verdict))
        case _:
            out.result(write_markdown(plan, record, verdict, evidence=str(path), language=out.language))
    return 0
