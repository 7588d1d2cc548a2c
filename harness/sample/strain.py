"""Faults that only show under load: memory that grows, answers that slow down, connections that leak."""

import asyncio
import time

from harness.sample.faults import Fault
from harness.sample.hub import Hub

_SLOWER_PER_REQUEST_S = 0.04
_SLOWEST_S = 3.0
_HOARDED = 512 * 1024


async def strain(hub: Hub) -> None:
    """Keep memory for ever, or keep the caller waiting, where such a fault is on."""
    if hub.has(Fault.MEMORY_GROWS):
        hub.hoard.append(bytearray(b"x" * _HOARDED))
    if hub.has(Fault.SLOW_UNDER_LOAD):
        moment = time.monotonic()
        hub.arrivals[:] = [arrival for arrival in hub.arrivals if moment - arrival < 1.0]
        hub.arrivals.append(moment)
        await asyncio.sleep(min(_SLOWEST_S, _SLOWER_PER_REQUEST_S * len(hub.arrivals)))


def leak_a_connection(hub: Hub) -> None:
    """Take a connection each fifth time and never give it back, where that fault is on."""
    if hub.has(Fault.CONNECTION_LEAK) and hub.every(5, "lists"):
        hub.store.database.take()
