"""`python -m harness.adapters.guard order.json`: guard one run, beside the order's own folder."""

import asyncio
import contextlib
import sys
from pathlib import Path

from harness.adapters.guard.order import take_order
from harness.adapters.guard.serving import Guard


def main(arguments: list[str]) -> int:
    """Serve until all traffic has ended; 0."""
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    path = Path(arguments[0])
    order = take_order(path)

    async def guard() -> None:
        await Guard(order, path.parent).run()

    asyncio.run(guard())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
