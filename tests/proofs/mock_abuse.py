"""Proof: whatever a client sends, a mock reads no file outside its folder, calls nobody, and goes on serving.

    mock_abuse.py             full size: 5,000 idle connections, 1 GB bodies, slow clients waited for
    mock_abuse.py --scaled    500 connections, 64 MB, nobody waited for

The mock runs as a user starts it, in a network of its own where every address leads to one wire, which is
listened to (tcpdump); strace writes down every file it opens and every address it calls. Control: a careless server
under the same requests, which must be caught reading, calling and growing. An honest client beside 5,000 idle ones
must keep below twice its p99, or the server below twice its processor time where the machine is busy. Needs unshare,
ip, strace and tcpdump.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = ("unshare", "ip", "strace", "tcpdump")
WIRE = "ip link set lo up && ip addr add 10.9.9.1/24 dev lo && ip route add default dev lo && exec "


def inside(server: str, folder: Path, *, scaled: bool) -> list[dict[str, object]]:
    """What was found about one server, in a network of its own; one entry a claim."""
    own = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    size = ["--scaled"] if scaled else []
    worker = [sys.executable, str(HERE / "abuse" / "attack.py"), server, str(folder), *size]
    ended = subprocess.run(
        [*own, "sh", "-c", WIRE + '"$@"', "sh", *worker], capture_output=True, text=True, timeout=900, check=False
    )
    if ended.returncode != 0:
        return [
            {"claim": "the attack could be carried out", "held": False, "control": False, "why": ended.stderr[-600:]}
        ]
    return [json.loads(line) for line in ended.stdout.splitlines()]


def main() -> int:
    """Attack the mock, then the careless server; print each claim."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scaled", action="store_true")
    asked = parser.parse_args()
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        print(f"error: this proof needs {', '.join(missing)}\n0 passed, 1 failed", file=sys.stderr)
        return 1
    passed = failed = 0
    for server in ("mock", "careless"):
        with tempfile.TemporaryDirectory(prefix="mock-abuse-") as folder:
            for found in inside(server, Path(folder), scaled=asked.scaled):
                expected = server == "mock" or not found.get("control", True)
                good = found["held"] is expected
                passed, failed = passed + good, failed + (not good)
                said = "held" if found["held"] else "did not hold"
                told = f"{server}: {found['claim']}: {said}; {found.get('why', '')}"
                print(
                    f"{'ok  ' if good else 'FAIL'}  {told}{'' if expected else '   (control: must not hold)'}",
                    flush=True,
                )
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
