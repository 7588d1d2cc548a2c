"""`harness plan TIER`: what would run, with every promise by name; nothing is started."""

import argparse
from pathlib import Path

from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.formats.shape import to_json
from harness.formats.terminal import plan_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """The tier and a selection."""
    parser.add_argument("tier", help="a file in environments/, without .toml")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID", help="a suite, job or check id; repeatable"
    )
    parser.add_argument("--seed", type=int, default=None, help="the seed that engines would get")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where something would run, 3 where the plan is empty."""
    root = find_root(Path.cwd())
    _, _, plan = prepare(Host(), root, args.tier, only=tuple(args.only), seed=args.seed, release=None)
    if out.json:
        out.document("planned", plan=to_json(plan))
        return 0 if plan.checks else 3
    out.result(plan_text(plan, language=out.language, color=out.color, width=out.width))
    if not out.quiet:
        for check in plan.checks:
            out.result(f"    {check.id}   {check.title}")
    return 0 if plan.checks else 3
