"""`python -m harness.sample.payment`: start the payment provider."""

import argparse
import sys
from contextlib import suppress

from harness.errors import AskedWrongly, Exit, HarnessError
from harness.sample.payment.app import payment_application
from harness.sample.payment.till import Till
from harness.sample.settings import is_loopback
from harness.sample.terminal import announce, complain, listen, server_for


def main(arguments: list[str] | None = None) -> int:
    """The exit status; a start that was asked wrongly says so in sentences."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.sample.payment", description="A tiny payment provider for the order hub."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    asked = parser.parse_args(arguments)
    try:
        if not is_loopback(asked.host):
            raise AskedWrongly(f"the payment provider asks nobody who they are and does not listen on {asked.host}")
        bound = listen(asked.host, asked.port)
    except HarnessError as error:
        return complain(error)
    announce("payment provider", bound)
    with suppress(KeyboardInterrupt):
        server_for(payment_application(Till()), lifespan=False).run(sockets=[bound])
    return Exit.PASSED


if __name__ == "__main__":
    sys.exit(main())
