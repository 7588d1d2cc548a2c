"""Recorded requests for a tier where no generator may run: looked at by a person, and sent exactly as they stand."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One request: `path` with its query, below the base URL; `status` is what it must be answered."""

    operation: str
    method: str
    path: str
    status: str
    headers: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """The list, in its order. `contract_sha256` is of the contract that it was written for.

    `sha256` is the digest that the file names, `sealed` the digest of the list as it stands: whoever changes the list
    has to seal it again. `written` are the probes as JSON, for who sends them.
    """

    contract_sha256: str
    sha256: str
    sealed: str
    probes: tuple[Probe, ...]
    written: tuple[str, ...] = ()
