"""HTML to PDF by the browser that runs use; CouldNotTell where there is none or it prints nothing."""

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.adapters.processes import claimed
from harness.adapters.tools import ask
from harness.errors import CouldNotTell

_DEADLINE_S = 120.0


def printed(host: Host, pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """A PDF for each page, by its name."""
    browser = find_browser(host)
    if browser is None:
        raise CouldNotTell("there is no browser to print with", hint="harness doctor --fix")
    with _desk(host) as folder:
        files: list[Path] = []
        for number, body in enumerate(pages.values()):
            source = folder / f"{number}.html"
            source.write_bytes(body)
            files += [source, source.with_suffix(".pdf")]
        sandbox = "no" if host.is_root else "yes"
        said = ask([host.python, "-m", "harness.kit.pdf", browser.path, sandbox, *files], deadline_s=_DEADLINE_S)
        if not said.well or not all(file.is_file() for file in files):
            raise CouldNotTell(f"the browser could not print: {said.last_words}", hint="harness doctor")
        return {page: file.read_bytes() for page, file in zip(pages, files[1::2], strict=True)}


@contextmanager
def _desk(host: Host) -> Iterator[Path]:
    """A draft folder for the pages: claimed, so that no run that starts meanwhile takes it for a dead run's."""
    folder = host.scratch_root() / f"print-{secrets.token_hex(8)}"
    with claimed(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
