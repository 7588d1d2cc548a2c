"""`harness contract …`: the findings of a run, what is accepted, recorded requests, and what changed in a contract."""

import argparse
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import AskedWrongly, Exit, HarnessError

_DOES = {
    "findings": "the causes that a run found, worst first, one for all operations that share it",
    "accept": "write a finding down as known: needs --owner, --reason and --until",
    "probes": "write the requests that may be sent on a tier where no generator runs",
    "diff": "OLD NEW: what changed between two versions of a contract, and for whom it breaks",
    "seal": "the digest of such a list anew, after a person read and changed it",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with what."""
    told = "; ".join(f"{name}: {does}" for name, does in _DOES.items())
    parser.add_argument("what", choices=tuple(_DOES), help=told)
    parser.add_argument("things", nargs="*", metavar="thing", help="a run, a finding, a tier or a file")
    parser.add_argument("--as", dest="shape", choices=("text", "markdown"), default="text", help="diff: default text")
    parser.add_argument("--owner", default="", help="accept: who answers for it")
    parser.add_argument("--reason", default="", help="accept: why it is accepted")
    parser.add_argument("--until", default="", metavar="DAY", help="accept: the last day, as 2026-12-31")
    parser.add_argument("--tier", action="append", default=[], help="accept: only on this tier; repeatable")


def act(args: argparse.Namespace, out: Out) -> int:
    """findings: 0 none decides, 1 some do. diff: 0 no consumer breaks, 1 one may. The others: 0 done."""
    if args.what == "diff":
        return _diff(args, out)
    root = find_root(Path.cwd())
    if args.what == "findings":
        return _findings(root, _one(args, optional=True), out)
    thing = _one(args) or ""
    if args.what == "accept":
        return _accept(root, thing, args, out)
    return _probes(root, thing, out) if args.what == "probes" else _seal(root, thing, out)


def _one(args: argparse.Namespace, *, optional: bool = False) -> str | None:
    if len(args.things) > 1 or not (args.things or optional):
        raise AskedWrongly(f"harness contract {args.what} takes one thing", hint="harness contract --help")
    return str(args.things[0]) if args.things else None


def _findings(root: Path, run: str | None, out: Out) -> int:
    from harness.actions.contract_findings import found_in
    from harness.formats.contract_findings import causes_json, causes_text

    path, causes = found_in(root, run)
    if out.json:
        out.document("contract-findings", run=path.name, causes=causes_json(causes))
    else:
        out.result(causes_text(causes, out.language))
    return int(Exit.FAILED if any(one.decides for one in causes) else Exit.PASSED)


def _accept(root: Path, name: str, args: argparse.Namespace, out: Out) -> int:
    from harness.actions.contract_accepting import accept

    file, entry = accept(
        Host(), root, name, owner=args.owner, reason=args.reason, until=args.until, tiers=tuple(args.tier)
    )
    if out.json:
        out.document("contract-accepted", file=file, finding=entry.finding, until=entry.expires)
    else:
        out.result(f"accepted until {entry.expires}: {entry.finding}\nwritten to {file}")
    return int(Exit.PASSED)


def _probes(root: Path, tier: str, out: Out) -> int:
    from harness.actions.contract_probing import write_lists

    written = write_lists(Host(), root, tier)
    if out.json:
        lists = [{"file": one.path, "probes": len(one.probes), "left-out": dict(one.left_out)} for one in written]
        out.document("contract-probes", lists=lists)
        return int(Exit.PASSED)
    for one in written:
        out.result(f"{one.path}   {len(one.probes)} requests; read them before you commit them")
        for probe in one.probes:
            out.result(f"  {probe.method} {probe.path}   {probe.status}   {probe.source}")
        for name, why in one.left_out:
            out.result(f"  no probe for {name}: {why}")
    return int(Exit.PASSED)


def _seal(root: Path, file: str, out: Out) -> int:
    from harness.actions.contract_probing import seal

    digest, count = seal(root, file)
    if out.json:
        out.document("contract-seal", file=file, sha256=digest, probes=count)
    else:
        out.result(f"{file} is sealed: {count} requests, {digest}")
    return int(Exit.PASSED)


def _diff(args: argparse.Namespace, out: Out) -> int:
    from harness.actions.contract_diffing import diff
    from harness.formats.change_text import change_lines, change_markdown
    from harness.formats.shape import to_json
    from harness.model.change import Weight

    if len(args.things) != 2:
        raise AskedWrongly("harness contract diff takes two documents: OLD NEW", hint="harness contract --help")
    try:
        root: Path | None = find_root(Path.cwd())
    except HarnessError:
        root = None  # two documents can be compared anywhere
    found = diff(Path(args.things[0]), Path(args.things[1]), root=root)
    breaks = any(one.weight is Weight.BREAKING for one in found)
    if out.json:
        out.document("contract-changes", breaking=breaks, changes=[to_json(one) for one in found])
    elif args.shape == "markdown":
        out.result(change_markdown(found).rstrip("\n"))
    else:
        for line in change_lines(found):
            out.result(line)
    return int(Exit.FAILED if breaks else Exit.PASSED)
