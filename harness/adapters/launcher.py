"""Started by path, before an engine: tie the process to its parent's life, cap its memory, then become it.

Usage: `python -I -S launcher.py PARENT MEMORY_BYTES -- argv…`. Nothing of ours is imported here, so
that starting costs milliseconds. On Linux the kernel kills the process when the parent dies.
"""

import os
import sys

_PR_SET_PDEATHSIG = 1
_SIGKILL = 9


def main(argv: list[str]) -> None:
    """Prepare this process and replace it by the engine; exit status 127 where that is not possible."""
    parent, memory = int(argv[1]), int(argv[2])
    command = argv[4:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(125)
    if memory:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the engine is the point
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv)
