"""`python -m harness.sample`: start the order hub, or list what can be made wrong with it."""

import argparse
import json
import sys
from contextlib import suppress

from harness.errors import Exit, HarnessError
from harness.sample.app import Application
from harness.sample.faults import KNOWN
from harness.sample.hub import build_hub
from harness.sample.settings import read_settings
from harness.sample.terminal import announce, complain, listen, server_for


def main(arguments: list[str] | None = None) -> int:
    """The exit status; a start that was asked wrongly says so in sentences."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.sample", description="A small order hub to try the harness on."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one and says which")
    parser.add_argument("--list-faults", action="store_true", help="name every fault that SAMPLE_FAULTS can turn on")
    parser.add_argument("--json", action="store_true", help="with --list-faults: suite and sentence too")
    asked = parser.parse_args(arguments)
    if asked.list_faults:
        _list_faults(as_document=asked.json)
        return Exit.PASSED
    try:
        settings = read_settings(asked.host)
        bound = listen(asked.host, asked.port)
        hub = build_hub(settings)
    except HarnessError as error:
        return complain(error)
    wrong = ", ".join(sorted(settings.faults)) or "none"
    announce(f"order hub {settings.version}, faults: {wrong},", bound)
    with suppress(KeyboardInterrupt):
        server_for(Application(hub), lifespan=True).run(sockets=[bound])
    return Exit.PASSED


def _list_faults(*, as_document: bool) -> None:
    if as_document:
        faults = [{"name": known.fault, "suite": known.suite, "sentence": known.sentence} for known in KNOWN]
        sys.stdout.write(json.dumps(faults, indent=2) + "\n")
        return
    sys.stdout.writelines(f"{known.fault}\n" for known in KNOWN)


if __name__ == "__main__":
    sys.exit(main())
