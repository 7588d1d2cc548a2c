"""`harness contract accept FINDING`: what is known is written down, with who answers for it, why, and until when."""

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from harness.actions.replaying import find_finding
from harness.adapters.host import Host
from harness.errors import AskedWrongly
from harness.formats.contract_baseline import day, entry_text, read_baseline
from harness.model.plan import Accepted, ContractWork
from harness.rules.findings import short_name


def accept(
    host: Host, root: Path, name: str, *, owner: str, reason: str, until: str, tiers: tuple[str, ...] = ()
) -> tuple[str, Accepted]:
    """Add an entry; gives the file and the entry. AskedWrongly where something is missing or is there already."""
    kept = find_finding(root, name, None)
    if not isinstance(kept.job.work, ContractWork):
        raise TypeError(f"{kept.job.id} is not a contract job")
    if not owner.strip() or not reason.strip():
        raise AskedWrongly("an accepted finding needs somebody who answers for it, and a reason", hint=_HINT)
    why = day(until, datetime.fromtimestamp(host.now_ms() / 1000, UTC).date())
    if why is not None:
        raise AskedWrongly(why, hint=_HINT)
    stem = PurePosixPath(kept.job.work.contract).name.partition(".")[0]
    file = f"contracts/{stem}.baseline.toml"
    path = root / file
    before = path.read_bytes() if path.is_file() else b"# Findings that are known: by whom, why, and until when.\n"
    entry = Accepted(finding=kept.finding, owner=owner, reason=reason, expires=until, tiers=tiers)
    if any(one.finding == entry.finding and one.tiers == tiers for one in read_baseline(before, file)):
        raise AskedWrongly(f"{name} is accepted already", hint=f"change its entry in {file}")
    after = before + entry_text(entry, short_name(kept.finding)).encode()
    read_baseline(after, file)
    path.write_bytes(after)
    return file, entry


_HINT = 'harness contract accept FINDING --owner NAME --reason "…" --until 2026-12-31'
