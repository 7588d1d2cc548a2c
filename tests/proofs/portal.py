"""A portal that is killed while people sign loses nothing that it acknowledged, on SQLite and on PostgreSQL.

    python tests/proofs/portal.py [--scaled]

The server is killed (SIGKILL, the whole group) at a random moment of each of 200 signings and started again; another
process reads the log. Acknowledged and lost must be 0, nothing half-written may be seen, and the whole log must hold
against the witness's copy each time. Control: a server that acknowledges before it commits must lose some.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from harness.adapters.host import Host  # noqa: E402
from tests.live.portal.serving import served  # noqa: E402
from tests.live.portal.test_keeping import killed_while_signing  # noqa: E402

MUTANT = """
import sys, threading, time
from harness.portal import environment
from harness.portal.first_start import make_keys
import os
make_keys(environment.read(os.environ).data)
os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"
import django
django.setup()
from harness.portal.models import Head, Signed
from harness.portal.views import signing
real = signing.sign_it
def early(request, item, answer):
    number = Head.objects.get(id=1).size
    def late():
        time.sleep(0.05)
        real(request, item, answer)
    threading.Thread(target=late).start()
    return Signed(number=number, package=item.row, person=request.person, decision="accept", statement_sha256="")
signing.sign_it = early
signing._receipt_mail = lambda signed, item: None
from harness.portal.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own on a free port; empty where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        yield ""
        return
    port, data = Host().free_port(), folder / "pg"
    folder.chmod(0o755)
    data.mkdir()
    who: tuple[str, ...] = ()
    if Host().is_root:
        shutil.chown(data, "postgres")
        who = ("runuser", "-u", "postgres", "--")
    run = lambda *words: subprocess.run([*who, *words], check=True, capture_output=True, cwd="/")  # noqa: E731
    run(str(found[-1] / "initdb"), "-D", str(data / "d"), "-U", "portal", "-A", "trust")
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
    subprocess.run(
        [*who, str(found[-1] / "pg_ctl"), "-D", str(data / "d"), "-o", options, "-w", "-l", str(data / "log"), "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        run(str(found[-1] / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "portal", "portal")
        yield f"postgresql://portal@127.0.0.1:{port}/portal"
    finally:
        run(str(found[-1] / "pg_ctl"), "-D", str(data / "d"), "-m", "immediate", "stop")


def main() -> int:
    """N for each row; ends with what passed and failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    times = 4 if parser.parse_args().scaled else 200
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="proof-portal-") as name:
        folder = Path(name)
        with postgres(folder) as database:
            for kind, url in (("SQLite", ""), ("PostgreSQL", database)):
                if kind == "PostgreSQL" and not url:
                    print("PostgreSQL: N = 0, it is not installed")
                    continue
                good = _row(kind, folder, url, times)
                passed, failed = passed + good, failed + (not good)
        lost = _mutant_loses(folder, max(times // 10, 6))
        passed, failed = passed + lost, failed + (not lost)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def _row(kind: str, folder: Path, url: str, times: int) -> bool:
    try:
        with served(folder / kind, url) as portal:
            acknowledged, kept = killed_while_signing(portal, times, 7)
    except AssertionError as error:
        print(f"{kind}: failed: {error}")
        return False
    print(f"{kind}: N = {times} kills, {acknowledged} acknowledged, {kept} kept, 0 lost, the log held each time")
    return True


def _mutant_loses(folder: Path, times: int) -> bool:
    file = folder / "mutant.py"
    file.write_text(MUTANT)
    try:
        with served(folder / "mutant", program=(str(file),), PYTHONPATH=str(ROOT)) as portal:
            killed_while_signing(portal, times, 7)
    except AssertionError as error:
        print(f"control: acknowledging before the commit was noticed: {error}")
        return True
    print(f"control: N = {times}, a server that acknowledges before it commits was NOT noticed")
    return False


if __name__ == "__main__":
    sys.exit(main())
