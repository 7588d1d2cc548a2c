"""`harness uat …`: acceptance criteria and their demonstrations, for the people who write and judge them."""

import argparse
from collections.abc import Callable
from pathlib import Path

from harness.actions.criteria import coverage, export, import_table, lint
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit
from harness.formats.criteria_text import advice_text, matrix_text
from harness.formats.shape import to_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with what."""
    parser.add_argument("what", choices=tuple(_ACTS), help="see below")
    parser.add_argument("things", nargs="*", metavar="THING", help="import, export: a file")
    parser.add_argument("--tier", action="append", default=[], metavar="T", help="matrix: only this tier; repeatable")
    parser.add_argument("--write", action="store_true", help="import: replace uat/criteria.toml")
    parser.add_argument("--strict", action="store_true", help="lint: exit 3 where something is unclear")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "lint     what can't be judged as it is written, as questions to its authors\n"
        "export   the criteria as a table for a spreadsheet (CSV)\n"
        "import   what such a table would change; --write takes it over\n"
        "matrix   how each criterion stands on each tier, and what no journey touches"
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """lint, export, import, matrix: exit 0; lint --strict: 3 where something is unclear."""
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


def _no_more_than(args: argparse.Namespace, most: int) -> None:
    if len(args.things) > most:
        raise AskedWrongly(f"{args.what} takes no {args.things[most]!r}", hint="harness uat --help")


_KINDS = ("added", "changed", "moved", "removed")
_ACTS: dict[str, Callable[[argparse.Namespace, Out], int]] = {
    "lint": _lint,
    "export": _export,
    "import": _import,
    "matrix": _matrix,
}
