"""`uat/findings.toml`: what was decided about the reports of those who tried it; every problem at once.

[[decisions]]
finding = "F-1a2b3c4d"
state   = "planned"
by      = "order-desk"
reason  = "with the next release"
ref     = "SHOP-17"
"""

from harness.formats.toml_table import read_toml
from harness.model.walk import FindingState, Ruled

FILE = "uat/findings.toml"


def read_rulings(body: bytes, file: str = FILE) -> tuple[Ruled, ...]:
    """The decisions of a file, in its order; a finding is decided once, and declined only with a reason."""
    top = read_toml(body, file)
    found: dict[str, Ruled] = {}
    for table in top.tables("decisions"):
        one = Ruled(
            finding=table.text("finding"),
            state=table.one_of("state", FindingState) or FindingState.NEW,
            reason=table.text("reason", ""),
            by=table.text("by", ""),
            ref=table.text("ref", ""),
        )
        if one.finding and one.finding in found:
            table.wrong("finding", f"`{one.finding}` is decided twice", "keep the newer decision")
        if one.state is FindingState.DECLINED and not one.reason:
            table.wrong(
                "state", f"`{one.finding}` is declined without a reason", "write reason = why, for whoever reported it"
            )
        table.finish()
        found[one.finding] = one
    top.finish()
    top.raise_problems()
    return tuple(found.values())
