"""`harness mock record FOLDER --upstream URL`: make a mock from what a real system answers."""

import argparse
import json
import sys

from harness.cli.asking import Out
from harness.errors import AskedWrongly
from harness.formats.terminal_text import tame


def record_from(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 when told to stop, and everything recorded is written."""
    from harness.actions.recording_mock import record_mock
    from harness.adapters.host import Host

    if args.upstream is None:
        raise AskedWrongly("whom to record?", hint="harness mock record mocks/erp --upstream http://127.0.0.1:9000")
    if args.host != "127.0.0.1":
        raise AskedWrongly("a recorder listens on this machine alone", hint="leave --host out")

    def ready(url: str, before: int) -> None:
        if out.json:
            out.stdout.write(json.dumps({"ready": True, "url": url, "interactions": before}) + "\n")
        else:
            there = f"   {before} interactions from before" if before else ""
            out.result(f"{args.target.name} records {args.upstream} at {url}{there}   Ctrl-C ends it")
        out.stdout.flush()

    interactive = sys.stdin.isatty() and sys.stderr.isatty()
    made = record_mock(
        Host(),
        args.target,
        args.upstream,
        port=args.port,
        openapi=args.openapi,
        yes=args.yes,
        ask=_asked if interactive else None,
        ready=ready,
        tell=lambda line: out.say(tame(line)),
    )
    for what, why in made.left_out:
        out.say(f"not kept: {tame(what)}: {why}")
    if out.json:
        counts = {"interactions": made.interactions, "mappings": made.mappings, "operations": made.operations}
        out.stdout.write(json.dumps({"ready": False, "folder": str(made.folder), **counts}) + "\n")
    else:
        inferred = f", {made.operations} operations inferred" if args.openapi is not None else ""
        out.result(f"{made.folder}   {made.interactions} interactions, {made.mappings} mappings{inferred}")
    return 0


def _asked(question: str) -> bool:
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
