"""`harness doctor [--fix]`: what is here, what is missing, and how to get it."""

import argparse
import json

from harness.actions.doctor import State, as_document, examine, fix, ready
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.errors import Exit, HarnessError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to get what is missing."""
    parser.add_argument("--fix", nargs="*", metavar="MEANS", help="get what is missing (of these; default: all)")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where every required means is there, else 3."""
    host = Host()
    means = examine(host)
    if args.fix is not None:
        wanted = args.fix or [one.name for one in means if one.state is not State.OK and one.required]
        for name in wanted:
            try:
                for line in fix(name, host):
                    out.say(line)
            except HarnessError as error:
                out.say(f"{name}: {error} ({error.problems[0].hint or 'no way out is known'})")
        means = examine(host)
    if out.json:
        out.stdout.write(json.dumps(as_document(means), ensure_ascii=False, indent=2) + "\n")
    else:
        width = max(len(one.name) for one in means)
        for one in means:
            out.result(f"{one.name:<{width}}  {one.state.value:<8} {one.found}")
            if one.state is not State.OK:
                out.result(f"{'':<{width}}  needed by: {one.needed_by}")
                out.result(f"{'':<{width}}  to get it: {one.remedy}")
    return int(Exit.PASSED if ready(means) else Exit.UNDECIDED)
