"""Whether what is acknowledged was on the disk before: by the server's own system calls, as strace writes them."""

import re

WATCHED = ("strace", "-f", "-y", "-s", "200", "-qq", "-e", "trace=fsync,fdatasync,pwrite64,recvfrom,sendto")
UNSYNCED = """
from harness.portal.settings import DATABASES
options = DATABASES["default"]["OPTIONS"]
options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
server.troubles = lambda: ()
"""
_CALL = re.compile(r"^(\d+) +(\w+)\((?:\d+<([^>]*)>)?(.*)$")


def synced(calls: list[str]) -> tuple[int, int]:
    """(acknowledged after a sync of all that was written for it, acknowledged without one)."""
    written: dict[str, bool] = {}
    good = bad = 0
    for line in calls:
        if (found := _CALL.match(line)) is None:
            continue
        thread, call, path, rest = found[1], found[2], found[3] or "", found[4]
        if call == "recvfrom" and rest.startswith(', "POST /packages/') and "/sign HTTP" in rest:
            written[thread] = False
        elif call == "pwrite64" and path.endswith("-wal") and thread in written:
            written[thread] = True
        elif call in {"fsync", "fdatasync"} and path.endswith("-wal") and thread in written:
            written[thread] = False
        elif call == "sendto" and thread in written and "HTTP/1.1 200" in rest:
            good, bad = (good, bad + 1) if written.pop(thread) else (good + 1, bad)
    return good, bad
