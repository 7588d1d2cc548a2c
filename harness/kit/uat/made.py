"""Test data of one test: marked with the run's tag, and cleaned up whatever happens.

What is to be cleaned up is written down before it is done, so that a crash leaves a list.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.kit.uat.stage import Stage, first_line


@dataclass(slots=True)
class Made:
    """What a test made. `tag` is unique to the run and the test; put it into every name."""

    tag: str
    stage: Stage
    _clean_ups: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    _count: int = 0

    def name(self, stem: str) -> str:
        """A name that nobody else uses: `Ann Lee u7f3a-1-1`."""
        self._count += 1
        return f"{stem} {self.tag}-{self._count}"

    def cleaned_by(self, what: str, clean_up: Callable[[], object]) -> None:
        """Have `clean_up` called at the end of the test, last made first; `what` names the thing for people."""
        self.stage.journal.write("made", what=what)
        self._clean_ups.append((what, clean_up))

    def clean_up(self) -> None:
        """Remove everything that was made. What could not be removed is named; the rest goes on."""
        while self._clean_ups:
            what, clean_up = self._clean_ups.pop()
            try:
                clean_up()
            except Exception as error:  # noqa: BLE001 - an author's clean-up may fail in any way; the rest must go on
                self.stage.journal.write("left-behind", what=what, why=first_line(error))
            else:
                self.stage.journal.write("cleaned", what=what)
