"""What killed runs left behind is removed by the next start: their processes and their private drafts."""

import shutil

from harness.adapters.host import Host
from harness.adapters.marks import end_marked
from harness.adapters.processes import is_claimed


def sweep(host: Host) -> tuple[str, ...]:
    """End processes and remove scratch folders of runs whose harness is gone; a sentence for each."""
    said: list[str] = []
    for folder in sorted(path for root in host.scratch_roots() for path in root.iterdir() if path.is_dir()):
        if folder.name.startswith(".") or is_claimed(folder):
            continue
        ended = end_marked(folder.name + "/")
        shutil.rmtree(folder, ignore_errors=True)
        also = f" and {ended} of its processes" if ended else ""
        said.append(f"removed what the killed run {folder.name} left: its private draft{also}")
    return tuple(said)
