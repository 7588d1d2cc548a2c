"""How each package of a bundle that holds stands, as the gate asks it: those that were replaced are left out."""

from harness.formats.acceptance_checking import Checked
from harness.model.gate import PackageSeen
from harness.rules.quorum import quorum


def packages_seen(found: Checked) -> tuple[PackageSeen, ...]:
    """The packages as of the export, in the order of the bundle."""
    return tuple(
        PackageSeen(
            code=package.code,
            sha256=sha256,
            release=package.release,
            nonce=package.nonce,
            tier=package.tier,
            state=quorum(package, sha256, found.signatures, found.withdrawn, found.bundle.exported_ms).state,
            runs=tuple((one.run, one.record_sha256) for one in package.runs),
            artifacts=package.artifacts,
        )
        for sha256, package in found.packages.items()
        if sha256 not in found.void
    )
