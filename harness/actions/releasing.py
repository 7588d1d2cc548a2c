"""Declaring a release: what will be deployed, from which sources, under a nonce of its own."""

import hashlib
import re
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.releases import write_declared
from harness.adapters.workspace_files import load_tier, load_workspace, tier_names
from harness.errors import AskedWrongly, Place
from harness.formats.documents import digest
from harness.model.release import Artifact, Declared

POLICY = "environments/gate.toml"
_OCI = re.compile(r"(?:(?P<name>\S+)@)?(?P<digest>sha256:[0-9a-f]{64})")


def declare(
    host: Host, root: Path, name: str, artifacts: tuple[str, ...], *, commit: str = "", again: bool = False
) -> tuple[Declared, Path]:
    """Declare a release; gives the declaration and its file. `artifacts` are files or OCI digests."""
    declared = declaration(host, root, name, artifacts, commit)
    twice = {one.name for one in declared.artifacts if [two.name for two in declared.artifacts].count(one.name) > 1}
    if twice:
        raise AskedWrongly(f"artifact {min(twice)} is given twice", hint="give each artifact a name of its own")
    return declared, write_declared(root, declared, again=again)


def declaration(host: Host, root: Path, name: str, artifacts: tuple[str, ...] = (), commit: str = "") -> Declared:
    """What a declaration made now would say; nothing is written."""
    tiers = tuple(load_tier(root, tier, host.environ) for tier in tier_names(root))
    digests = dict(load_workspace(root, tiers).digests)
    if (root / POLICY).is_file():
        digests[POLICY] = digest((root / POLICY).read_bytes())
    return Declared(
        name=name,
        nonce=host.new_key().hex()[:32],
        declared_ms=host.now_ms(),
        commit=commit,
        artifacts=tuple(sorted((artifact_of(one) for one in artifacts), key=lambda one: one.name)),
        sources=tuple(sorted(digests.items())),
    )


def artifact_of(text: str) -> Artifact:
    """`sha256:…` or `image@sha256:…` as it stands, else the digest of a file."""
    if found := _OCI.fullmatch(text):
        return Artifact(name=found["name"] or "image", digest=found["digest"])
    path = Path(text)
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                whole.update(part)
    except OSError as error:
        hint = "an artifact is a file, or an image as name@sha256:<64 hex digits>"
        raise AskedWrongly(f"can't read {text}: {error.strerror}", place=Place(file=text), hint=hint) from error
    return Artifact(name=path.name, digest=f"sha256:{whole.hexdigest()}")
