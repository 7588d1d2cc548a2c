"""Started by path, after the launcher: stop being root, do what comes first, then become the server.

Usage: `python -I -S become.py PARENT UID:GID -- argv… [-- argv…]`; `-` for UID:GID keeps who we are. Every command
but the last runs to its end and must succeed. Changing who we are undoes the kernel's promise to end us with our
parent, so it is asked for again. Nothing of ours is imported here.
"""

import ctypes
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Replace this process by the last command; exit status 127 where it can't be started, 125 without a parent."""
    parent, who = int(argv[1]), argv[2]
    if who != "-":
        uid, gid = (int(part) for part in who.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(125)
    os.umask(0o077)
    commands = _split(argv[3:])
    try:
        for command in commands[:-1]:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - ours
            if status:
                sys.exit(status if status > 0 else 126)
        os.execv(commands[-1][0], commands[-1])  # noqa: S606 - becoming the server is the point
    except OSError as error:
        sys.stderr.write(f"{error.filename or commands[-1][0]}: {error.strerror}\n")
        sys.exit(127)


def _split(words: list[str]) -> list[list[str]]:
    commands: list[list[str]] = []
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


if __name__ == "__main__":
    main(sys.argv)
