"""`harness gate selftest`: prove that the gate says no, on this workspace's own policy, tier by tier."""

from pathlib import Path

from harness.actions.gating import policy_of
from harness.actions.selftesting import Proven, selftest
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.errors import Exit
from harness.formats.selftest_text import selftest_text


def act(root: Path, to: str | None, release: str | None, out: Out) -> int:
    """Exit 0 where every way was refused for its reason, 1 where one was not, 3 where nothing passes to begin with."""
    tiers = (to,) if to else tuple(one.to for one in policy_of(root, {}).entrances)
    proven = tuple(selftest(Host(), root, tier, release) for tier in tiers)
    if out.json:
        out.document("selftest", tiers=[_document(one) for one in proven])
    else:
        out.result("\n".join(selftest_text(one.baseline, one.rows, out.language) for one in proven))
    if any(not row.good for one in proven for row in one.rows):
        return int(Exit.FAILED)
    return int(Exit.PASSED if all(one.rows for one in proven) else Exit.UNDECIDED)


def _document(one: Proven) -> dict[str, object]:
    ways = [
        {
            "way": row.name,
            "decision": row.decision.value if row.decision else "not-asked",
            "wanted": row.wanted,
            "codes": list(row.codes),
            "good": row.good,
        }
        for row in one.rows
    ]
    return {"to": one.to, "untouched": one.baseline.decision.value, "ways": ways}
