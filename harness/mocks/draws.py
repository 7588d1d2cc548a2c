"""Random draws that are not random: the same seed gives the same values on every machine and Python.

SplitMix64 (Steele, Lea and Flood, 2014), seeded by SHA-256 so that any text can be a seed. For
test data only, never for secrets.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Draws:
    """A stream of draws from one seed."""

    __slots__ = ("_state",)

    def __init__(self, *seed: object) -> None:
        text = "\x1f".join(str(part) for part in seed)
        self._state = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")

    def bits(self) -> int:
        """64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def unit(self) -> float:
        """A figure from 0 up to, not including, 1."""
        return (self.bits() >> 11) / (1 << 53)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + (self.bits() % (high - low + 1) if high > low else 0)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.between(0, len(items) - 1)]

    def normal(self) -> float:
        """A draw from the standard normal distribution (Box and Muller)."""
        return math.sqrt(-2 * math.log(1 - self.unit())) * math.cos(2 * math.pi * self.unit())
