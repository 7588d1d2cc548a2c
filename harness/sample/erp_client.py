"""The hub's side of the ERP: reserve stock, create the sales order, give stock back.

The ERP may be slow, down or wrong. Whatever it does, a placement ends within one total
deadline with a plain outcome, and a reservation that came to nothing is given back.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.sample.faults import Fault
from harness.sample.http_client import Connections, NoReply

DEADLINE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The ERP has the order."""

    reservation_id: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfStock:
    """The ERP said that there is not enough, and why."""

    detail: str


class ErpDown(Exception):
    """No usable answer in time."""


class Erp:
    """An ERP at a base address; `deadline_s` is the time for everything that one placement or release does."""

    def __init__(self, base_url: str, faults: frozenset[Fault], *, deadline_s: float = DEADLINE_S) -> None:
        self.base_url = base_url
        self.deadline_s = deadline_s
        self._http = Connections(base_url)
        self._faults = faults

    async def place(
        self, tenant: str, order_id: str, lines: Sequence[Mapping[str, Any]], total_cents: int
    ) -> Taken | OutOfStock:
        """Reserve and create the sales order, all within the deadline. Raises `ErpDown`."""
        reserved: str | None = None
        try:
            async with asyncio.timeout(self.deadline_s):
                status, reply = await self._reserve(tenant, order_id, lines)
                if status == 409:
                    return OutOfStock(detail=str(reply.get("detail", "Not enough is left.")))
                reserved = _text(status, 201, reply, "id")
                status, reply = await self._create_sales_order(tenant, order_id, reserved, total_cents)
                return Taken(reservation_id=reserved, reference=_text(status, 201, reply, "id"))
        except (NoReply, TimeoutError, ErpDown) as error:
            if reserved is not None:
                await self._give_back(tenant, reserved)
            raise ErpDown(str(error) or "no answer in time") from None

    async def release(self, tenant: str, reservation_id: str) -> None:
        """Give stock back; a reservation that is gone already is fine. Raises `ErpDown`."""
        try:
            async with asyncio.timeout(self.deadline_s):
                status, _ = await self._call(tenant, "DELETE", f"/reservations/{reservation_id}", None)
        except (NoReply, TimeoutError) as error:
            raise ErpDown(str(error) or "no answer in time") from None
        if status not in (204, 404):
            raise ErpDown(f"the ERP answered {status}")

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    async def _reserve(
        self, tenant: str, order_id: str, lines: Sequence[Mapping[str, Any]]
    ) -> tuple[int, dict[str, Any]]:
        wanted = [{"sku": line["sku"], "quantity": self._quantity(line["quantity"])} for line in lines]
        path = "/stock-reservations" if Fault.ERP_UNKNOWN_PATH in self._faults else "/reservations"
        return await self._call(tenant, "POST", path, {"reference": order_id, "lines": wanted})

    def _quantity(self, quantity: int) -> int | str:
        if Fault.ERP_QUANTITY_AS_TEXT in self._faults:
            return str(quantity)
        # a hub that takes orders for nothing asks the ERP for one, and nobody there notices
        return max(1, quantity) if Fault.ZERO_QUANTITY_ACCEPTED in self._faults else quantity

    async def _create_sales_order(
        self, tenant: str, order_id: str, reserved: str, total_cents: int
    ) -> tuple[int, dict[str, Any]]:
        total = max(1, total_cents) if Fault.ZERO_QUANTITY_ACCEPTED in self._faults else total_cents
        body = {"reservationId": reserved, "reference": order_id, "totalCents": total, "currency": "EUR"}
        if Fault.ERP_REFERENCE_MISSING in self._faults:
            del body["reference"]
        return await self._call(tenant, "POST", "/sales-orders", body)

    async def _give_back(self, tenant: str, reservation_id: str) -> None:
        try:
            await self.release(tenant, reservation_id)
        except ErpDown:
            return  # the ERP lets a reservation without a sales order lapse

    async def _call(self, tenant: str, method: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
        raw = None if body is None else json.dumps(body).encode()
        reply = await self._http.send(method, path, raw, {"x-tenant": tenant})
        try:
            value = json.loads(reply.body) if reply.body else {}
        except ValueError:
            raise NoReply("the ERP answered something that is not JSON") from None
        return reply.status, value if isinstance(value, dict) else {}


def _text(status: int, wanted: int, reply: dict[str, Any], key: str) -> str:
    value = reply.get(key)
    if status != wanted or not isinstance(value, str):
        raise ErpDown(f"the ERP answered {status}")
    return value
