"""The hub's side of the payment provider: charge an invoice once, give a charge back.

The provider may be slow, down or wrong. Whatever it does, a payment ends within one deadline with a plain outcome;
asked again with the same reference, it takes nothing twice.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from harness.sample.faults import Fault
from harness.sample.http_client import Connections, NoReply

DEADLINE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The provider has taken the amount."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The provider has refused, and why."""

    detail: str


class PaymentDown(Exception):
    """No usable answer in time."""


class Payments:
    """A payment provider at a base address; each call has `deadline_s` in all."""

    def __init__(self, base_url: str, faults: frozenset[Fault], *, deadline_s: float = DEADLINE_S) -> None:
        self.base_url = base_url
        self.deadline_s = deadline_s
        self._http = Connections(base_url)
        self._faults = faults

    async def charge(self, tenant: str, invoice_id: str, amount_cents: int, source: str) -> Charged | Declined:
        """Take the amount for an invoice. Raises `PaymentDown`."""
        amount = f"{amount_cents / 100:.2f}" if Fault.PAYMENT_AMOUNT_AS_TEXT in self._faults else amount_cents
        body = {"reference": invoice_id, "amountCents": amount, "currency": "EUR", "source": source}
        if Fault.PAYMENT_CURRENCY_MISSING in self._faults:
            del body["currency"]
        status, reply = await self._call(tenant, "/charges", body)
        if status == 402:
            return Declined(detail=str(reply.get("detail", "The payment was declined.")))
        charge_id = reply.get("id")
        if status != 201 or not isinstance(charge_id, str):
            raise PaymentDown(f"the payment provider answered {status}")
        return Charged(id=charge_id)

    async def refund(self, tenant: str, charge_id: str) -> None:
        """Give a charge back. Raises `PaymentDown`."""
        status, _ = await self._call(tenant, f"/charges/{charge_id}/refund", None)
        if status != 200:
            raise PaymentDown(f"the payment provider answered {status}")

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    async def _call(self, tenant: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
        raw = None if body is None else json.dumps(body).encode()
        try:
            async with asyncio.timeout(self.deadline_s):
                reply = await self._http.send("POST", path, raw, {"x-tenant": tenant})
                value = json.loads(reply.body) if reply.body else {}
        except (NoReply, TimeoutError) as error:
            raise PaymentDown(str(error) or "no answer in time") from None
        except ValueError:
            raise PaymentDown("the payment provider answered something that is not JSON") from None
        return reply.status, value if isinstance(value, dict) else {}
