"""`harness portal`: the sign-off portal, in a process of its own that takes this one's place."""

import argparse
import os
import sys
from importlib.util import find_spec

from harness.cli.asking import Out
from harness.errors import AskedWrongly


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whatever follows is the portal's own."""
    parser.add_argument(
        "rest",
        nargs=argparse.REMAINDER,
        metavar="start | user add",
        help="start: serve until told to stop; user add --email --name --title --side [--role]: an account",
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Become the portal; exit 0 when told to stop, 2 where something is not set as it must be."""
    if find_spec("django") is None:
        raise AskedWrongly("the portal's libraries are not installed", hint='pip install "harness[portal]"')
    out.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "harness.portal", *args.rest])  # noqa: S606 - our own module


__all__ = ["act", "arguments"]
