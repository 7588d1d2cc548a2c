"""`contracts/<name>.probes.toml`: the requests that may be sent where no generator runs, and their digest."""

import hashlib
import json
import re
from collections.abc import Iterable

from harness.formats.documents import canonical
from harness.formats.toml_table import Table, read_toml
from harness.model.probes import Probe, Probes

_REQUEST = re.compile(r"([A-Z]+) (/[!-~]*)")
_STATUS = re.compile(r"[1-5][0-9]{2}|[1-5]XX")
_OWN = frozenset(("authorization", "cookie", "host", "content-length", "transfer-encoding", "connection", "expect"))
_HEAD = """\
# Requests for tiers whose policy limits methods. Exactly these are sent, in this order, and nothing else.
# Read every line: what is asked here is asked of people's own data. After a change: harness contract seal {contract}
"""


def read_probes(body: bytes, file: str) -> Probes:
    """The list; a HarnessError with every problem of the file."""
    table = read_toml(body, file)
    contract, sealed = table.text("contract-sha256"), table.text("sha256")
    probes = tuple(_probe(entry) for entry in table.tables("probes"))
    if not probes:
        table.missing("probes", "at least one [[probes]]")
    table.finish()
    table.raise_problems()
    return Probes(
        contract_sha256=contract,
        sha256=sealed,
        sealed=digest_of(probes),
        probes=probes,
        written=tuple(probe_json(one) for one in probes),
    )


def digest_of(probes: Iterable[Probe]) -> str:
    """SHA-256 over what is sent and expected, in order; where a value came from does not count."""
    return hashlib.sha256(
        canonical([[one.operation, one.method, one.path, one.status, [list(h) for h in one.headers]] for one in probes])
    ).hexdigest()


def write_probes(contract: str, probes: Probes, left_out: Iterable[tuple[str, str]] = ()) -> str:
    """The file. `left_out` names operations that are safe and got no probe, with the reason."""
    lines = [_HEAD.format(contract=contract)]
    lines += [f"# no probe for {name}: {why}\n" for name, why in left_out]
    lines.append(f'contract-sha256 = "{probes.contract_sha256}"\nsha256          = "{probes.sha256}"\n')
    for one in probes.probes:
        lines.append(
            f"\n[[probes]]\noperation = {_quoted(one.operation)}\nrequest   = {_quoted(one.method + ' ' + one.path)}\n"
            f"status    = {_quoted(one.status)}\n"
        )
        if one.headers:
            pairs = ", ".join(f"{_quoted(name)} = {_quoted(value)}" for name, value in one.headers)
            lines.append(f"headers   = {{ {pairs} }}\n")
        if one.source:
            lines.append(f"from      = {_quoted(one.source)}\n")
    return "".join(lines)


def probe_json(probe: Probe) -> str:
    """One request for the worker that sends it."""
    return json.dumps(
        {
            "operation": probe.operation,
            "method": probe.method,
            "path": probe.path,
            "status": probe.status,
            "headers": dict(probe.headers),
        }
    )


def _probe(table: Table) -> Probe:
    text = table.text("request")
    found = _REQUEST.fullmatch(text)
    if text and found is None:
        table.wrong("request", f"`{text}` is no request", 'for example "GET /orders?page=1"')
    status = table.text("status")
    if status and not _STATUS.fullmatch(status):
        table.wrong("status", f"`{status}` is no status")
    headers = table.table("headers")
    pairs: list[tuple[str, str]] = []
    for name in headers.keys() if headers is not None else ():
        assert headers is not None
        if name.lower() in _OWN:
            headers.wrong(name, f"`{name}` is not for a probe: credentials come from the tier")
        pairs.append((name, headers.text(name)))
    made = Probe(
        operation=table.text("operation"),
        method=found[1] if found else "",
        path=found[2] if found else "",
        status=status,
        headers=tuple(pairs),
        source=table.text("from", ""),
    )
    table.finish()
    return made


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
