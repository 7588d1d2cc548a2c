"""What results obtained through a mock stand on: its certificate, if that is still about what was served.

A certificate for another contract or other stubs is stale: it says nothing about this mock. When the mock was
called is kept as spans, so that anybody can work out later which results rest on it; where in doubt a span is
too long, never too short.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.model.evidence import Certified, StoodIn

COUNTED_MS = 2000
_APART_MS = 1000
_MOST_SPANS = 500
_SAID = {True: Certified.HOLDS, False: Certified.BREAKS, None: Certified.UNDECIDED}


def stood_in(dependency: str, folder: str, standing: Mapping[str, Any], called: tuple[tuple[int, int], ...]) -> StoodIn:
    """How a mock stood in; `standing` is what its journal begins with."""
    contract, stubs = (str(standing.get(key) or "") for key in ("contract_sha256", "stubs_sha256"))
    bare = StoodIn(dependency=dependency, folder=folder, contract_sha256=contract, stubs_sha256=stubs, called=called)
    certificate = standing.get("certificate")
    if not isinstance(certificate, Mapping) or "sha256" not in certificate:
        return bare
    served = (("contract", contract), ("stubs", stubs))
    differs = tuple(name for name, digest in served if certificate.get(f"{name}_sha256") != digest)
    return replace(
        bare,
        certified=Certified.STALE if differs else _SAID[certificate.get("holds")],
        certificate_sha256=str(certificate["sha256"]),
        findings=int(certificate.get("findings") or 0),
        differs=differs,
    )


def extend(spans: list[tuple[int, int]], at_ms: object, before_ms: int = 0) -> None:
    """A call at a time, or somewhere in the `before_ms` before it; calls close together make one span."""
    if not isinstance(at_ms, int):
        return
    start = at_ms - before_ms
    if spans and (start - spans[-1][1] <= _APART_MS or len(spans) >= _MOST_SPANS):
        spans[-1] = (min(start, spans[-1][0]), max(at_ms, spans[-1][1]))
    else:
        spans.append((start, at_ms))
