"""Schemathesis as we use it: which phases, which checks, and nothing of its own left on disk.

The one place that knows how its version 4 is configured; written against the installed
source, held by tests against a server with known faults.
"""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
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
    operations: tuple[str, ...]
    secured: tuple[str, ...]
    hooks: str | None


def read_order(path: Path) -> Order:
    """The runner's order."""
    data = json.loads(path.read_bytes())
    return Order(**{**data, "operations": tuple(data["operations"]), "secured": tuple(data["secured"])})


def schema_for(order: Order, headers: Mapping[str, str]) -> Any:
    """The loaded document, configured; its exceptions are the engine's own."""
    import schemathesis

    if order.hooks:
        _load(order.hooks)
    config = schemathesis.Config.from_dict(_settings(order, headers))
    schema = schemathesis.openapi.from_dict(json.loads(Path(order.document).read_bytes()), config=config)
    wanted = set(order.operations)
    return schema.include(lambda context: context.operation.label in wanted) if wanted else schema


def _settings(order: Order, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "base-url": order.base_url,
        "headers": dict(headers),
        "seed": order.seed,
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": order.request_timeout_s,
        "max-redirects": 0,
        "cache": {"enabled": False},
        "generation": {"max-examples": order.max_examples, "database": "none"},
        "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": False}},
    }


def _load(path: str) -> None:
    """Run the workspace's own checks and hooks; they register themselves."""
    spec = importlib.util.spec_from_file_location("contract_hooks", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
