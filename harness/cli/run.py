"""`harness run TIER`: carry it out and say pass, fail or undecided, and why."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from harness.actions.running import run
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.live import narrator
from harness.cli.showing import show_run
from harness.errors import AskedWrongly, Exit


def arguments(parser: argparse.ArgumentParser) -> None:
    """Tier, release, selection, seed."""
    parser.add_argument("tier", help="a file in environments/, without .toml")
    parser.add_argument("--release", metavar="R", help="the release that this run is about")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID", help="a suite, job or check id; repeatable"
    )
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's choices (default: a new one)")
    parser.add_argument("--shard", metavar="I/N", help="only share I of N of the jobs; join them with harness merge")
    parser.add_argument("--confirm", metavar="TIER", help="the tier's name once more, where its policy wants that")
    parser.add_argument("--no-report", action="store_true", help="leave the Allure report out")


def act(args: argparse.Namespace, out: Out) -> int:
    """The run's exit status: 0 pass, 1 fail, 3 undecided, 130 interrupted."""
    host = Host()
    root = find_root(Path.cwd())
    live = narrator(out.stderr, interactive=out.interactive, quiet=out.quiet, color=out.color, language=out.language)
    try:
        done = run(
            host,
            root,
            args.tier,
            live,
            only=tuple(args.only),
            seed=args.seed,
            release=args.release,
            shard=_shard(args.shard),
            confirm=confirming(args, out),
        )
    finally:
        live.close()
    status = show_run(out, root, done.path, report=not args.no_report)
    return int(Exit.INTERRUPTED) if done.interrupted else status


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    if found is None:
        raise AskedWrongly(f"{text!r} is no shard", hint="--shard 2/8 is the second of eight")
    return int(found[1]), int(found[2])


def confirming(args: argparse.Namespace, out: Out) -> Callable[[str], str | None]:
    """The name that was given, else the name that is typed; nobody is asked where nobody sits."""

    def confirm(tier: str) -> str | None:
        if args.confirm is not None or not (out.interactive and sys.stdin.isatty()):
            return str(args.confirm) if args.confirm is not None else None
        out.stderr.write(f"this runs on {tier}. Type its name to go on: ")
        out.stderr.flush()
        return sys.stdin.readline().strip()

    return confirm
