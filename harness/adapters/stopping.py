"""The kill switch of a workspace: a file. While it is there nothing runs, and what runs is ended within a second."""

from pathlib import Path


def stop_file(root: Path) -> Path:
    """The switch. Whoever can write into the workspace can use it: `touch .harness/stop`."""
    return root / ".harness" / "stop"


def is_stopped(root: Path) -> bool:
    """Whether the switch is on."""
    return stop_file(root).exists()


def stop(root: Path) -> None:
    """Turn it on."""
    stop_file(root).parent.mkdir(exist_ok=True)
    stop_file(root).touch()


def clear(root: Path) -> bool:
    """Turn it off; False where it was not on."""
    try:
        stop_file(root).unlink()
    except FileNotFoundError:
        return False
    return True
