"""`python -m harness.sample.erp`: start the ERP; with AMQP_URL or HUB_URL it reports its stock to the hub."""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import suppress

from harness.errors import AskedWrongly, Exit, HarnessError
from harness.sample.erp.app import erp_application
from harness.sample.erp.notices import Notices
from harness.sample.erp.stock_messages import StockMessages
from harness.sample.erp.warehouse import Warehouse
from harness.sample.settings import DEMO_SECRET, is_loopback, read_amqp_url
from harness.sample.terminal import announce, complain, listen, server_for


def main(arguments: list[str] | None = None) -> int:
    """The exit status; a start that was asked wrongly says so in sentences."""
    parser = argparse.ArgumentParser(prog="python -m harness.sample.erp", description="A tiny ERP for the order hub.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    asked = parser.parse_args(arguments)
    warehouse = Warehouse()
    try:
        if not is_loopback(asked.host):
            raise AskedWrongly(f"the ERP asks nobody who they are and does not listen on {asked.host}")
        hub_url = os.environ.get("HUB_URL", "")
        secret = os.environ.get("SAMPLE_CLIENT_SECRET") or DEMO_SECRET
        amqp_url = read_amqp_url()
        notices: Notices | StockMessages | None = None
        if amqp_url is not None:
            notices = StockMessages(amqp_url, warehouse.stock)
        elif hub_url:
            notices = Notices(hub_url, secret, warehouse.stock)
        bound = listen(asked.host, asked.port)
    except HarnessError as error:
        return complain(error)
    announce("ERP", bound)
    try:
        return asyncio.run(_serve(warehouse, notices, bound))
    except KeyboardInterrupt:
        return Exit.PASSED


async def _serve(warehouse: Warehouse, notices: Notices | StockMessages | None, bound: socket.socket) -> int:
    server = server_for(erp_application(warehouse, notices.changed if notices else _nobody_is_told), lifespan=False)
    telling = asyncio.create_task(notices.run()) if notices else None
    await server.serve(sockets=[bound])
    if telling is not None:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    if notices is not None:
        notices.close()
    return Exit.PASSED


def _nobody_is_told(sku: str) -> None:
    del sku


if __name__ == "__main__":
    sys.exit(main())
