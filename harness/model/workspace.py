"""A workspace: everything that people wrote, read and parsed once."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.model.contract import Contract
from harness.model.criteria import Criterion
from harness.model.load import LoadSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """`root` is an absolute directory; paths of files inside are relative to it, with `/`.

    `contracts` by their relative path; `scripts` the pytest node ids of each `uat/test_*.py` (`test_x.py::test_y`),
    by file name; `digests` the SHA-256 of every file that was read.
    """

    root: str
    name: str
    tiers: tuple[str, ...]
    contracts: Mapping[str, Contract]
    loads: tuple[LoadSpec, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    scripts: Mapping[str, tuple[str, ...]]
    languages: tuple[str, ...] = ("en", "zh")
    digests: Mapping[str, str]
