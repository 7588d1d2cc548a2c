"""The hub's front desk: tokens, health, version, and the ERP's call-back."""

import os
import time
from pathlib import Path

from harness.sample.answers import Answer, as_json
from harness.sample.hub import Hub
from harness.sample.reading import Request
from harness.sample.tokens import LIFETIME_S

_STATM = Path("/proc/self/statm")


async def issue_token(hub: Hub, request: Request) -> Answer:
    """A token for client credentials."""
    client = hub.tokens.client(request.body["client_id"], request.body["client_secret"])
    if client is None:
        error = {"error": "invalid_client", "error_description": "unknown client or wrong secret"}
        return as_json(error, status=401)
    token = {
        "access_token": hub.tokens.issue(client),
        "token_type": "Bearer",
        "expires_in": LIFETIME_S,
        "scope": " ".join(sorted(client.scopes)),
    }
    return as_json(token, headers=((b"cache-control", b"no-store"),))


async def get_health(hub: Hub, request: Request) -> Answer:
    """Able to work, and the figures by which a leak is seen."""
    del request
    return as_json(
        {
            "status": "ok",
            "uptimeSeconds": int(time.monotonic() - hub.started),
            "memoryBytes": memory_bytes(),
            "connectionsInUse": hub.store.database.in_use,
        }
    )


async def get_version(hub: Hub, request: Request) -> Answer:
    """The release that is deployed."""
    del request
    return as_json({"version": hub.version})


async def report_stock(hub: Hub, request: Request) -> Answer:
    """Note what is left of a product."""
    report = request.body
    hub.store.note_stock(request.caller.tenant, report["sku"], int(report["available"]), int(report["sequence"]))
    return Answer(status=204)


def memory_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
