"""`harness contract probes TIER` and `harness contract seal FILE`: what may be sent where nothing is tried.

What is written is a proposal: a person reads it, strikes out what must not be asked, seals it, and commits it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from harness.adapters.host import Host
from harness.adapters.run_directory import load_plan, runs
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly
from harness.formats.contract_probes import digest_of, read_probes, write_probes
from harness.formats.openapi_walk import resolve
from harness.model.contract import Contract, Operation
from harness.model.plan import ContractWork
from harness.model.probes import Probe, Probes
from harness.rules.contract_probes import may_be_probed
from harness.rules.contract_probing import probe_for
from harness.runners.contract_kept import ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A list that was written; `left_out` are safe operations without a request, with the reason."""

    path: str
    probes: tuple[Probe, ...]
    left_out: tuple[tuple[str, str], ...]


def write_lists(host: Host, root: Path, tier_name: str) -> tuple[Written, ...]:
    """One list for each contract of a tier's systems."""
    tier = load_tier(root, tier_name, host.environ)
    workspace = load_workspace(root, (tier,))
    made = []
    for path in dict.fromkeys(system.contract for system in tier.systems if system.contract):
        contract = workspace.contracts[path]
        recorded = _recorded(root, path)
        found: list[Probe] = []
        left_out: list[tuple[str, str]] = []
        for operation in contract.operations:
            if not may_be_probed(operation, tier.policy):
                continue
            probe, why = probe_for(operation, _parameters(contract, operation), recorded.get(operation.id))
            if probe is None:
                left_out.append((operation.id, why))
            else:
                found.append(probe)
        file = f"contracts/{PurePosixPath(path).name.partition('.')[0]}.probes.toml"
        if (root / file).exists():
            raise AskedWrongly(
                f"{file} is there already, as somebody left it",
                hint="move it away for a new proposal, and compare them before you seal it",
            )
        listed = Probes(contract_sha256=contract.sha256, sha256="", sealed=digest_of(found), probes=tuple(found))
        (root / file).write_text(write_probes(file, listed, left_out), encoding="utf-8")
        made.append(Written(path=file, probes=tuple(found), left_out=tuple(left_out)))
    if not made:
        raise AskedWrongly(f"no system of {tier_name} names a contract", hint=f"harness config {tier_name}")
    return tuple(made)


def seal(root: Path, file: str) -> tuple[str, int]:
    """Write the digest of a list as it stands now; gives it, and how many requests it covers."""
    path = (root / file).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise AskedWrongly(f"there is no list {file}", hint="harness contract probes TIER writes one")
    listed = read_probes(path.read_bytes(), file)
    text = path.read_text(encoding="utf-8")
    lines = [
        f'sha256          = "{listed.sealed}"' if line.replace(" ", "").startswith('sha256="') else line
        for line in text.split("\n")
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return listed.sealed, len(listed.probes)


def _parameters(contract: Contract, operation: Operation) -> tuple[Mapping[str, Any], ...]:
    """The parameters of an operation and of its path, references followed; its own win."""
    item = _followed(contract, contract.document["paths"].get(operation.path))
    own = _followed(contract, item.get(operation.method.lower()))
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in (*(item.get("parameters") or ()), *(own.get("parameters") or ())):
        parameter = _followed(contract, one)
        schema = _followed(contract, parameter.get("schema"))
        found[(str(parameter.get("in")), str(parameter.get("name")))] = {**parameter, "schema": schema or None}
    return tuple(one for one in found.values() if one.get("in") in {"path", "query", "header"})


def _followed(contract: Contract, node: Any) -> Mapping[str, Any]:
    for _ in range(16):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            break
        try:
            node = resolve(contract.document, node["$ref"])
        except LookupError:
            return {}
    return node if isinstance(node, dict) else {}


def _recorded(root: Path, contract: str) -> dict[str, Probe]:
    """What runs recorded for a contract, by operation; the newest run wins."""
    found: dict[str, Probe] = {}
    for path in runs(root):
        plan = load_plan(path)
        for job in plan.jobs:
            file = path / "jobs" / job.id.replace(":", "-") / ACCEPTED
            if isinstance(job.work, ContractWork) and job.work.contract == contract and file.is_file():
                for probe in _probes_in(file.read_bytes()):
                    found[probe.operation] = replace(probe, source=f"recorded on {plan.tier}")
    return found


def _probes_in(body: bytes) -> Iterator[Probe]:
    try:
        document = json.loads(body)
        for name, one in document["accepted"].items():
            if "[redacted" not in one["path"]:
                yield Probe(operation=name, method=one["method"], path=one["path"], status=one["status"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return
