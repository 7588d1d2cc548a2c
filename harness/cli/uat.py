"""`harness uat …`: acceptance criteria and their demonstrations, for the people who write and judge them."""

import argparse
import json
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from harness.actions.criteria import coverage, export, import_table, lint
from harness.actions.findings_list import improvements
from harness.actions.recording import script_from, write_script
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit
from harness.formats.criteria_text import advice_text, matrix_text
from harness.formats.findings_table import findings_csv, findings_text, row_of
from harness.formats.shape import to_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with what."""
    parser.add_argument("what", choices=tuple(_ACTS), help="see below")
    parser.add_argument(
        "things",
        nargs="*",
        metavar="THING",
        help="walk: criteria; record: a new file; import, export, findings: a file",
    )
    parser.add_argument("--tier", action="append", default=[], metavar="T", help="walk: where; matrix: only this tier")
    parser.add_argument(
        "--run", metavar="RUN", help="record: the run in which somebody took over (default: the newest)"
    )
    parser.add_argument("--release", metavar="R", help="walk: the release that this is about")
    parser.add_argument(
        "--confirm", metavar="TIER", help="walk: the tier's name once more, where its policy wants that"
    )
    parser.add_argument("--port", type=int, default=0, help="walk: of the page on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--embed-in", metavar="ORIGIN", help="walk: a portal's origin that may show the page in a frame"
    )
    parser.add_argument("--portal", metavar="URL", help="walk: offer it on a portal, too (default: HARNESS_PORTAL)")
    parser.add_argument("--package", metavar="CODE", help="walk: the portal's package whose signers are offered it")
    parser.add_argument("--token-file", metavar="FILE", help="walk: where the portal's token is, chmod 600")
    parser.add_argument("--write", action="store_true", help="import: replace uat/criteria.toml")
    parser.add_argument("--strict", action="store_true", help="lint: exit 3 where something is unclear")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "walk     show criteria to a person who judges them (none named: all that are judged assisted)\n"
        "record   a script from what somebody did after taking over; with a file: written there\n"
        "findings what people reported, and what became of it (uat/findings.toml); with a file: as a table (CSV)\n"
        "lint     what can't be judged as it is written, as questions to its authors\n"
        "export   the criteria as a table for a spreadsheet (CSV)\n"
        "import   what such a table would change; --write takes it over\n"
        "matrix   how each criterion stands on each tier, and what no journey touches"
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """walk: exit 0, 1 or 3 by the verdict. lint --strict: 3 where something is unclear. Everything else: 0."""
    return _ACTS[args.what](args, out)


def _lint(args: argparse.Namespace, out: Out) -> int:
    _no_more_than(args, 0)
    advice = lint(find_root(Path.cwd()))
    if out.json:
        out.document("criteria-advice", advice=[to_json(one) for one in advice])
    elif advice:
        out.result(advice_text(advice))
    else:
        out.say("every criterion can be judged as it is written")
    return int(Exit.UNDECIDED) if advice and args.strict else 0


def _export(args: argparse.Namespace, out: Out) -> int:
    _no_more_than(args, 1)
    body = export(find_root(Path.cwd()))
    if args.things:
        Path(args.things[0]).write_bytes(body)
        out.say(f"written: {args.things[0]}")
    else:
        out.stdout.write(body.decode("utf-8-sig"))
    return 0


def _import(args: argparse.Namespace, out: Out) -> int:
    if len(args.things) != 1:
        raise AskedWrongly("import needs the table's file", hint="harness uat import criteria.csv")
    changes = import_table(find_root(Path.cwd()), Path(args.things[0]), write=args.write)
    if out.json:
        told = {name: list(getattr(changes, name)) for name in _KINDS}
        out.document("criteria-import", **told, unchanged=changes.unchanged, written=args.write)
        return 0
    for name in _KINDS:
        for criterion in getattr(changes, name):
            out.result(f"{name:<9} {criterion}")
    out.result(f"unchanged {changes.unchanged}")
    if changes.changed:
        out.say("a changed criterion has a new version: what was shown for it before no longer counts")
    out.say("written: uat/criteria.toml" if args.write else "nothing is written yet: add --write")
    return 0


def _matrix(args: argparse.Namespace, out: Out) -> int:
    _no_more_than(args, 0)
    found = coverage(Host(), find_root(Path.cwd()), tuple(args.tier))
    if not out.json:
        out.result(matrix_text(found.tiers, found.rows, found.untouched, out.language))
        return 0
    rows = [
        {
            "criterion": row.criterion.id,
            "version": row.criterion.sha256,
            "priority": row.criterion.priority.value,
            "phase": row.criterion.phase,
            "demonstration": row.criterion.demonstration,
            "standings": {tier: standing.value for tier, standing in row.standings},
            "operations": list(row.operations),
        }
        for row in found.rows
    ]
    out.document("criteria-matrix", tiers=list(found.tiers), rows=rows, untouched=list(found.untouched))
    return 0


def _record(args: argparse.Namespace, out: Out) -> int:
    _no_more_than(args, 1)
    root = find_root(Path.cwd())
    if args.things:
        write_script(root, args.run, Path(args.things[0]))
        out.say(f"written: {args.things[0]}; its titles and expectations are proposals")
    else:
        out.result(script_from(root, args.run, "recorded"))
    return 0


def _findings(args: argparse.Namespace, out: Out) -> int:
    _no_more_than(args, 1)
    found = improvements(find_root(Path.cwd()))
    if args.things:
        Path(args.things[0]).write_bytes(findings_csv(found))
        out.say(f"written: {args.things[0]}")
    elif out.json:
        out.document("findings", findings=[row_of(one) for one in found])
    else:
        out.result(findings_text(found, out.language))
    return 0


def _no_more_than(args: argparse.Namespace, most: int) -> None:
    if len(args.things) > most:
        raise AskedWrongly(f"{args.what} takes no {args.things[most]!r}", hint="harness uat --help")


def _walk(args: argparse.Namespace, out: Out) -> int:
    # here: walking needs what a run needs, and the other words are to stay fast
    from harness.actions.walking import walk
    from harness.cli.live import narrator
    from harness.cli.run import confirming
    from harness.cli.showing import show_run
    from harness.cli.uat_offering import offering

    if len(args.tier) != 1:
        raise AskedWrongly("walk needs one tier", hint="harness uat walk ORD-1 --tier preprod")
    root = find_root(Path.cwd())
    # one line at a time, never a moving table: the link must stay where it is
    live = narrator(out.stderr, interactive=False, quiet=out.quiet, color=out.color, language=out.language)
    try:
        with offering(args, root, out) as offered:
            done = walk(
                Host(),
                root,
                args.tier[0],
                tuple(args.things),
                live,
                opened=lambda link: _opened(link, out, offered),
                release=args.release,
                confirm=confirming(args, out),
                port=args.port,
                ancestors=_origin(args.embed_in),
            )
    finally:
        live.close()
    status = show_run(out, root, done.path, report=False)
    return int(Exit.INTERRUPTED) if done.interrupted else status


def _opened(link: Callable[[], str], out: Out, offered: Callable[[Callable[[], str]], None]) -> None:
    offered(link)
    _invite(link, out)


def _invite(link: Callable[[], str], out: Out) -> None:
    """The link, which works once; on a terminal Enter makes another."""
    if out.json:
        out.stderr.write(json.dumps({"kind": "harness/walk-link", "version": 1, "url": link()}) + "\n")
        out.stderr.flush()
        return
    out.stderr.write(f"open this in the browser of whoever judges; it works once:\n\n    {link()}\n\n")
    out.stderr.flush()
    if not (out.interactive and sys.stdin.isatty()):
        return
    out.stderr.write("Enter makes another link\n")

    def another() -> None:
        while sys.stdin.readline():
            out.stderr.write(f"    {link()}\n")
            out.stderr.flush()

    threading.Thread(target=another, name="walk-links", daemon=True).start()


def _origin(embed_in: str | None) -> str:
    """What may frame the page: nobody, or one origin."""
    if embed_in is None:
        return "'none'"
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", embed_in):
        raise AskedWrongly(f"{embed_in!r} is no origin", hint="--embed-in https://portal.example")
    return embed_in


_KINDS = ("added", "changed", "moved", "removed")
_ACTS: dict[str, Callable[[argparse.Namespace, Out], int]] = {
    "walk": _walk,
    "record": _record,
    "findings": _findings,
    "lint": _lint,
    "export": _export,
    "import": _import,
    "matrix": _matrix,
}
