"""Live tests say what they cannot do without: `@pytest.mark.needs("browser", "docker")`.

`make test` looks at the machine once and names what is missing in `HARNESS_TESTS_WITHOUT`; tests that need it
are left out by name, in the file that `HARNESS_TESTS_LEFT_OUT` names, and are counted there. Without these
settings nothing is ever left out. What only tests need (`namespaces`: a file system of one's own to fill up)
is looked at here.
"""

import os
import subprocess
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy machine is slow, and not wrong
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "any machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what cannot run here, and write down which and why."""
    without = set(filter(None, os.environ.get("HARNESS_TESTS_WITHOUT", "").split(",")))
    if "HARNESS_TESTS_WITHOUT" in os.environ and any("namespaces" in _needs(item) for item in items):
        without |= set() if _may_mount() else {"namespaces"}
    lacking = {item: sorted(without & _needs(item)) for item in items}
    left_out = [item for item in items if lacking[item]]
    if not left_out:
        return
    items[:] = [item for item in items if not lacking[item]]
    config.hook.pytest_deselected(items=left_out)
    if note := os.environ.get("HARNESS_TESTS_LEFT_OUT"):
        Path(note).write_text("".join(f"{item.nodeid} needs {' '.join(lacking[item])}\n" for item in left_out))


def _needs(item: pytest.Item) -> set[str]:
    return {str(name) for marker in item.iter_markers("needs") for name in marker.args}


def _may_mount() -> bool:
    who = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    tried = ("unshare", *who, "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        return subprocess.run(tried, capture_output=True).returncode == 0
    except OSError:
        return False
