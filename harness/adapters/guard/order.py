"""What the guard is told: its order as a private file when it starts, and credentials over its control socket.

Credentials are never written down: the order holds none, and engines carry placeholders.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.model.guard import Door, Origin
from harness.model.tier import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A placeholder that engines carry in a header, and what really stands there when it leaves for `origin`."""

    origin: str
    placeholder: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run's guard. `passed`: engines hand in their own listening sockets, from a network namespace."""

    run: str
    origins: tuple[Origin, ...]
    doors: tuple[Door, ...]
    rate_per_s: float | None
    concurrency: int | None
    most_bytes: int
    windows: tuple[Window, ...]
    lease_s: float
    stop_file: str
    passed: bool
    alarm: str | None = None


def write_order(order: Order) -> bytes:
    """The order as a file."""
    return json.dumps(dataclasses.asdict(order)).encode()


def take_order(path: Path) -> Order:
    """Read the file and delete it."""
    data: dict[str, Any] = json.loads(path.read_bytes())
    path.unlink()
    return Order(
        **{
            **data,
            "origins": tuple(read_origin(one) for one in data["origins"]),
            "doors": tuple(Door(**one) for one in data["doors"]),
            "windows": tuple(Window(**{**one, "days": tuple(one["days"])}) for one in data["windows"]),
        }
    )


def read_origin(data: Mapping[str, Any]) -> Origin:
    """An origin from its plain values."""
    pairs = {name: tuple(tuple(pair) for pair in data[name] or ()) for name in ("granted", "withheld", "only")}
    only = None if data["only"] is None else pairs["only"]
    return Origin(**{**data, **pairs, "only": only, "methods": tuple(data["methods"])})
