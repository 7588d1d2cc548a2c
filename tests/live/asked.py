"""The real command line in a workspace of a test: begun, ended, and what it said."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ENDED_BY_S = 240


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command came to."""

    exit: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything, with one blank between words, so that a sentence is found however it was wrapped."""
        return " ".join((self.out + " " + self.err).split())


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A workspace in a folder of its own."""

    root: Path

    def begin(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """`harness …`, going on."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HARNESS_", "COLUMNS"))}
        return subprocess.Popen(
            [sys.executable, "-m", "harness", *words],
            cwd=self.root,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: str, **environment: str) -> Said:
        """`harness …`, to its end."""
        return ended(self.begin(*words, **environment))

    def run(self, *words: str, **environment: str) -> Said:
        """`harness run test` without the report."""
        return self.ask("run", "test", "--no-report", *words, **environment)

    def runs(self) -> list[str]:
        """The runs that were closed."""
        return sorted(path.name for path in (self.root / ".harness" / "runs").glob("*"))

    def drafts(self) -> list[str]:
        """The runs that were begun and not closed."""
        return sorted(path.name for path in (self.root / ".harness" / "drafts").glob("*"))

    def replace_in(self, file: str, old: str, new: str) -> None:
        """Change one file; what is to be changed must be there."""
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def ended(process: "subprocess.Popen[str]") -> Said:
    """What a command came to, once it has."""
    out, err = process.communicate(timeout=ENDED_BY_S)
    return Said(exit=process.returncode, out=out, err=err)
