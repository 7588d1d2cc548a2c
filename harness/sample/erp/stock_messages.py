"""Telling whoever listens how much is left, over a broker: the ERP's `stock.changed`.

Changes are gathered for a moment and the latest level of each product is said once, with a number that counts up.
"""

import asyncio
from collections.abc import Mapping

from harness.sample.messages import STOCK_CHANGED

_GATHER_S = 0.2
_TENANT = "main"  # a test's reservation moves no goods


class StockMessages:
    """Says the stock levels that changed, to the broker at `amqp_url`."""

    def __init__(self, amqp_url: str, stock: Mapping[str, int]) -> None:
        self._url = amqp_url
        self._stock = stock
        self._changed: set[str] = set()
        self._sequence = 0

    def changed(self, sku: str) -> None:
        """Remember that this product's stock changed."""
        self._changed.add(sku)

    async def run(self) -> None:
        """Say for ever, until cancelled."""
        from harness.sample.messages_amqp import Amqp

        broker = Amqp(self._url)
        await broker.start()
        try:
            while True:
                await asyncio.sleep(_GATHER_S)
                waiting, self._changed = self._changed, set()
                for sku in sorted(waiting):
                    self._sequence += 1
                    level = {"sku": sku, "available": self._stock[sku], "sequence": self._sequence}
                    broker.say(STOCK_CHANGED, {"tenant": _TENANT, **level})
        finally:
            await broker.close()

    def close(self) -> None:
        """Nothing of ours is open once `run` has ended."""
