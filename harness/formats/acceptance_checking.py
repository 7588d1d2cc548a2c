"""A bundle of acceptance, believed only where everything in it holds.

Bytes first (archive, index, log), then what they say: each signature is by the passkey that its person enrolled, over
the words of a package that stood in the log before; the person was allowed to; and the sign-offs that the gate reads
are exactly those that follow.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import HarnessError
from harness.formats.acceptance_bundle import (
    CHECKPOINT,
    ENTRIES,
    INDEX,
    INDEX_TYPE,
    KEYS,
    LEAVES,
    MANIFESTS,
    PROOFS,
    SIGNOFFS,
    VERIFIER,
    signoffs_in,
    withdrawn_numbers,
)
from harness.formats.bundle import read_bundle
from harness.formats.canonical import plain
from harness.formats.dsse import NotTrusted, unseal
from harness.formats.ledger import told_by
from harness.formats.log_checking import check_log
from harness.formats.manifest import package_digest, read_package
from harness.formats.plain_zip import read_zip
from harness.formats.signature_checking import check_pinned, check_signatures
from harness.model.acceptance import Package
from harness.model.ledger import Checkpoint, Line, Log, Signature, VoidPackage
from harness.model.signoff import Bundle
from harness.rules.merkle import included, leaf_hash

_NEEDED = frozenset({SIGNOFFS, ENTRIES, PROOFS, LEAVES, CHECKPOINT, KEYS, VERIFIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A bundle that holds: its packages by digest, every signature in it, what the gate reads.

    `withdrawn` are the numbers of signatures that were taken back, `void` the digests of packages that were replaced.
    """

    packages: Mapping[str, Package]
    void: frozenset[str]
    signatures: tuple[Signature, ...]
    withdrawn: frozenset[int]
    checkpoint: Checkpoint
    bundle: Bundle


def is_acceptance(body: bytes) -> bool:
    """Whether these bytes look like such a bundle rather than the gate's single document."""
    return body.startswith(b"PK")


def check_acceptance(
    body: bytes, keys: tuple[str, ...], anchors: Sequence[bytes] = (), passkeys: Collection[str] = ()
) -> Checked:
    """What a bundle says; NotTrusted with the first thing that does not hold. `keys` are pinned, never the bundle's.

    `passkeys`: the fingerprints of those that may sign; where none is named, the portal's log says whose each is.
    """
    try:
        return _checked(read_zip(body), keys, anchors, passkeys)
    except NotTrusted:
        raise
    except (HarnessError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotTrusted(f"a part of it is not of the shape it must have ({error})") from error


def _checked(
    members: dict[str, bytes], keys: tuple[str, ...], anchors: Sequence[bytes], passkeys: Collection[str]
) -> Checked:
    index = _index(members, keys)
    packages = _packages(members)
    point, entries = check_log(_log(members), keys, anchors)
    _check_proofs(members, point)
    told = tuple(one for one in map(told_by, entries) if one is not None)
    signatures = check_signatures(packages, told)
    check_pinned(told, passkeys)
    bundle = read_bundle(members[SIGNOFFS], keys)
    said = (bundle.release, bundle.nonce, bundle.exported_ms)
    if said != (index.get("release"), index.get("nonce"), index.get("exported_ms")):
        raise NotTrusted("sign-offs and index are of different exports")
    if bundle.waivers:
        raise NotTrusted("it has waivers, and nothing in the log shows that anybody gave them")
    if bundle.signoffs != signoffs_in(packages, entries):
        raise NotTrusted("the sign-offs are not those that follow from the signatures in the log")
    return Checked(
        packages=packages,
        void=frozenset(one.package_sha256 for one in told if isinstance(one, VoidPackage)),
        signatures=signatures,
        withdrawn=withdrawn_numbers(told, signatures),
        checkpoint=point,
        bundle=bundle,
    )


def _index(members: dict[str, bytes], keys: tuple[str, ...]) -> dict[str, Any]:
    if INDEX not in members:
        raise NotTrusted("it has no index")
    index = plain(unseal(members[INDEX], INDEX_TYPE, keys), INDEX)
    if index.get("kind") != "harness/acceptance-bundle" or index.get("version") != 1:
        raise NotTrusted("it is no bundle of acceptance of version 1")
    found = [
        {"name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        for name, body in members.items()
        if name != INDEX
    ]
    if index.get("members") != found:
        raise NotTrusted(f"{_first_difference(index.get('members'), found)} is not as the index says")
    if not {one["name"] for one in found} >= _NEEDED:
        raise NotTrusted("a part that every bundle has is not there")
    for name, body in members.items():
        folder, _, rest = name.partition("/")
        if folder == "evidence" and rest != hashlib.sha256(body).hexdigest():
            raise NotTrusted(f"{name} is not what its name says")
    return dict(index)


def _first_difference(said: Any, found: list[dict[str, Any]]) -> str:
    listed = said if isinstance(said, list) else []
    names = {one["name"] for one in found} | {str(one.get("name")) for one in listed if isinstance(one, dict)}
    wrong = (name for name in sorted(names) if [one for one in found if one["name"] == name] != _of(listed, name))
    return next(wrong, "the order of the members")


def _of(listed: list[Any], name: str) -> list[Any]:
    return [one for one in listed if isinstance(one, dict) and one.get("name") == name]


def _packages(members: dict[str, bytes]) -> dict[str, Package]:
    packages: dict[str, Package] = {}
    for name, body in members.items():
        if name.startswith(MANIFESTS):
            package = read_package(body, name)
            if name != f"{MANIFESTS}{package.code}.json":
                raise NotTrusted(f"{name} holds the package {package.code}")
            packages[package_digest(package)] = package
    return packages


def _log(members: dict[str, bytes]) -> Log:
    leaves, bodies = members[LEAVES], members[ENTRIES].split(b"\n")
    proofs = plain(members[PROOFS], PROOFS)
    if len(leaves) % 32 or bodies.pop() or not isinstance(proofs, list) or len(proofs) != len(bodies):
        raise NotTrusted("entries, proofs and leaves of the log do not match")
    lines = tuple(
        Line(body=body, countersignature=str(proof["countersignature"]))
        for body, proof in zip(bodies, proofs, strict=True)
    )
    return Log(
        leaves=tuple(leaves[at : at + 32] for at in range(0, len(leaves), 32)),
        checkpoint=members[CHECKPOINT],
        lines=lines,
    )


def _check_proofs(members: dict[str, bytes], point: Checkpoint) -> None:
    """That the short proofs hold too: a reader who has one entry and its proof needs no leaves."""
    for body, proof in zip(members[ENTRIES].split(b"\n")[:-1], plain(members[PROOFS], PROOFS), strict=True):
        path = [bytes.fromhex(one) for one in proof["proof"]]
        if not included(leaf_hash(body), proof["index"], point.size, path, point.root):
            raise NotTrusted(f"the proof of entry {proof['index']} does not lead to the checkpoint")
