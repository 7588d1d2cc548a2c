"""Start one proof at full size, or every benchmark; the exit status is theirs.

A proof is `tests/proofs/<name>.py`, a benchmark `tests/bench/<name>.py`. `ARGS` in the environment
is handed on: `make proof-faults ARGS="--only wrong-type"`.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(wanted: str) -> int:
    """`--bench` starts all benchmarks, anything else is the name of a proof."""
    folder = ROOT / "tests" / ("bench" if wanted == "--bench" else "proofs")
    scripts = sorted(folder.glob("[a-z]*.py"))
    if wanted != "--bench":
        known = ", ".join(script.stem for script in scripts) or "none yet"
        scripts = [script for script in scripts if script.stem in {wanted, wanted.replace("-", "_")}]
        if not scripts:
            print(f"error: there is no proof `{wanted}`\n\nhint: the proofs are: {known}", file=sys.stderr)
            return 2
    more = shlex.split(os.environ.get("ARGS", ""))
    return max(
        (subprocess.run([sys.executable, s, *more], cwd=ROOT, check=False).returncode for s in scripts), default=0
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
