"""pytest's way in when somebody runs the scripts by hand: inert unless our environment variable is set.

pytest loads this in every session of the Python it is installed in, so it imports
nothing of ours at the top and does nothing where `HARNESS_UAT` is absent.
"""

import os
from typing import Any


def pytest_configure(config: Any) -> None:
    """Bring in the kit's session, once, where a run of ours asked for it."""
    if "HARNESS_UAT" not in os.environ:
        return
    from harness.kit.uat import session

    if not config.pluginmanager.is_registered(session):
        config.pluginmanager.register(session, "harness-uat-session")
