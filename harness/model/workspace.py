"""A workspace: everything that people wrote, read and parsed once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.contract import Contract
from harness.model.criteria import Criterion
from harness.model.load import LoadSpec
from harness.model.plan import Accepted
from harness.model.probes import Probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """`root` is an absolute directory; paths of files inside are relative to it, with `/`.

    `contracts` by their relative path, `accepted` findings and `probes` by the path of their contract;
    `scripts` the pytest node ids of each `uat/test_*.py` (`test_x.py::test_y`), by file name; `digests` the
    SHA-256 of every file that was read.
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
    accepted: Mapping[str, tuple[Accepted, ...]] = field(default_factory=dict)
    probes: Mapping[str, Probes] = field(default_factory=dict)
