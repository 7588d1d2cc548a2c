"""Schemathesis as we use it: which phases, which checks, and nothing of its own left on disk.

The one place that knows how its version 4 is configured; written against the installed
source, held by tests against a server with known faults.
"""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done, as the runner wrote it."""

    document: str
    base_url: str
    seed: int
    max_examples: int
    budget_s: float
    request_timeout_s: float
    turns: tuple[tuple[str, ...], ...]
    secured: tuple[str, ...]
    statuses: Mapping[str, tuple[str, ...]]
    hooks: str | None
    replay: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    started_by_us: bool = False


def read_order(path: Path) -> Order:
    """The runner's order."""
    data = json.loads(path.read_bytes())
    turns = tuple(tuple(labels) for labels in data["turns"])
    return Order(**{**data, "turns": turns, "secured": tuple(data["secured"])})


def load_hooks(order: Order) -> None:
    """Run the workspace's own checks and hooks; they register themselves."""
    if order.hooks is None:
        return
    spec = importlib.util.spec_from_file_location("contract_hooks", order.hooks)
    if spec is None or spec.loader is None:
        raise ImportError(f"{order.hooks} cannot be loaded")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def schema_for(order: Order, turn: tuple[str, ...], share: float, headers: Mapping[str, str]) -> Any:
    """The loaded document with the operations of one turn and a share of the time; exceptions are the engine's own."""
    import schemathesis

    config = schemathesis.Config.from_dict(_settings(order, share, headers))
    schema = schemathesis.openapi.from_dict(json.loads(Path(order.document).read_bytes()), config=config)
    wanted = set(turn)
    return schema.include(lambda context: context.operation.label in wanted)


def _settings(order: Order, share: float, headers: Mapping[str, str]) -> dict[str, Any]:
    """`max-time` makes the engine share its time out evenly; the last cycle is ended by us."""
    return {
        "base-url": order.base_url,
        "headers": dict(headers),
        "seed": order.seed,
        "workers": 1,
        "max-time": max(1, int(order.budget_s * share)),
        "continue-on-failure": True,
        "request-timeout": order.request_timeout_s,
        "max-redirects": 0,
        "cache": {"enabled": False},
        "generation": {"max-examples": order.max_examples, "database": "none"},
        "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": False}},
    }
