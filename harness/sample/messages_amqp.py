"""Messages over AMQP 0-9-1: said to the topic exchange `sample` with the broker's confirmation, heard from a queue.

A broker that is away is tried again until it is back; what was said meanwhile waits its turn. What can't be read is
put aside by the broker and not tried again.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection

from harness.sample.messages import Heard

_EXCHANGE = "sample"
_PAUSE_S = 0.5
_PATIENCE_S = 5.0
_LAST_MOMENT_S = 2.0
_log = logging.getLogger("harness.sample.messages")


class Amqp:
    """`hears` maps topics to who is told; `queue` names the queue that gathers them."""

    def __init__(self, url: str, *, queue: str = "", hears: Mapping[str, Heard] | None = None) -> None:
        self._url, self._queue, self._hears = url, queue, dict(hears or {})
        self._waiting: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue()
        self._connection: AbstractRobustConnection | None = None
        self._working: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect in the background: the broker may come later than we do."""
        self._working = asyncio.create_task(self._work())

    def say(self, topic: str, message: Mapping[str, Any]) -> None:
        """Send it once all that was said before is sent."""
        self._waiting.put_nowait((topic, message))

    async def close(self) -> None:
        """Wait a moment for what is not sent yet; then end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MOMENT_S):
                await self._waiting.join()
        if self._working is not None:
            self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working
        if self._connection is not None:
            await self._connection.close()

    async def _work(self) -> None:
        channel = await self._connected()
        exchange = await channel.declare_exchange(_EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        if self._hears:
            queue = await channel.declare_queue(self._queue, durable=True)
            for topic in self._hears:
                await queue.bind(exchange, topic)
            await queue.consume(self._heard)
        while True:
            topic, message = await self._waiting.get()
            body = aio_pika.Message(
                json.dumps(message).encode(),
                content_type="application/json",
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await self._sent(exchange, topic, body)
            self._waiting.task_done()

    async def _connected(self) -> AbstractRobustChannel:
        while True:
            try:
                self._connection = await aio_pika.connect_robust(self._url, timeout=_PATIENCE_S)
                return await self._connection.channel(publisher_confirms=True)
            except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
                _log.warning("the broker can't be reached: %s", type(error).__name__)
                await asyncio.sleep(_PAUSE_S)

    async def _sent(self, exchange: Any, topic: str, body: aio_pika.Message) -> None:
        while True:
            try:
                await exchange.publish(body, routing_key=topic, timeout=_PATIENCE_S)
            except (OSError, TimeoutError, RuntimeError, aio_pika.exceptions.AMQPError) as error:
                _log.warning("%s waits for the broker: %s", topic, type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
            else:
                return

    async def _heard(self, message: AbstractIncomingMessage) -> None:
        async with message.process(requeue=False):
            try:
                value = json.loads(message.body)
                self._hears[message.routing_key or ""](value)
            except (ValueError, KeyError, TypeError) as error:
                _log.warning("a message on %s can't be read: %s", message.routing_key, error)
