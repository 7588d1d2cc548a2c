"""A mistake of ours in one who looks on ends neither the engine nor the others; nothing passes that it would have seen.

It is told once for each of them, and the runner takes it for a doubt about everything that is not proved wrong.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from harness.kit.contract.telling import Teller

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Minding:
    """Calls watchers by their name."""

    teller: Teller
    failed: set[str] = field(default_factory=set)

    def of(self, name: str, act: Callable[[], T], otherwise: T) -> T:
        """What the watcher gives, or `otherwise` where it breaks."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - whatever a watcher makes of an answer, the engine goes on
            if name not in self.failed:
                self.failed.add(name)
                traceback.print_exc()
                self.teller.tell("watcher-failed", watcher=name, why=f"{type(error).__name__}: {error}"[:500])
            return otherwise
