"""What `harness verify` says of an acceptance bundle or an export of the portal's log."""

from pathlib import Path

from harness.actions.acceptance_documents import write_documents
from harness.actions.acceptances import Whole, verified
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.errors import AskedWrongly
from harness.formats.acceptance_checking import Checked
from harness.formats.acceptance_text import acceptance_text
from harness.formats.shape import to_json


def is_ours(file: Path) -> bool:
    """Whether a file is an archive: a bundle or a log, and no attestation."""
    try:
        with file.open("rb") as body:
            return body.read(2) == b"PK"
    except OSError:
        return False


def act(
    out: Out,
    file: Path,
    keys: tuple[str, ...],
    checkpoints: Path | None,
    folder: Path | None,
    *,
    pdf: bool,
    passkeys: tuple[str, ...] = (),
) -> int:
    """Exit 0 where everything in it holds; what does not is raised with its reason."""
    found = verified(file, keys, checkpoints, passkeys)
    match found:
        case Whole():
            if folder is not None:
                raise AskedWrongly(f"{file} is a log, and a log has no certificate", hint="name an acceptance bundle")
            _log(out, found, checkpoints)
        case Checked():
            _bundle(out, found, checkpoints)
            for made in write_documents(Host(), found, folder, pdf=pdf) if folder is not None else ():
                out.say(f"written   {made}")
    return 0


def _log(out: Out, found: Whole, checkpoints: Path | None) -> None:
    point = found.checkpoint
    if out.json:
        out.document(
            "verified-log", origin=point.origin, size=point.size, root=point.root.hex(), anchored=found.anchored
        )
        return
    out.result(f"the log {point.origin} holds: {point.size} entries, root {point.root.hex()[:16]}")
    if found.anchored < point.size and checkpoints is not None:
        out.result(f"not yet anchored outside: entries {found.anchored} to {point.size - 1}")
    _warn(out, checkpoints)


def _bundle(out: Out, found: Checked, checkpoints: Path | None) -> None:
    if out.json:
        out.document(
            "verified-acceptance",
            packages=sorted(found.packages),
            signatures=[to_json(one) for one in found.signatures],
            signoffs=[to_json(one) for one in found.bundle.signoffs],
        )
        return
    out.result(acceptance_text(found, out.language))
    _warn(out, checkpoints)


def _warn(out: Out, checkpoints: Path | None) -> None:
    if checkpoints is None:
        out.say("no outside checkpoint was given: a log that was written anew as a whole would not be noticed")
