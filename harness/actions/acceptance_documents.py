"""Certificate and acceptance report of every package of a bundle that holds, as files."""

from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.printing import printed
from harness.errors import CouldNotTell, Place
from harness.formats.acceptance_checking import Checked
from harness.formats.acceptance_pages import View, certificate_page, report_page
from harness.rules.quorum import quorum, standing_signatures

LANGUAGES = ("en", "zh")


def views(found: Checked) -> tuple[View, ...]:
    """Each package as its pages show it, as of the bundle's export."""
    return tuple(
        View(
            package=package,
            sha256=sha256,
            state=quorum(package, sha256, found.signatures, found.withdrawn, found.bundle.exported_ms).state,
            signatures=tuple(one for one in found.signatures if one.statement.package_sha256 == sha256),
            standing=frozenset(one.number for one in standing_signatures(sha256, found.signatures, found.withdrawn)),
            checkpoint=found.checkpoint,
        )
        for sha256, package in found.packages.items()
    )


def write_documents(host: Host, found: Checked, folder: Path, *, pdf: bool) -> tuple[Path, ...]:
    """Write them in both languages; gives the files."""
    pages = {}
    for view in views(found):
        for language in LANGUAGES:
            pages[f"certificate-{view.package.code}.{language}"] = certificate_page(view, language)
            pages[f"acceptance-report-{view.package.code}.{language}"] = report_page(view, language)
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
