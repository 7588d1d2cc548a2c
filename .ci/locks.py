"""Write .locks/*.txt from pyproject.toml: one resolution for everything, then one file per extra.

Every file holds exact versions with their hashes and no download address: where packages come
from is said by the installing machine's own pip configuration. A package has the same version in
every file that names it. Versions already locked are kept; `--upgrade` moves them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / ".locks"
EXTRAS = {"core": (), "sample": ("sample",), "portal": ("portal",), "dev": ("dev",)}
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*==[^\s;\\]+)")


def main() -> int:
    """Resolve once, then write each lock under that resolution."""
    compiler = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    if not shutil.which(compiler):
        sys.exit("locks: `uv` is needed to write locks. Type: .venv/bin/python -m pip install uv")
    LOCKS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        resolved = Path(folder) / "all.txt"
        if "--upgrade" not in sys.argv:
            resolved.write_text("\n".join(sorted(_pins_in(*LOCKS.glob("*.txt")))))
        _compile(compiler, "pyproject.toml", resolved, "--all-extras")
        for name, extras in EXTRAS.items():
            wanted = [part for extra in extras for part in ("--extra", extra)]
            _compile(compiler, "pyproject.toml", LOCKS / f"{name}.txt", "--constraints", str(resolved), *wanted)
        builders = Path(folder) / "build.in"
        builders.write_text("\n".join(_builders()))
        _compile(compiler, str(builders), LOCKS / "build.txt", "--constraints", str(resolved))
    return _nothing_points_outside()


def _compile(compiler: str, source: str, target: Path, *more: str) -> None:
    """One `uv pip compile`; its own words on failure are the message."""
    how = ["--universal", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"]
    if target.parent == LOCKS:
        target.unlink(missing_ok=True)
        how.append("--generate-hashes")
    argv = [compiler, "pip", "compile", *how, "--python-version", "3.11", "--output-file", str(target), *more, source]
    subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _builders() -> list[str]:
    """What building this package takes; `editables` is hatchling's for an install in place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [*project["build-system"]["requires"], "editables"]


def _pins_in(*files: Path) -> set[str]:
    """The `name==version` part of every requirement."""
    return {match[1] for file in files for line in file.read_text().splitlines() if (match := PIN.match(line))}


def _nothing_points_outside() -> int:
    """A lock that names an address or a path is refused."""
    for lock in sorted(LOCKS.glob("*.txt")):
        text = lock.read_text()
        print(f"{lock.relative_to(ROOT)}  {len(_pins_in(lock))} packages")
        if re.search(r"://|file:|^--(?!hash)", text, re.MULTILINE) or " @ " in text:
            sys.exit(f"locks: {lock.name} names a download address; that belongs to the installing machine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
