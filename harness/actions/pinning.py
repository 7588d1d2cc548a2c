"""`harness portal trust`: the workspace's gate believes the sign-offs of this portal.

Whoever may edit the policy may do this; a release that was declared before has to be declared again, as with any
other change of the policy.
"""

import os
from pathlib import Path

from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, Place
from harness.formats.gate_pinning import with_portal_key
from harness.formats.gate_toml import POLICY_FILE, read_gate


def pin(root: Path, key: str, *, only: bool = False) -> tuple[tuple[str, ...], bool]:
    """Put the key into the policy; gives the portals that are trusted now, and whether anything changed."""
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
    return keys, after != before
