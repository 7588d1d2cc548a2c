"""`harness mock serve <document-or-mock-folder>`: stand in for a dependency from its contract."""

import argparse
import json
from pathlib import Path

from harness.actions.mock import Serving, reaches_beyond, serve_mock
from harness.adapters.host import Host
from harness.cli.asking import Out


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to serve and where."""
    parser.add_argument("what", choices=("serve",), help="serve: answer until told to stop")
    parser.add_argument("target", type=Path, help="an OpenAPI document, or a mock folder with mock.toml")
    parser.add_argument("--port", type=int, default=0, help="default: a free one, which is printed")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine alone")
    parser.add_argument("--contract", type=Path, default=None, help="the contract, where mock.toml names none")
    parser.add_argument(
        "--journal", type=Path, default=None, metavar="FILE", help="write each interaction down (NDJSON)"
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 when told to stop."""

    def ready(serving: Serving) -> None:
        if out.json:
            told = {"ready": True, "url": serving.url, "instance": serving.instance, "name": serving.name}
            out.stdout.write(json.dumps(told) + "\n")
        else:
            counts = f"{serving.operations} operations, {serving.stubs} stubs"
            out.result(f"{serving.name} stands in at {serving.url}   {counts}   Ctrl-C ends it")
        for gap in serving.gaps:
            out.say(f"note: {gap}")
        out.stdout.flush()

    if reaches_beyond(args.host):
        out.say(f"warning: {args.host} can be reached from other machines")
    count = serve_mock(
        Host(),
        args.target,
        address=args.host,
        port=args.port,
        contract=args.contract,
        journal=args.journal,
        ready=ready,
    )
    out.say(f"{count} requests answered")
    return 0
