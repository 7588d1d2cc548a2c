"""`harness secrets scan [RUN]`: prove that no byte of a run holds a secret."""

import argparse
from pathlib import Path

from harness.actions.scanning import scan_run
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import Exit

_MOST = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which run."""
    parser.add_argument("what", choices=("scan",), help="search every byte of a run")
    parser.add_argument("run", nargs="?", help="a run's id or its beginning (default: the newest)")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where nothing was found, 1 where something was, 3 where something could not be searched."""
    root = find_root(Path.cwd())
    path = find_run(root, args.run)
    found = scan_run(Host(), root, path)
    doubts = found.unknown or found.unread
    status = Exit.FAILED if found.hits else Exit.UNDECIDED if doubts else Exit.PASSED
    if out.json:
        hits = [{"name": hit.name, "encoding": hit.encoding, "where": hit.where} for hit in found.hits]
        out.document(
            "secrets", run=path.name, files=found.files, searched_for=list(found.searched_for), hits=hits,
            unknown=list(found.unknown), unread=[list(one) for one in found.unread],
        )  # fmt: skip
        return int(status)
    for hit in found.hits[:_MOST]:
        out.result(f"{hit.where}: {hit.name} ({hit.encoding})")
    for name in found.unknown:
        out.result(f"not searched for: {name} is not here")
    for file, why in found.unread[:_MOST]:
        out.result(f"not searched: {file} ({why})")
    out.result(
        f"{path.name}: {found.files} files, {len(found.hits)} hits; "
        f"searched for {len(found.searched_for)} known secrets and whatever looks like one"
    )
    return int(status)
