"""Secrets by reference: resolved when used, remembered so that they can be hidden, never printed.

A `default` written in a committed file is a setting, not a secret: it is used as it is and not hidden. A value that
takes its place is hidden where it comes from a keeper of secrets, or where its name says what it is.
What a command says is its secret only if it succeeds.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.errors import AskedWrongly, Place
from harness.model.tier import SecretRef
from harness.rules.redacting_names import sounds_secret

_COMMAND_S = 20.0
_LARGEST = 64 * 1024


class Secrets:
    """The secrets of one run. `known` is what the redactor must hide."""

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self._environ = environ
        self._root = root
        self._known: dict[str, str] = {}

    def value(self, reference: SecretRef, *, where: str) -> str:
        """What a reference stands for; AskedWrongly naming the reference and `where` it is needed."""
        found, why, how = self._found(reference)
        if found is None and reference.default is not None:
            return reference.default
        if found is None or (not found and reference.default is None):
            why = why if found is None else "which is empty"
            raise AskedWrongly(f"{where} needs {reference.kind} `{reference.at}`, {why}", hint=how)
        if _is_hidden(reference, found):
            self.learn(reference.at, found)
        return found

    def learn(self, name: str, value: str) -> None:
        """Remember a secret that was made on the way (a token), so that it is hidden like the others."""
        self._known[name] = value

    def known(self) -> Mapping[str, str]:
        """Every secret used so far, by name."""
        return dict(self._known)

    def _found(self, reference: SecretRef) -> tuple[str | None, str, str]:
        """The value or None, why there is none, and the way to one."""
        match reference.kind:
            case "env":
                return self._environ.get(reference.at), "which is not there", f"export {reference.at}=…"
            case "file":
                value, why = self._from_file(reference)
                return value, why, f"put it into {reference.at}, readable by you alone (chmod 600)"
            case "keyring":
                argv = _keyring_command(*reference.at.partition("/")[::2])
                value, why = self._from_command(replace(reference, argv=argv))
                return value or None, why or "which is not there", f"see by hand: {' '.join(argv)}"
            case _:
                value, why = self._from_command(reference)
                return value, why, f"run by hand: {reference.at}"

    def _from_file(self, reference: SecretRef) -> tuple[str | None, str]:
        try:
            descriptor = os.open(self._root / reference.at, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            return None, f"which can't be read ({(error.strerror or type(error).__name__).lower()})"
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return None, "which is no file"
            if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise AskedWrongly(
                    f"the secret file {reference.at} can be read by others",
                    place=Place(file=reference.at),
                    hint=f"chmod 600 {reference.at}",
                )
            return _as_text(os.read(descriptor, _LARGEST + 1))
        finally:
            os.close(descriptor)

    def _from_command(self, reference: SecretRef) -> tuple[str | None, str]:
        try:
            done = subprocess.run(  # noqa: S603 - the command is the workspace's own
                reference.argv,
                capture_output=True,
                timeout=_COMMAND_S,
                check=False,
                stdin=subprocess.DEVNULL,
                cwd=self._root,
                env=dict(self._environ),
            )
        except subprocess.TimeoutExpired:
            return None, f"which said nothing within {_COMMAND_S:g} s"
        except (OSError, ValueError) as error:
            return None, f"which can't be started ({type(error).__name__})"
        if done.returncode != 0:
            # what it printed may be half a secret: not shown
            return None, f"which ended with status {done.returncode}"
        return _as_text(done.stdout)


def _is_hidden(reference: SecretRef, found: str) -> bool:
    """Whether what was found is a secret; a variable with a default is one only by its name: `API_TOKEN`."""
    if reference.default is None:
        return True
    if found in {reference.default, ""}:
        return False
    return reference.kind != "env" or sounds_secret(reference.at)


def _keyring_command(service: str, account: str) -> tuple[str, ...]:
    """The system's own tool, which asks its user's keyring."""
    if sys.platform == "darwin":
        return ("security", "find-generic-password", "-s", service, "-a", account, "-w")
    return ("secret-tool", "lookup", "service", service, "username", account)


def _as_text(body: bytes) -> tuple[str | None, str]:
    if len(body) > _LARGEST:
        return None, f"which is larger than {_LARGEST // 1024} KiB"
    try:
        return body.decode("utf-8").rstrip("\r\n"), ""
    except UnicodeDecodeError:
        return None, "which is no UTF-8 text"
