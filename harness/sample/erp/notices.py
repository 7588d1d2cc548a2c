"""Telling the hub how much is left: the ERP's call-back.

Changes are gathered for a moment and the latest level of each product is sent once, with a
number that counts up. A hub that does not answer is told again with the next change.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from urllib.parse import urlencode

from harness.sample.http_client import Connections, NoReply

_GATHER_S = 0.2
_PATIENCE_S = 2.0
_log = logging.getLogger("harness.sample.erp")


class Notices:
    """Sends the stock levels that changed to the hub at `hub_url`, as the client `erp`."""

    def __init__(self, hub_url: str, secret: str, stock: Mapping[str, int]) -> None:
        self._hub = Connections(hub_url)
        self._secret = secret
        self._stock = stock
        self._changed: set[str] = set()
        self._sequence = 0
        self._token = ""

    def changed(self, sku: str) -> None:
        """Remember that this product's stock changed."""
        self._changed.add(sku)

    async def run(self) -> None:
        """Send for ever, until cancelled."""
        while True:
            await asyncio.sleep(_GATHER_S)
            waiting, self._changed = self._changed, set()
            for sku in sorted(waiting):
                await self._tell(sku)

    def close(self) -> None:
        """Close idle connections."""
        self._hub.close()

    async def _tell(self, sku: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status = await self._send(sku)
                if status == 401:
                    self._token = ""
                    status = await self._send(sku)
        except (NoReply, TimeoutError) as error:
            _log.warning("the hub was not told about %s: %s", sku, str(error) or "no answer in time")
            return
        if status != 204:
            _log.warning("the hub was not told about %s: it answered %s", sku, status)

    async def _send(self, sku: str) -> int:
        if not self._token:
            self._token = await self._new_token()
        self._sequence += 1
        report = {"sku": sku, "available": self._stock[sku], "sequence": self._sequence}
        headers = {"authorization": f"Bearer {self._token}"}
        return (await self._hub.send("POST", "/webhooks/erp/stock", json.dumps(report).encode(), headers)).status

    async def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "erp", "client_secret": self._secret}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = await self._hub.send("POST", "/auth/token", urlencode(form).encode(), headers)
        if reply.status != 200:
            raise NoReply(f"the hub gave no token ({reply.status})")
        return str(json.loads(reply.body)["access_token"])
