"""`harness diff RUN RUN`: what broke, what was mended, what is slower between two runs."""

import argparse
from pathlib import Path

from harness.actions.running import recompute
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli.asking import Out
from harness.errors import CouldNotTell, Exit
from harness.formats.shape import to_json
from harness.formats.terminal_text import tame
from harness.model.evidence import Record
from harness.model.plan import Plan
from harness.rules.differing import differences

_WORDS = {
    "broke": "新失败",
    "fixed": "已修复",
    "still": "仍未通过",
    "gone": "已消失",
    "added": "新增",
    "slower": "变慢",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two runs."""
    parser.add_argument("before", metavar="RUN", help="the earlier run: its id, its beginning, or a folder")
    parser.add_argument("after", metavar="RUN", help="the later one")


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0 where nothing differs, 1 where something does, 3 where one of them was never closed."""
    root = find_root(Path.cwd())
    before, after = _run(root, args.before), _run(root, args.after)
    found = differences(before, after)
    if out.json:
        out.document(
            "difference", before=before[0].run, after=after[0].run, differences=[to_json(one) for one in found]
        )
        return int(Exit.FAILED if found else Exit.PASSED)
    for one in found:
        word = _WORDS[one.change.value] if out.language == "zh" else one.change.value
        out.result(f"  {word:<7} {tame(one.check)}   {one.before or '-'} → {one.after or '-'}")
    if not found:
        out.result("没有差异" if out.language == "zh" else "no difference")
    return int(Exit.FAILED if found else Exit.PASSED)


def _run(root: Path, name: str) -> tuple[Plan, Record]:
    plan, record, _ = recompute(find_run(root, name))
    if record is None:
        raise CouldNotTell(f"{plan.run} was never closed, so there is nothing to compare", hint="name another run")
    return plan, record
