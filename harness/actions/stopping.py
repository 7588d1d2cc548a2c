"""The kill switch as a person uses it: on, and told when nothing runs any more; off again."""

from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.run_directory import drafts
from harness.adapters.stopping import clear, stop

_PATIENCE_S = 30.0
_LOOK_S = 0.1


def stop_runs(host: Host, root: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Turn the switch on and wait for the runs that were going on: (ended, still closing)."""
    going = tuple(path.name for path, held in drafts(root) if held)
    stop(root)
    end = host.monotonic_s() + _PATIENCE_S
    left = going
    while left and host.monotonic_s() < end:
        host.sleep(_LOOK_S)
        held = {path.name for path, held in drafts(root) if held}
        left = tuple(run for run in going if run in held)
    return tuple(run for run in going if run not in left), left


def allow_runs(root: Path) -> bool:
    """Turn the switch off; False where it was not on."""
    return clear(root)
