"""`python -m harness.portal`: start the portal, print its key, or make an account at this machine's terminal."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from harness.portal import environment
from harness.portal.first_start import KEY, make_keys


def main(argv: list[str] | None = None) -> int:
    """What `harness portal` runs, in a process of its own."""
    args = _arguments().parse_args(argv)
    os.umask(0o077)
    if getattr(args, "port", None):
        os.environ["HARNESS_PORTAL_PORT"] = str(args.port)
    try:
        env = environment.read(os.environ)
    except environment.WronglySet as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if getattr(args, "no_new", False) and not _started(env):
        sys.stderr.write(f"error: no portal was ever started in {env.data}\n")
        return 2
    make_keys(env.data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"
    # only now: Django reads its settings, and the keys must be there
    import django

    django.setup()
    match args.verb:
        case "user":
            return _user(args)
        case "backup" | "restore":
            return _copy(args)
        case "key":
            from harness.portal.keys import public_key

            sys.stdout.write(f"{public_key()}\n")
            return 0
        case _:
            from harness.portal.server import serve

            return serve(args.host, args.port or 8085, args.workers)


def _started(env: environment.Environment) -> bool:
    """Whether a portal is there: its key, and its database where that lies beside it."""
    database = env.data / "portal.sqlite3"
    return (env.data / KEY).is_file() and (bool(env.database) or (database.is_file() and database.stat().st_size > 0))


def _user(args: argparse.Namespace) -> int:
    from harness.portal import server, terminal
    from harness.portal.people import NotSo
    from harness.portal.words import say

    server.prepare()
    try:
        link = terminal.add_person(
            args.email, args.name, args.title, args.side, tuple(args.role), user=getpass.getuser()
        )
    except NotSo as error:
        sys.stderr.write(f"error: {say('en', str(error))}\n")
        return 2
    sys.stdout.write(f"{link}\n")
    sys.stderr.write("This link is for them alone, once, within three days. It is not shown again.\n")
    return 0


def _copy(args: argparse.Namespace) -> int:
    from harness.errors import HarnessError
    from harness.portal import backing_up

    try:
        done = backing_up.back_up(args.file) if args.verb == "backup" else backing_up.restore(args.file)
    except HarnessError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.stderr.write("".join(f"hint: {one.hint}\n" for one in error.problems if one.hint))
        return int(error.exit)
    sys.stdout.write(f"log of {done[0]} entries, root {done[1]}\n")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harness portal", description="the sign-off portal")
    verbs = parser.add_subparsers(dest="verb")
    start = verbs.add_parser("start", help="serve until told to stop (what is done without a verb, too)")
    for one in (parser, start):
        one.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1; a TLS proxy goes in front of it")
        one.add_argument("--port", type=int, default=None, help="default: 8085")
        one.add_argument("--workers", type=int, default=1, help="processes; more than one needs PostgreSQL")
    key = verbs.add_parser("key", help="print the public half of the portal's key (the first time: make it)")
    key.add_argument("--no-new", action="store_true", help="refuse where no portal was started yet; make nothing")
    for verb, said in (
        ("backup", "a copy while the portal runs, without its keys"),
        ("restore", "a portal from a copy"),
    ):
        verbs.add_parser(verb, help=said).add_argument("file", type=Path)
    user = verbs.add_parser("user", help="user add: the first accounts").add_subparsers(dest="act", required=True)
    add = user.add_parser("add", help="make an account; prints the one-time link for its person")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True, help="as it is printed beside a signature")
    add.add_argument("--title", required=True, help="job title")
    add.add_argument("--side", required=True, choices=("business", "it", "vendor", "qa"))
    add.add_argument(
        "--role", action="append", default=[], help="admin, auditor, qa, release-manager; a business role is proposed"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
