"""`harness portal`: the sign-off portal, in a process of its own that takes this one's place; `trust` stays here."""

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from harness.actions.pinning import pin
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly, CouldNotTell
from harness.formats.gate_toml import POLICY_FILE

_PORTAL = (sys.executable, "-m", "harness.portal")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whatever follows is the portal's own, but for `trust`, which is the workspace's."""
    parser.add_argument(
        "rest",
        nargs=argparse.REMAINDER,
        metavar="start | trust | key | user add | backup | restore",
        help="start: serve until told to stop; trust [--key ed25519:…] [--only]: gate.toml believes this portal or "
        "the one of that key, with --only no other; key: print the public key; user add --email --name --title --side "
        "[--role]: an account; backup FILE, restore FILE: a copy while it runs, a portal from a copy",
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Become the portal; exit 0 when told to stop, 2 where something is not set as it must be."""
    trusted = _trust_asked(args.rest)
    if find_spec("django") is None and not (trusted and trusted.key):
        raise AskedWrongly("the portal's libraries are not installed", hint='pip install "harness[portal]"')
    if not trusted:
        out.stdout.flush()
        os.execv(_PORTAL[0], [*_PORTAL, *args.rest])  # noqa: S606 - our own module
    return _trust(trusted, out)


def _trust_asked(rest: list[str]) -> argparse.Namespace | None:
    if rest[:1] != ["trust"]:
        return None
    parser = argparse.ArgumentParser(prog="harness portal trust")
    parser.add_argument("--key", default="", metavar="ed25519:…", help="default: the portal whose data folder is here")
    parser.add_argument("--only", action="store_true", help="no other portal is believed any more")
    return parser.parse_args(rest[1:])


def _trust(asked: argparse.Namespace, out: Out) -> int:
    root = find_root(Path.cwd())
    pinned = pin(root, asked.key or _own_key(), only=asked.only)
    if out.json:
        portal, added = list(pinned.keys), list(pinned.added)
        out.document("trusted", file=POLICY_FILE, portal=portal, added=added, changed=pinned.changed)
        return 0
    out.result(f"{POLICY_FILE}   {'changed' if pinned.changed else 'as it was'}\n")
    for key in pinned.keys:
        out.result(f"  {key}{'   added' if key in pinned.added else ''}")
    if pinned.changed:
        out.result("\nThe policy is part of what is declared: what was declared and run before counts no more.")
        out.result("next      harness release add R --again, and run its tiers again")
    return 0


def _own_key() -> str:
    """What the portal of this machine says its public key is: its private half stays in its own process.

    A portal that was never started has none: a wrong data folder must not become a portal that is trusted.
    """
    asked = subprocess.run([*_PORTAL, "key", "--no-new"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own module
    if asked.returncode != 0 or not asked.stdout.strip():
        raise CouldNotTell(asked.stderr.strip().removeprefix("error: ") or "the portal shows no key", hint=_HINT)
    return asked.stdout.strip()


_HINT = (
    "name its folder in HARNESS_PORTAL_DATA, or its key as `harness portal start` prints it: "
    "harness portal trust --key ed25519:…"
)

__all__ = ["act", "arguments"]
