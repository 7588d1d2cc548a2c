"""The pages of a bundle that holds: certificate and report of each package, in each language, as of its export."""

from harness.formats.acceptance_checking import Checked
from harness.formats.acceptance_pages import View, certificate_page, report_page
from harness.rules.quorum import quorum, standing_signatures

LANGUAGES = ("en", "zh")


def views(found: Checked) -> tuple[View, ...]:
    """Each package as its pages show it."""
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


def pages_of(found: Checked) -> dict[str, bytes]:
    """Every page by its name, without a suffix."""
    pages = {}
    for view in views(found):
        for language in LANGUAGES:
            pages[f"certificate-{view.package.code}.{language}"] = certificate_page(view, language)
            pages[f"acceptance-report-{view.package.code}.{language}"] = report_page(view, language)
    return pages
