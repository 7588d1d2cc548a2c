"""Is there a secret in what a run wrote? Every byte of it searched, apart from what redacted it.

Known values are those that the tier's references stand for now; beside them counts whatever looks like a credential.
What can't be opened is a doubt, never a pass.
"""

from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.run_directory import load_run
from harness.adapters.secrets import Secrets
from harness.adapters.workspace_files import load_tier
from harness.errors import HarnessError
from harness.formats.redact_scan import scan
from harness.model.auth import Login, MintedToken
from harness.model.tier import ApiKey, Basic, Bearer, ClientCredentials, SecretRef, Tier
from harness.rules.redacting import Hit, redactor_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan came to. `unknown` are references that could not be resolved here, `unread` files not opened."""

    files: int
    searched_for: tuple[str, ...]
    hits: tuple[Hit, ...]
    unknown: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]


def scan_run(host: Host, root: Path, path: Path) -> Scanned:
    """Search every file of a stored run."""
    plan, _, _ = load_run(path)
    known, unknown = _known(host, root, plan.tier)
    redactor = redactor_for(known, key=host.new_key())
    hits: list[Hit] = []
    unread: list[tuple[str, str]] = []
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    for file in files:
        name = file.relative_to(path).as_posix()
        try:
            hits += scan(redactor, file.read_bytes(), name)
        except Exception as error:  # noqa: BLE001 - whatever can't be opened is told, and never counts as clean
            unread.append((name, f"{type(error).__name__}: {error}"))
    return Scanned(files=len(files), searched_for=tuple(known), hits=tuple(hits), unknown=unknown, unread=tuple(unread))


def _known(host: Host, root: Path, tier_name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    tier = load_tier(root, tier_name, host.environ)
    secrets = Secrets(host.environ, root)
    unknown: list[str] = []
    for reference in _references(tier):
        try:
            secrets.value(reference, where=f"the tier {tier_name}")
        except HarnessError:
            unknown.append(f"{reference.kind} `{reference.at}`")
    return dict(secrets.known()), tuple(unknown)


def _references(tier: Tier) -> tuple[SecretRef, ...]:
    found: list[SecretRef] = []
    for system in tier.systems:
        match system.auth:
            case Bearer(token=reference) | Basic(password=reference) | ApiKey(value=reference):
                found.append(reference)
            case ClientCredentials(client_secret=reference) | MintedToken(key=reference):
                found.append(reference)
            case Login(fields=fields):
                found += [value for _, value in fields if isinstance(value, SecretRef)]
            case None:
                pass
    starts = (*(one.start for one in tier.systems), *(one.start for one in tier.dependencies))
    found += [value for start in starts if start for _, value in start.env if isinstance(value, SecretRef)]
    return tuple(dict.fromkeys(found))
