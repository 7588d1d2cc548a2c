"""`python -m harness.sample`: start the order hub, or list what can be made wrong with it."""

import argparse
import json
import sys

import uvicorn

from harness.errors import Exit, HarnessError
from harness.sample.app import Application
from harness.sample.faults import KNOWN
from harness.sample.hub import build_hub
from harness.sample.settings import read_settings
from harness.sample.terminal import complain


def main(arguments: list[str] | None = None) -> int:
    """The exit status; a start that was asked wrongly says so in sentences."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.sample", description="A small order hub to try the harness on."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--list-faults", action="store_true", help="name every fault that SAMPLE_FAULTS can turn on")
    parser.add_argument("--json", action="store_true", help="with --list-faults: suite and sentence too")
    asked = parser.parse_args(arguments)
    if asked.list_faults:
        _list_faults(as_document=asked.json)
        return Exit.PASSED
    try:
        hub = build_hub(read_settings(asked.host))
    except HarnessError as error:
        return complain(error)
    return serve(Application(hub), asked.host, asked.port)


def serve(application: Application, host: str, port: int) -> int:
    """Serve until told to stop; 2 when the address cannot be had."""
    config = uvicorn.Config(
        application, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    server.run()
    return Exit.PASSED if server.started else Exit.ASKED_WRONGLY


def _list_faults(*, as_document: bool) -> None:
    if as_document:
        faults = [{"name": known.fault, "suite": known.suite, "sentence": known.sentence} for known in KNOWN]
        sys.stdout.write(json.dumps(faults, indent=2) + "\n")
        return
    sys.stdout.writelines(f"{known.fault}\n" for known in KNOWN)


if __name__ == "__main__":
    sys.exit(main())
