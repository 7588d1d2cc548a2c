"""`harness help <topic>`: the manual."""

import argparse
from importlib.resources import files

from harness.cli.asking import Out
from harness.errors import AskedWrongly


def arguments(parser: argparse.ArgumentParser) -> None:
    """The topic."""
    parser.add_argument("topic", nargs="?", help="leave it out for the list")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0; a topic that is none names those that are."""
    pages = {page.name.removesuffix(".md"): page for page in files("harness").joinpath("manual").iterdir()}
    if args.topic is None:
        for name in sorted(pages):
            title = pages[name].read_text("utf-8").partition("\n")[0].removeprefix("# ")
            out.result(f"  harness help {name:<9} {title.partition(': ')[2]}")
        return 0
    if args.topic not in pages:
        raise AskedWrongly(f"the manual has no topic `{args.topic}`", hint=f"topics: {', '.join(sorted(pages))}")
    out.result(pages[args.topic].read_text("utf-8"))
    return 0
