"""Certificate and acceptance report of every package of a bundle that holds, as files."""

from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.printing import printed
from harness.errors import CouldNotTell, Place
from harness.formats.acceptance_checking import Checked
from harness.formats.acceptance_views import pages_of


def write_documents(host: Host, found: Checked, folder: Path, *, pdf: bool) -> tuple[Path, ...]:
    """Write them in both languages; gives the files."""
    pages = pages_of(found)
    bodies = {f"{name}.html": body for name, body in pages.items()}
    if pdf:
        bodies |= {f"{name}.pdf": body for name, body in printed(host, pages).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in bodies.items():
            (folder / name).write_bytes(body)
    except OSError as error:
        raise CouldNotTell(f"could not write the documents: {error.strerror}", place=Place(file=str(folder))) from error
    return tuple(folder / name for name in bodies)
