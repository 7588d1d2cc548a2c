"""Messages of the order hub: it says `order.placed`, and hears `stock.changed`. In memory unless a broker is named.

Whoever places an order is not kept waiting for a broker: what is to be said is queued and sent in its order.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.sample.store import Order

Heard = Callable[[Mapping[str, Any]], None]
ORDER_PLACED, STOCK_CHANGED = "order.placed", "stock.changed"
_REMEMBERED = 1000


class Messages(Protocol):
    """Where messages go and come from."""

    async def start(self) -> None:
        """Begin to send and to hear."""

    def say(self, topic: str, message: Mapping[str, Any]) -> None:
        """Send it as soon as can be."""

    async def close(self) -> None:
        """Send what waits, for a moment, and end."""


@dataclass(slots=True)
class InMemory:
    """No broker: the last thousand messages are remembered, and nobody else hears them."""

    said: deque[tuple[str, Mapping[str, Any]]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    async def start(self) -> None:
        """Nothing is to be begun."""

    def say(self, topic: str, message: Mapping[str, Any]) -> None:
        """Remember it."""
        self.said.append((topic, message))

    async def close(self) -> None:
        """Nothing is to be ended."""


def order_placed(tenant: str, order: Order) -> Mapping[str, Any]:
    """What is said of a new order."""
    return {
        "orderId": order.id,
        "tenant": tenant,
        "customerId": order.customer_id,
        "status": order.status,
        "totalCents": order.total_cents,
        "placedAt": order.created_at,
    }
