"""What one load run is told, as one private JSON file: the runner writes it, the engine reads it and deletes it.

It holds credentials, so it never goes on a command line.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.model.load import Abort, Bounds, ClosedModel, Limit, OpenModel, Stage, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Paths are absolute; `figures`, `progress` (for programs) and `shown` (for people) are written beside the
    settings file. `limits` are those on everything, by measure, as they are shown. `contract` is a path in the
    working directory.
    """

    users_file: str
    users_class: str
    base_url: str
    headers: Mapping[str, str]
    model: OpenModel | ClosedModel
    warm_up_s: float
    watches: tuple[Watch, ...]
    bounds: Bounds
    seed: int
    figures: Path
    progress: Path
    shown: Path
    limits: Mapping[str, str]
    aborts: tuple[Abort, ...] = ()
    contract: str = ""
    checked_share: float = 0.0
    served: Watch | None = None


def take_settings(path: Path) -> Settings:
    """Read the file and delete it."""
    document = json.loads(path.read_bytes())
    path.unlink()
    return Settings(
        users_file=document["users_file"],
        users_class=document["users_class"],
        base_url=document["base_url"],
        headers=document["headers"],
        model=_model(document["model"]),
        warm_up_s=document["warm_up_s"],
        watches=tuple(Watch(**watch) for watch in document["watches"]),
        bounds=_bounds(document["bounds"]),
        seed=document["seed"],
        figures=path.with_name(document["figures"]),
        progress=path.with_name(document["progress"]),
        shown=path.with_name(document["shown"]),
        limits=document["limits"],
        aborts=tuple(_abort(abort) for abort in document.get("aborts", ())),
        contract=document.get("contract", ""),
        checked_share=document.get("checked_share", 0.0),
        served=Watch(**document["served"]) if document.get("served") else None,
    )


def _abort(document: Mapping[str, Any]) -> Abort:
    return Abort(**{**document, "limit": Limit(**document["limit"])})


def _bounds(document: Mapping[str, Any]) -> Bounds:
    return Bounds(**{**document, "methods": tuple(document["methods"])})


def _model(document: Mapping[str, Any]) -> OpenModel | ClosedModel:
    if "stages" in document:
        return OpenModel(stages=tuple(Stage(**stage) for stage in document["stages"]))
    return ClosedModel(**document)
