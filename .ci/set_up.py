"""Make `.venv` what the locks say, on a machine that has only Python 3.11 and make.

Standard library only. Everything comes from the locks with hashes; the package itself is put in
place without the network. Each stage leaves a stamp: a stage whose stamp still fits does nothing,
so a second run downloads, installs and builds nothing.

    set_up.py [--packages-only] core sample dev      the locks to install
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.json"
LOG = VENV / "set-up.log"


def main(arguments: list[str]) -> int:
    """Bring everything up to date, one process at a time."""
    if sys.version_info < (3, 11):
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", "make PYTHON=/path/to/python3.11 …")
    asked = [lock_of(name) for name in arguments if not name.startswith("-")] or [lock_of("core")]
    alone_here = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(alone_here, fcntl.LOCK_EX)  # two at once: the second waits, then finds nothing to do
    acted = packages(asked)
    if "--packages-only" in arguments:
        return 0
    return other_means(acted=acted)


def packages(asked: list[Path]) -> bool:
    """The venv, the locked packages (and those of earlier runs), the package itself. Was there anything to do?"""
    done = stamps()
    if not usable(done):
        done = {}
        make_venv()
    locks = sorted({*asked, *(ROOT / name for name in done.get("locks", ()) if (ROOT / name).exists())})
    installed, package = digest(*locks, lock_of("build")), digest(ROOT / "pyproject.toml")
    acted = False
    if done.get("installed") != installed:
        install(locks)
        done = {"home": str(VENV), "python": version_in_venv(), "installed": installed}
        done["locks"] = [str(lock.relative_to(ROOT)) for lock in locks]
        STAMP.write_text(json.dumps(done, indent=1))
        acted = True
    if done.get("package") != package:
        say("puts the package itself in place")
        pip("install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", ".")
        STAMP.write_text(json.dumps({**done, "package": package}, indent=1))
        acted = True
    return acted


def other_means(*, acted: bool) -> int:
    """Browser and report tool are the package's own business; it says what it did."""
    argv = [PYTHON, ROOT / ".ci" / "means.py"]
    means = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if not acted and not means.stdout.strip() and means.returncode == 0:
        say("nothing to do")
    sys.stdout.write(means.stdout)
    return means.returncode


def usable(done: dict[str, Any]) -> bool:
    """Is there a venv, made in this place, whose interpreter still runs, is new enough and the one it was made for?"""
    version = version_in_venv()
    if not version or done.get("home", str(VENV)) != str(VENV) or done.get("python", version) != version:
        if VENV.exists():
            say("the venv is not usable any more (moved, or its Python is gone or another): makes it anew")
        return False
    return True


def version_in_venv() -> str:
    """`3.11` where the venv's interpreter runs, is new enough and believes to be in this place; else empty."""
    probe = "import sys; print(sys.prefix, sys.version_info >= (3, 11), '%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    prefix, new_enough, version = (*answer.stdout.split(), "", "", "")[:3]
    return version if answer.returncode == 0 and prefix == str(VENV) and new_enough == "True" else ""


def make_venv() -> None:
    """A fresh venv. Where the interpreter lacks ensurepip (Debian), another pip or uv may stand in."""
    say(f"makes .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    plain = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if plain.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    bare = subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True, check=False)
    if bare.returncode == 0 and installer() is not None:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    hint = f"apt-get update && apt-get install -y python{version}-venv" if shutil.which("apt-get") else None
    stop(
        f"{sys.executable} cannot make a venv with pip in it", hint or "install Python's `venv` and `ensurepip` modules"
    )


def installer() -> list[str] | None:
    """The venv's own pip; else the interpreter's pip working on the venv; else uv."""
    if runs([str(PYTHON), "-m", "pip", "--version"]):
        return [str(PYTHON), "-m", "pip"]
    if runs([sys.executable, "-m", "pip", "--python", str(PYTHON), "--version"]):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return ["uv", "pip"] if shutil.which("uv") else None


def runs(argv: list[str]) -> bool:
    """Does this command end well?"""
    return subprocess.run(argv, cwd=ROOT, capture_output=True, check=False).returncode == 0


def install(locks: list[Path]) -> None:
    """Everything the locks name, hash by hash; nothing else."""
    names = ", ".join(lock.stem for lock in locks)
    say(f"installs what the locks name ({names}); the first time this takes a minute or two")
    files = [part for lock in (*locks, lock_of("build")) for part in ("--requirement", str(lock))]
    pip("install", "--require-hashes", "--no-deps", *files)


def pip(*arguments: str) -> None:
    """Run the installer; its full output goes to a log, its last lines to the terminal when it fails."""
    tool = installer()
    if tool is None:
        stop("the venv has no pip", "remove .venv and run the same command again")
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with LOG.open("a") as log:
        ended = subprocess.run([*tool, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log, check=False)
    if ended.returncode:
        tail = LOG.read_text(errors="replace").splitlines()[-16:]
        print("\n".join(f"  | {line}" for line in tail), file=sys.stderr)
        stop(
            f"pip could not install (status {ended.returncode}, all of it: {LOG.relative_to(ROOT)})",
            "check that pip reaches a package index (`pip config list` shows which), then run the same command again",
        )


def lock_of(name: str) -> Path:
    """The lock file of an extra."""
    lock = ROOT / ".locks" / f"{name}.txt"
    if not lock.exists():
        stop(f"there is no lock for `{name}`", "the locks are: " + ", ".join(p.stem for p in lock.parent.glob("*.txt")))
    return lock


def stamps() -> dict[str, Any]:
    """What earlier runs finished; an unreadable stamp counts as none."""
    try:
        found = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def digest(*files: Path) -> str:
    """One digest over the names and bytes of these files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def say(what: str) -> None:
    """One line of narration."""
    print(f"set-up: {what}", flush=True)


def stop(what: str, way_out: str) -> NoReturn:
    """End with what is wrong and what to type."""
    print(f"error: {what}\n\nhint: {way_out}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
