"""`harness init`: a workspace for a system of your own, from its document and its address."""

import argparse
import os
import sys
from pathlib import Path

from harness.actions.init import Wish, init
from harness.cli.asking import Out
from harness.errors import AskedWrongly
from harness.formats.terminal_words import counted
from harness.model.tier import ApiKey, Auth, Basic, Bearer, SecretRef


def arguments(parser: argparse.ArgumentParser) -> None:
    """Document, address, credentials by reference."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where to make it (default: here)")
    parser.add_argument("--openapi", metavar="URL-or-FILE", help="the OpenAPI document (default: looked for at --url)")
    parser.add_argument("--url", metavar="BASE", help="where the system is")
    parser.add_argument("--name", help="what to call the system (default: from the document)")
    parser.add_argument(
        "--yes", action="store_true", help="agree that test suites create, change and delete data there"
    )
    auth = parser.add_argument_group("signing in (values stay in the environment)")
    auth.add_argument("--bearer-env", metavar="VAR", help="a bearer token from this variable")
    auth.add_argument("--auth-basic", metavar="USER", help="HTTP Basic as this user, with --password-env")
    auth.add_argument("--password-env", metavar="VAR", help="the password from this variable")
    auth.add_argument("--header", metavar="NAME", help="a key in this header, with --value-env")
    auth.add_argument("--value-env", metavar="VAR", help="the key from this variable")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once the workspace is there; nothing was run."""
    wish = Wish(
        folder=args.folder.absolute(),
        openapi=args.openapi,
        url=args.url,
        name=args.name,
        auth=_auth(args),
        yes=args.yes,
    )
    interactive = sys.stdin.isatty() and sys.stderr.isatty()
    report = init(wish, environ=os.environ, tell=out.say, ask=_asked if interactive else None)
    if out.json:
        out.document(
            "init",
            folder=str(report.folder),
            system=report.system,
            **{"base-url": report.base_url},
            contract=report.contract,
            dialect=report.dialect,
            operations=report.operations,
            written=list(report.written),
            sentences=list(report.sentences),
            next=list(report.todo),
        )
        return 0
    out.result(f"{report.system}   {report.dialect}, {counted('operation', report.operations)}, at {report.base_url}")
    for path in report.written:
        out.result(f"  wrote {path}")
    out.result("\nnext\n" + "\n".join(f"  {line}" for line in report.todo))
    return 0


def _auth(args: argparse.Namespace) -> Auth | None:
    chosen = [name for name in ("bearer_env", "auth_basic", "header") if getattr(args, name)]
    if len(chosen) > 1:
        raise AskedWrongly("one way to sign in at a time", hint="--bearer-env, or --auth-basic, or --header")
    if args.bearer_env:
        return Bearer(token=SecretRef(kind="env", at=args.bearer_env))
    if args.auth_basic:
        return Basic(user=args.auth_basic, password=_reference(args.password_env, "--password-env"))
    if args.header:
        return ApiKey(header=args.header, value=_reference(args.value_env, "--value-env"))
    return None


def _reference(variable: str | None, flag: str) -> SecretRef:
    if not variable:
        raise AskedWrongly(f"{flag} is missing", hint=f"{flag} NAME, and export NAME in the environment")
    return SecretRef(kind="env", at=variable)


def _asked(question: str) -> bool:
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
