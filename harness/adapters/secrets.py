"""Secrets by reference: resolved when used, remembered so that they can be hidden, never printed.

A reference with a `default` written in a committed file is a setting, not a secret: its value
is used as it is and not hidden.
"""

import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.errors import AskedWrongly, Place
from harness.model.tier import SecretRef

_COMMAND_S = 20.0


class Secrets:
    """The secrets of one run. `known` is what the redactor must hide."""

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self._environ = environ
        self._root = root
        self._known: dict[str, str] = {}

    def value(self, reference: SecretRef, *, where: str) -> str:
        """What a reference stands for; AskedWrongly naming the reference and `where` it is needed."""
        match reference.kind:
            case "env":
                found = self._environ.get(reference.at)
                how = f"export {reference.at}=…"
            case "file":
                found, how = (
                    self._from_file(reference),
                    f"put it into {reference.at}, readable by you alone (chmod 600)",
                )
            case _:
                found, how = self._from_command(reference), f"run by hand: {reference.at}"
        if found is None and reference.default is not None:
            return reference.default
        if found is None:
            raise AskedWrongly(f"{where} needs {reference.kind} `{reference.at}`, which is not there", hint=how)
        if reference.default is None:
            self.learn(reference.at, found)
        return found

    def learn(self, name: str, value: str) -> None:
        """Remember a secret that was made on the way (a token), so that it is hidden like the others."""
        self._known[name] = value

    def known(self) -> Mapping[str, str]:
        """Every secret used so far, by name."""
        return dict(self._known)

    def _from_file(self, reference: SecretRef) -> str | None:
        path = self._root / reference.at
        if not path.is_file():
            return None
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise AskedWrongly(
                f"the secret file {reference.at} can be read by others",
                place=Place(file=reference.at),
                hint=f"chmod 600 {reference.at}",
            )
        return path.read_text("utf-8").rstrip("\r\n")

    def _from_command(self, reference: SecretRef) -> str | None:
        try:
            done = subprocess.run(  # noqa: S603 - the command is the workspace's own
                reference.argv, capture_output=True, timeout=_COMMAND_S, check=True, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("utf-8", "replace").rstrip("\r\n")
