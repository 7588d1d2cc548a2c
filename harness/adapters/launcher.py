"""Started by path, before an engine: tie the process to its parent's life, cap its memory, then become it.

Usage: `python -I -S launcher.py PARENT MEMORY_BYTES [WAY_OUT] -- argv…`. Nothing of ours is imported here, so
that starting costs milliseconds. On Linux the kernel kills the process when the parent dies. With WAY_OUT (JSON:
socket, doors) the engine gets a network of its own, without any interface but loopback; its doors are listeners
that are made inside and handed to the guard outside. `launcher.py --probe` says by its status whether that works.
"""

import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_WAYS_BACK = (12, 13, 16, 17, 18, 19, 21)  # net admin, raw sockets, modules, raw memory, chroot, ptrace, admin


def main(argv: list[str]) -> None:
    """Prepare this process and replace it by the engine; exit status 127 where that is not possible."""
    if argv[1:] == ["--probe"]:
        _leave_the_network()
        return
    parent, memory = int(argv[1]), int(argv[2])
    way_out = argv[3] if argv[3] != "--" else None
    command = argv[argv.index("--") + 1 :]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(125)
    if way_out is not None:
        try:
            _leave_the_network()
            _open_doors(way_out)
        except OSError as error:
            sys.stderr.write(f"no network of its own: {error}\n")
            os._exit(126)
    if memory:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the engine is the point
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(127)


def _leave_the_network() -> None:
    """Into a network of our own, loopback up, with no privilege left that leads back."""
    import ctypes
    import fcntl
    import socket
    import struct

    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWNET | (_CLONE_NEWUSER if uid else 0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib costs its import
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))
    if not uid:
        for capability in _WAYS_BACK:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _open_doors(way_out: str) -> None:
    """Listen inside, and hand each listener to the guard, which serves it from outside."""
    import json
    import socket

    told = json.loads(way_out)
    for key, port in told["doors"]:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as guard,
        ):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(1024)
            guard.settimeout(10)
            guard.connect(told["socket"])
            socket.send_fds(guard, [key.encode()], [listener.fileno()])
            if guard.recv(16) != b"open":
                raise OSError(f"the guard did not open the door {key}")


if __name__ == "__main__":
    main(sys.argv)
