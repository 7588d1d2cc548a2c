"""`harness contract findings [RUN]`: what the contract suite of a stored run found, by cause."""

from pathlib import Path

from harness.adapters.run_directory import find_run, load_run
from harness.errors import AskedWrongly
from harness.formats.contract_findings import CauseTold, causes_of


def found_in(root: Path, run: str | None) -> tuple[Path, tuple[CauseTold, ...]]:
    """The run's folder and its causes; the newest run where none is named."""
    path = find_run(root, run)
    _, _, record = load_run(path)
    if record is None:
        raise AskedWrongly(f"{path.name} was never closed: nothing is known of it", hint="harness runs")
    return path, causes_of(finding for seen in record.seen for finding in seen.findings)
