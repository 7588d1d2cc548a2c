"""What was acknowledged is kept: the server is killed at any moment of a signing and started again from nothing.

`tests/proofs/portal.py` does it two hundred times on both databases, and lets many sign at once.
"""

import json
import random
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from harness.formats.log_checking import check_log
from harness.model.ledger import Line, Log
from tests.live.portal.people import open_office
from tests.live.portal.serving import Serving, served
from tests.portal.browser import Browser

pytestmark = [pytest.mark.live, pytest.mark.needs("postgresql")]


def log_of(portal: Serving) -> tuple[int, dict[int, str]]:
    """The log as another process reads it, whole and believed only where all of it holds; signatures by number."""
    rows, note, signed = _rows(portal)
    log = Log(
        leaves=tuple(bytes.fromhex(leaf) for _, leaf, _ in rows),
        checkpoint=note.encode(),
        lines=tuple(Line(body=bytes(body), countersignature=said) for body, _, said in rows),
    )
    _, entries = check_log(log, (portal_key(portal),), _anchor(portal))
    in_log = {one.index for one in entries if one.kind == "signature"}
    assert in_log == set(signed), "a signature is in the log and on the pages, or in neither"
    return len(rows), signed


def _rows(portal: Serving) -> tuple[list[tuple], str, dict[int, str]]:
    asked = (
        'SELECT body, leaf_sha256, countersignature FROM portal_entry ORDER BY "index"',
        "SELECT checkpoint FROM portal_head",
        "SELECT number, statement_sha256 FROM portal_signed",
    )
    if portal.database:
        with psycopg.connect(portal.database) as database:
            entries, ((note,),), signed = (database.execute(one).fetchall() for one in asked)
    else:
        file = f"file:{portal.data / 'portal.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            entries, ((note,),), signed = (database.execute(one).fetchall() for one in asked)
    return entries, note, dict(signed)


def _anchor(portal: Serving) -> tuple[bytes, ...]:
    kept = portal.witness / "checkpoint.txt"
    return (kept.read_bytes(),) if kept.exists() else ()


def portal_key(portal: Serving) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from harness.formats.dsse import public_text

    raw = bytes.fromhex((portal.data / "portal.key").read_text())
    return public_text(Ed25519PrivateKey.from_private_bytes(raw))


def ready(browser: Browser, code: str, role: str) -> dict:
    """All but the touch: gives what the device says."""
    browser.answer_all(code, role)
    assert browser.decide(code, role, "accept").status_code == 302
    browser.get(f"/packages/{code}/{role}/sign")
    return browser.device.used(browser.given())


def killed_while_signing(portal: Serving, times: int, seed: int) -> tuple[int, int]:
    """Kill the server `times` at a random moment of a signing; (acknowledged, kept)."""
    office = open_office(portal)
    browser = office.signer("li", "order-desk")
    moments, acknowledged = random.Random(seed), 0
    for number in range(times):
        code = office.package(("order-desk",), number)
        answer = ready(browser, code, "order-desk")
        said: list[int] = []
        touch = threading.Thread(target=_touch, args=(browser, code, answer, said))
        touch.start()
        time.sleep(moments.uniform(0.0, 0.06))
        portal.kill()
        touch.join()
        acknowledged += len(said)
        _, signed = log_of(portal)
        assert set(said) <= set(signed), "an acknowledged signature was lost"
        portal.start()
    return acknowledged, len(log_of(portal)[1])


def _touch(browser: Browser, code: str, answer: dict, said: list[int]) -> None:
    try:
        done = browser.post_json(f"/packages/{code}/order-desk/sign", answer)
    except httpx.TransportError:
        return
    if done.status_code == 200:
        said.append(json.loads(done.text)["number"])


def test_a_server_that_is_killed_while_people_sign_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    with served(tmp_path) as portal:
        acknowledged, kept = killed_while_signing(portal, 2, 1)
        assert kept >= acknowledged
