"""`harness release add R`: declare what is being released, so that runs and the gate speak of the same thing."""

import argparse
from pathlib import Path

from harness.actions.releasing import declare
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.formats.shape import to_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name, artifacts, commit."""
    parser.add_argument("what", choices=("add",), help="add: declare a release")
    parser.add_argument("release", metavar="R", help="its name, e.g. 2.4.1")
    parser.add_argument(
        "--artifact",
        action="append",
        default=[],
        metavar="FILE|DIGEST",
        help="what is deployed: a file, or an image as name@sha256:<hex>; repeatable",
    )
    parser.add_argument("--commit", default="", metavar="SHA", help="the commit that it is built from")
    parser.add_argument("--again", action="store_true", help="declare it anew: evidence so far stops counting")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once it is declared."""
    root = find_root(Path.cwd())
    declared, file = declare(Host(), root, args.release, tuple(args.artifact), commit=args.commit, again=args.again)
    if out.json:
        out.document("declared", release=to_json(declared), file=str(file))
        return 0
    out.result(f"{declared.name}   nonce {declared.nonce[:12]}   {len(declared.artifacts)} artifacts")
    for one in declared.artifacts:
        out.result(f"  {one.name}   {one.digest[:19]}")
    out.result(f"\nnext      harness run <tier> --release {declared.name}")
    return 0
