"""`harness verify FILE`: whether what lies there was signed by whom it should be, and what it says. Offline."""

import argparse
from collections.abc import Callable
from pathlib import Path

from harness.actions.attesting import Verified, verify
from harness.actions.gating import pinned_passkeys, pinned_portals, pinned_runners
from harness.actions.releasing import artifact_of
from harness.adapters.workspace_files import find_root
from harness.cli import verify_acceptance
from harness.cli.asking import Out
from harness.errors import AskedWrongly, HarnessError
from harness.formats.dsse import public_bytes
from harness.formats.shape import to_json
from harness.formats.terminal_text import tame
from harness.model.attestation import Subject


def arguments(parser: argparse.ArgumentParser) -> None:
    """The file and what is expected of it."""
    parser.add_argument(
        "file", help="attestation.intoto.jsonl of a run, what `harness attest --out` wrote, or what the portal exported"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="ed25519:…",
        help="who must have signed (default: [trust] runners, for the portal's files [trust] portal)",
    )
    parser.add_argument(
        "--artifact", action="append", default=[], metavar="FILE|DIGEST", help="what it must be about; repeatable"
    )
    parser.add_argument(
        "--checkpoints",
        metavar="FILE",
        help="what a witness kept of the portal's log: shows one that was written anew or cut",
    )
    parser.add_argument(
        "--documents", metavar="DIR", help="write certificate and acceptance report of a bundle that holds"
    )
    parser.add_argument("--pdf", action="store_true", help="the documents as tagged PDF too")
    parser.add_argument("--builder", default="", metavar="NAME", help="the machine that must have made it")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where everything in it holds; 3 where anything can't be believed."""
    if verify_acceptance.is_ours(Path(args.file)):
        checkpoints = Path(args.checkpoints) if args.checkpoints else None
        keys = _keys(args.key, pinned_portals)
        folder = Path(args.documents) if args.documents else None
        passkeys = () if args.key else _keys([], pinned_passkeys)
        return verify_acceptance.act(out, Path(args.file), keys, checkpoints, folder, pdf=args.pdf, passkeys=passkeys)
    artifacts = tuple(artifact_of(one) for one in args.artifact)
    wanted = tuple(Subject(name=one.name, algorithm="sha256", digest=one.digest[7:]) for one in artifacts)
    found = verify(Path(args.file), _keys(args.key, pinned_runners), artifacts=wanted, builder=args.builder)
    if out.json:
        out.document("verified", statements=[to_json(one) for one in found])
        return 0
    for one in found:
        out.result(_line(one))
    out.result(f"\n{len(found)} statements, all signed by a key that was named")
    return 0


def _keys(given: list[str], pinned: Callable[[Path], tuple[str, ...]]) -> tuple[str, ...]:
    for key in given:
        try:
            public_bytes(key)
        except ValueError as error:
            raise AskedWrongly(str(error), hint="harness attest --new-key says how a key is written") from error
    if given:
        return tuple(given)
    try:
        return pinned(find_root(Path.cwd()))
    except HarnessError:
        return ()  # outside of a workspace nobody is pinned; `verify` says so


def _line(one: Verified) -> str:
    about = ", ".join(f"{each.name} {each.digest[:12]}" for each in one.subjects)
    said = [
        f"{key} {one.predicate[key]}"
        for key in ("run", "tier", "result", "decision", "release")
        if one.predicate.get(key)
    ]
    return f"{tame(one.kind)}\n  about     {tame(about)}\n  says      {tame(', '.join(said))}"
