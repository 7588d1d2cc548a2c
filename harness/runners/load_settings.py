"""What the load engine is told, as the private file that it reads and deletes (harness/kit/load/settings.py)."""

import dataclasses
import json

from harness.model.plan import LoadWork
from harness.model.process import Surroundings

SETTINGS, FIGURES, PROGRESS = "settings.json", "figures.json", "progress.ndjson"


def settings_file(work: LoadWork, around: Surroundings, seed: int) -> bytes:
    """The document. It holds the target's credentials: it may only be written 0600 into the job's own directory."""
    target = around.targets[work.system]
    document = {
        "users_file": f"{around.root}/{work.users_file}",
        "users_class": work.users_class,
        "base_url": target.base_url,
        "headers": dict(target.headers),
        "model": dataclasses.asdict(work.profile.model),
        "warm_up_s": work.profile.warm_up_s,
        "watches": [dataclasses.asdict(watch) for watch in work.watches],
        "seed": seed,
        "figures": FIGURES,
        "progress": PROGRESS,
    }
    return json.dumps(document).encode()
