"""A release as it was declared: what is being let through, and the nonce that binds evidence to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """Something that is deployed; `digest` reads `sha256:<64 hex>`, of a file or of an OCI image."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A declaration. `nonce` is new each time, so that evidence of an earlier one of the same name never counts.

    `sources` are the workspace files that promises come from, with their SHA-256 as they were then: whoever
    loosens a limit, a contract or the gate's own policy afterwards must declare again.
    """

    name: str
    nonce: str
    declared_ms: int
    commit: str = ""
    artifacts: tuple[Artifact, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of what ran for a release: a run was begun (`record` empty), or ended with that record."""

    run: str
    nonce: str
    plan: str
    record: str = ""
