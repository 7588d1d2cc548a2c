"""A contract of use: what a run asked a mock and was answered, so that the real dependency can be asked.

An interaction that needs what an earlier one gave out (an id) says so by a link: replayed, it takes the real one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`value`, as the mock gave it out, stands where interaction number `by` answered it, at a JSON pointer."""

    value: str
    by: int
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One interaction that was relied on. `path` is below the dependency's address, `query` as it was sent.

    `withheld` says why it cannot be sent again; bodies are then empty.
    """

    operation: str
    method: str
    path: str
    status: int
    source: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer_body: str = ""
    stub: str = ""
    session: str = ""
    withheld: str = ""
    links: tuple[Link, ...] = ()

    @property
    def label(self) -> str:
        """How reports name it."""
        return f"{self.operation}@{self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractOfUse:
    """What a run relied on a mock for. `kinds` pairs each operation and status with how often it was answered."""

    dependency: str
    folder: str = ""
    contract_sha256: str = ""
    stubs_sha256: str = ""
    uses: tuple[Use, ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    unused: tuple[str, ...] = ()
    unmatched: tuple[tuple[str, int], ...] = ()
