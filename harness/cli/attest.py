"""`harness attest [RUN]`: sign a run. `--release R --to TIER --out FILE`: sign the gate's answer. `--new-key FILE`."""

import argparse
from pathlib import Path

from harness.actions.attesting import attest_release, attest_run
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run
from harness.adapters.signing_keys import new_key
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.cli.showing import STATUS
from harness.errors import AskedWrongly
from harness.formats.dsse import public_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """The run or release, and the key by reference."""
    parser.add_argument("run", nargs="?", help="a run id, its beginning, or a folder (default: the newest)")
    parser.add_argument(
        "--release", metavar="R", help="sign what the gate says of this release, and what people signed"
    )
    parser.add_argument("--to", metavar="TIER", help="the tier that it wants to enter")
    parser.add_argument("--out", metavar="FILE", help="where the signed answer goes")
    parser.add_argument(
        "--key", metavar="env:NAME|file:PATH", help="default: HARNESS_RUNNER_KEY, or the file HARNESS_RUNNER_KEY_FILE"
    )
    parser.add_argument("--new-key", metavar="FILE", help="make a key, readable by you alone, and say its public half")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 once it is signed; with --release the ruling's exit status."""
    host = Host()
    if args.new_key:
        public = public_text(new_key(Path(args.new_key), host.new_key()))
        _told(out, {"key": public}, f'{public}\n\nnext      [trust] runners = ["{public}"]  in environments/gate.toml')
        return 0
    root = find_root(Path.cwd())
    if not args.release:
        made = attest_run(host, root, find_run(root, args.run), args.key)
        _told(out, {"path": str(made)}, f"signed    {made}")
        return 0
    if not (args.to and args.out) or args.run:
        raise AskedWrongly("what is signed needs a release, a tier and a file", hint="--release R --to TIER --out FILE")
    ruling = attest_release(host, root, args.release, args.to, Path(args.out), args.key)
    said = f"signed    {args.out}: {args.release} to {args.to}: {ruling.decision.value}"
    _told(out, {"path": args.out, "decision": ruling.decision.value}, said)
    return int(STATUS[ruling.decision])


def _told(out: Out, content: dict[str, str], text: str) -> None:
    if out.json:
        out.document("attestation", **content)
    else:
        out.result(text)
