"""What the load engine is told, as the private file that it reads and deletes (harness/kit/load/settings.py)."""

import dataclasses
import json

from harness.model.load import Limit
from harness.model.plan import LoadWork
from harness.model.process import Surroundings

SETTINGS, FIGURES, PROGRESS, SHOWN = "settings.json", "figures.json", "progress.ndjson", "progress.txt"


def settings_file(work: LoadWork, around: Surroundings, seed: int, **more: object) -> bytes:
    """The document. It holds the target's credentials: it may only be written 0600 into the job's own directory.

    `more` are further keys, for whoever reads more than the engine does.
    """
    target = around.targets[work.system]
    document = {
        "users_file": f"{around.root}/{work.users_file}",
        "users_class": work.users_class,
        "base_url": target.base_url,
        "headers": dict(target.headers),
        "model": dataclasses.asdict(work.profile.model),
        "warm_up_s": work.profile.warm_up_s,
        "watches": [dataclasses.asdict(watch) for watch in work.watches],
        "bounds": dataclasses.asdict(work.bounds),
        "seed": seed,
        "figures": FIGURES,
        "progress": PROGRESS,
        "shown": SHOWN,
        "aborts": [dataclasses.asdict(abort) for abort in work.aborts],
        "contract": work.contract,
        "checked_share": work.checked_share,
        "served": dataclasses.asdict(work.served) if work.served else None,
        "limits": {one.measure: f"{one.relation} {_figure(one)}" for one in work.limits if one.subject == "all"},
        **more,
    }
    return json.dumps(document).encode()


def _figure(limit: Limit) -> str:
    return limit.text.partition(limit.relation)[2].strip()
