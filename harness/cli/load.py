"""`harness load capacity TIER`: how much can it take?"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit

if TYPE_CHECKING:
    from harness.model.capacity import Search


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where, with which load, from which rate to which."""
    parser.add_argument("what", choices=("capacity",), help="capacity: the highest rate at which every limit holds")
    parser.add_argument("tier", help="a file in environments/, without .toml")
    parser.add_argument("--load", metavar="NAME", help="a file in load/, without .toml (default: the tier's only one)")
    parser.add_argument("--from", dest="start", default="10 /s", metavar="RATE", help="the first rate (default: 10 /s)")
    parser.add_argument("--to", default="5000 /s", metavar="RATE", help="the last one (default: 5000 /s)")
    parser.add_argument("--step", default="10 s", metavar="TIME", help="how long each is held (default: 10 s)")
    parser.add_argument("--confirm", metavar="TIER", help="the tier's name once more, where its policy wants that")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 a rate was found, 1 even the first one is too much, 3 nobody can tell, 130 interrupted."""
    from harness.actions.capacity import capacity
    from harness.adapters.host import Host
    from harness.adapters.workspace_files import find_root
    from harness.cli.live import narrator
    from harness.cli.run import confirming
    from harness.cli.showing import show_run

    root, search = find_root(Path.cwd()), _search(args)
    live = narrator(out.stderr, interactive=out.interactive, quiet=out.quiet, color=out.color, language=out.language)
    try:
        done = capacity(Host(), root, args.tier, args.load, search, live, confirm=confirming(args, out))
    finally:
        live.close()
    status = show_run(out, root, done.path, report=False)
    return int(Exit.INTERRUPTED) if done.interrupted else status


def _search(args: argparse.Namespace) -> "Search":
    from harness.formats.units import per_second, seconds
    from harness.model.capacity import Search

    try:
        search = Search(from_per_s=per_second(args.start), to_per_s=per_second(args.to), step_s=seconds(args.step))
    except ValueError as error:
        raise AskedWrongly(
            str(error), hint='harness load capacity TIER --from "10 /s" --to "500 /s" --step "10 s"'
        ) from error
    if not 0 < search.from_per_s <= search.to_per_s or search.step_s < 1:
        raise AskedWrongly(
            "the search needs rates that rise, and steps of a second or more", hint="harness load --help"
        )
    return search
