"""`harness uat walk --portal URL --package CODE`: the portal shows who is asked that a walkthrough waits for them."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.portal import portal_at
from harness.cli.asking import Out
from harness.cli.publish import PORTAL, token_for
from harness.errors import AskedWrongly, HarnessError

LINKS = 5


@contextmanager
def offering(args: argparse.Namespace, root: Path, out: Out) -> Iterator[Callable[[Callable[[], str]], None]]:
    """Gives what lays links ready once they can be made; in the end they are taken away again."""
    host = Host()
    if args.package is None:
        yield lambda _: None
        return
    url = args.portal or host.environ.get(PORTAL, "")
    if not url or not args.things:
        hint = "harness uat walk ORD-1 --tier preprod --portal https://accept.example --package 7F3A-92KD"
        raise AskedWrongly("a walkthrough is offered on a portal, of criteria that are named", hint=hint)
    portal, criteria = portal_at(url, token_for(host, root, args.token_file)), tuple(args.things)

    def lay_ready(link: Callable[[], str]) -> None:
        portal.offer_walks(args.package, criteria, tuple(link() for _ in range(LINKS)))
        out.say(f"offered on {url} to {LINKS} of those who are asked about {', '.join(criteria)}")

    try:
        yield lay_ready
    finally:
        with suppress(HarnessError):  # they end by themselves after twenty minutes
            portal.withdraw_walks(args.package)
