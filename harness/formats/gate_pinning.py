"""Putting a portal's key into `environments/gate.toml`: that one list changes, all around it stays as written.

What was written is read again: where anything else than the list came to differ, nothing is given back.
"""

import copy
import tomllib
from typing import Any

from harness.errors import AskedWrongly, Place
from harness.formats.dsse import public_bytes
from harness.formats.gate_toml import POLICY_FILE
from harness.formats.toml_places import list_span, places_in

_PATH = ("trust", "portal")


def with_portal_key(body: bytes, key: str, *, only: bool = False) -> bytes:
    """The policy that trusts the portal of this public key too, or `only` it; AskedWrongly where it can't be edited."""
    try:
        public_bytes(key)
        text = body.decode().replace("\r\n", "\n")
        before = tomllib.loads(text)
    except ValueError as error:
        raise AskedWrongly(str(error), place=Place(file=POLICY_FILE)) from error
    wanted = _wanted(before, key, only=only)
    after = _edited(text, wanted)
    if _read(after) != _as_meant(before, wanted):
        hint = f"write it by hand: [trust] portal = {_listed(wanted)}"
        raise AskedWrongly("the list of portals is written in a way that can't be edited", place=_place(), hint=hint)
    return after.replace("\n", "\r\n").encode() if b"\r\n" in body else after.encode()


def _wanted(before: dict[str, Any], key: str, *, only: bool) -> list[str]:
    trust = before.get("trust", {})
    known = trust.get("portal", []) if isinstance(trust, dict) else None
    if not isinstance(known, list) or not all(isinstance(one, str) for one in known):
        raise AskedWrongly("`[trust] portal` is no list of keys", place=_place(), hint="harness check")
    return [key] if only else [*known, *([] if key in known else [key])]


def _edited(text: str, wanted: list[str]) -> str:
    places, said = places_in(text), _listed(wanted)
    if _PATH in places:
        begin, end = list_span(text, places[_PATH])
        return text[:begin] + said + text[end:]
    lines = text.splitlines(keepends=True)
    header = places.get(_PATH[:1])
    if header is not None and lines[header[0] - 1].lstrip().startswith("[trust]"):
        line = lines[header[0] - 1].rstrip("\n")
        return "".join([*lines[: header[0] - 1], f"{line}\nportal = {said}\n", *lines[header[0] :]])
    return f"{text.rstrip()}\n\n[trust]\nportal = {said}\n"


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _as_meant(before: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    meant = copy.deepcopy(before)
    meant.setdefault("trust", {})["portal"] = wanted
    return meant


def _listed(keys: list[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in keys) + "]"


def _place() -> Place:
    return Place(file=POLICY_FILE)
