"""`harness portal trust`: the workspace's gate believes the sign-offs of this portal.

Whoever may edit the policy may do this; a release that was declared before has to be declared again, as with any
other change of the policy.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, Place
from harness.formats.gate_pinning import with_portal_key
from harness.formats.gate_toml import POLICY_FILE, read_gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The portals that are trusted now, those of them that were not before, and whether the policy changed."""

    keys: tuple[str, ...]
    added: tuple[str, ...]
    changed: bool


def pin(root: Path, key: str, *, only: bool = False) -> Pinned:
    """Put the key into the policy."""
    path = root / POLICY_FILE
    if not path.is_file():
        hint = "write what must hold to enter a tier: harness help gate"
        raise AskedWrongly("there is no policy that could trust a portal", place=Place(file=POLICY_FILE), hint=hint)
    before = path.read_bytes()
    after = with_portal_key(before, key, only=only)
    keys = read_gate(after, tier_names(root)).portal_keys
    if after != before:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(after)
        draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    known = tomllib.loads(before.decode()).get("trust", {}).get("portal", ())
    return Pinned(keys=keys, added=tuple(one for one in keys if one not in known), changed=after != before)
