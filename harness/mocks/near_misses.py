"""Which stub was nearest to a request that it did not answer, and why it did not.

The distance is the share of a stub's own statements that do not hold, as a figure from 0 (it fits) to 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.mocks.matching import STARTED, CompiledStub
from harness.mocks.messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A stub, how far it was from a request, and which of its statements did not hold: `method`, `header accept`, …"""

    stub: CompiledStub
    distance: float
    differs: tuple[str, ...]


def near_misses(
    stubs: Iterable[CompiledStub], request: Request, states: Mapping[str, str], *, most: int = 3
) -> tuple[NearMiss, ...]:
    """The nearest stubs, the nearest first; none of them fits."""
    found = [miss for stub in stubs if (miss := _missed(stub, request, states)).differs]
    return tuple(sorted(found, key=lambda one: (one.distance, one.stub.rank))[:most])


def distance(stub: CompiledStub, request: Request) -> float:
    """How far a stub's request pattern is from a request."""
    return _missed(stub, request, {}, stateless=True).distance


def _missed(stub: CompiledStub, request: Request, states: Mapping[str, str], *, stateless: bool = False) -> NearMiss:
    mapping = stub.mapping
    differs = [label for label, test in zip(stub.labels, stub.tests, strict=True) if not test(request)]
    asked = len(stub.tests)
    if mapping.required_state is not None and mapping.scenario is not None and not stateless:
        asked += 1
        if states.get(mapping.scenario, STARTED) != mapping.required_state:
            differs.append(f"scenario {mapping.scenario}")
    heavy = sum(2 if label == "url" else 1 for label in differs)
    return NearMiss(stub=stub, distance=round(min(1.0, heavy / (asked + 1)), 4), differs=tuple(differs))
