"""What a mock stands on: the digests of what it serves, and the certificate beside it if there is one.

`harness mock verify` writes the certificate into the mock's own folder. Whether it is still about this contract and
these stubs is for the reader to say; here both sides are told.
"""

import hashlib
from pathlib import Path
from typing import Any

from harness.adapters.mock_server.loading import LoadedMock
from harness.errors import HarnessError

CERTIFICATE = "certificate.json"


def certificate_file(target: Path) -> Path | None:
    """Where the certificate of a mock folder lies; None for a document alone."""
    return target / CERTIFICATE if target.is_dir() else None


def standing_of(target: Path, loaded: LoadedMock) -> dict[str, Any]:
    """What the journal of a mock begins with, for the record of the run."""
    told: dict[str, Any] = {
        "contract_sha256": loaded.contract.sha256 if loaded.contract is not None else "",
        "stubs_sha256": loaded.stubs_sha256,
    }
    file = certificate_file(target)
    if file is not None and file.is_file():
        told["certificate"] = _told(file)
    return told


def _told(file: Path) -> dict[str, Any]:
    # here, so that a mock without a certificate starts fast
    from harness.formats.documents import read_document
    from harness.model.mock import Certificate

    try:
        body = file.read_bytes()
        certificate = read_document(Certificate, body, str(file))
    except (HarnessError, OSError) as error:
        return {"unreadable": str(error).splitlines()[0]}
    return {
        "sha256": hashlib.sha256(body).hexdigest(),
        "contract_sha256": certificate.contract_sha256,
        "stubs_sha256": certificate.stubs_sha256,
        "holds": certificate.holds,
        "findings": len(certificate.findings),
    }
