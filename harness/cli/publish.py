"""`harness publish [RUN]`: bring a run to the portal, so that the business can be asked about it."""

import argparse
from dataclasses import asdict
from pathlib import Path

from harness.actions.publishing import Brought, newest_on, publish
from harness.adapters.host import Host
from harness.adapters.portal import portal_at
from harness.adapters.run_directory import find_run
from harness.adapters.secrets import Secrets
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly
from harness.model.secret import SecretRef

PORTAL, TOKEN = "HARNESS_PORTAL", "HARNESS_PORTAL_TOKEN"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, where to, as which project."""
    parser.add_argument("run", nargs="?", help="a run's id or its beginning (default: the newest)")
    parser.add_argument("--tier", metavar="TIER", help="the newest run of a declared release on this tier instead")
    parser.add_argument("--portal", metavar="URL", help=f"the portal's address (default: {PORTAL})")
    parser.add_argument("--project", required=True, metavar="NAME", help="the project there, by its short name")
    parser.add_argument("--token-file", metavar="FILE", help=f"where its token is, chmod 600 (default: {TOKEN})")
    parser.add_argument(
        "--deployer", action="append", default=[], metavar="MAIL", help="who deployed it: can't accept it; repeatable"
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once the portal has everything."""
    host = Host()
    root = find_root(Path.cwd())
    url = args.portal or host.environ.get(PORTAL, "")
    if not url:
        raise AskedWrongly("no portal is named", hint=f"--portal https://…, or export {PORTAL}=https://…")
    if args.run and args.tier:
        raise AskedWrongly("a run and a tier are named", hint="name one: harness publish RUN, or --tier TIER")
    token = token_for(host, root, args.token_file)
    done = publish(
        root,
        newest_on(root, args.tier) if args.tier else find_run(root, args.run),
        portal_at(url, token),
        args.project,
        deployers=tuple(one.strip().lower() for one in args.deployer),
        told=out.say,
    )
    if out.json:
        out.document("published", **asdict(done))
        return 0
    out.result(_said(done, url))
    return 0


def token_for(host: Host, root: Path, file: str | None) -> str:
    """The portal's token, from a private file or the environment; never from the command line."""
    reference = SecretRef(kind="file", at=file) if file else SecretRef(kind="env", at=TOKEN)
    return Secrets(host.environ, root).value(reference, where="the portal").strip()


def _said(done: Brought, url: str) -> str:
    how = "published" if done.new else "was there already"
    lines = [
        f"{done.run}   {how}   {done.files} files, {done.size:,} bytes sent",
        f"{done.authors} people had a hand in {done.release} and can't accept it",
    ]
    lines += [f"not known: {one}; name them in the portal, or by --deployer" for one in done.unknown]
    lines.append(f"\nnext      {url.rstrip('/')}/board   freeze a package for the business")
    return "\n".join(lines)
