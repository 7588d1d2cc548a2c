"""What a person says in one session, on disk before they are told that it was taken: answers, reports, pictures.

Each names who took the link that it came by, where a portal told that. Words and pictures pass the redactor first; what
can't be made safe is not kept.
"""

import hashlib
from typing import Any

from harness.adapters.host import Host
from harness.adapters.walk.journal import WalkJournal
from harness.formats.redact_body import redact_body
from harness.model.walk import Feedback, FeedbackKind, Hurts, Item
from harness.rules.redacting import Redactor

_WORDS = 4000
_REPORTS = 200
_REPORT = ("id", "criterion", "version", "kind", "words", "hurts", "step", "picture")


class Kept:
    """Answers and reports of one session. `key` is the one that the person's browser gave a command."""

    def __init__(self, session: str, host: Host, journal: WalkJournal, redactor: Redactor) -> None:
        self.pictures: dict[str, bytes] = {}
        self.reports: list[Feedback] = []
        self._session, self._host, self._journal, self._redactor = session, host, journal, redactor

    def safe(self, text: str) -> str:
        """Words without secrets."""
        return self._redactor.redact_text(text)

    def answer(self, item: Item, key: str, values: dict[str, Any], picture: bytes | None) -> dict[str, Any]:
        """Keep an answer; gives its values as they were kept."""
        kept = {
            "answer": values["answer"],
            "words": self.safe(str(values.get("words", ""))[:_WORDS]),
            "picture": self._picture(picture),
            "by": self.safe(str(values.get("by", ""))),
        }
        self._write("answer", item.node, criterion=item.criterion, version=item.version, key=key, **kept)
        return {**values, **kept}

    def report(self, item: Item, key: str, values: dict[str, Any], picture: bytes | None) -> dict[str, Any]:
        """Keep what somebody reports, if there are words to it; gives the reply."""
        words = self.safe(str(values.get("words", ""))[:_WORDS]).strip()
        if not words or len(self.reports) >= _REPORTS:
            return {"taken": False, "why": "no-words" if not words else "too-many"}
        kind, hurts = FeedbackKind(values.get("kind", "question")), Hurts(values.get("hurts", "could"))
        by = self.safe(str(values.get("by", "")))
        return {"id": self.note(item, key, kind, hurts, words, self._picture(picture), by=by).id}

    def note(
        self, item: Item, key: str, kind: FeedbackKind, hurts: Hurts, words: str, picture: str, *, by: str = ""
    ) -> Feedback:
        """Put words on the improvement list."""
        report = Feedback(
            id=f"F-{hashlib.sha256(f'{self._session} {key}'.encode()).hexdigest()[:8]}",
            criterion=item.criterion,
            version=item.version,
            kind=kind,
            words=words,
            hurts=hurts,
            at_ms=self._host.now_ms(),
            step=item.steps[-1].title.en if item.steps else "",
            picture=picture,
        )
        self._journal.write("report", **{name: str(getattr(report, name)) for name in _REPORT}, at=report.at_ms, by=by)
        self.reports.append(report)
        return report

    def taken(self, item: Item) -> None:
        """Keep what the person has just done on the page."""
        title = item.steps[-1].title
        self._write("taken", item.node, title=title.en, zh=title.zh)

    def stopped(self, item: Item) -> None:
        """Keep that a demonstration stopped: no answer was lost with it."""
        self._write("stopped", item.node, why=item.stopped)

    def _write(self, event: str, node: str, **values: Any) -> None:
        self._journal.write(event, node=node, at=self._host.now_ms(), **values)

    def _picture(self, picture: bytes | None) -> str:
        """The picture's name, or nothing: what can't be made safe is not kept."""
        if not picture:
            return ""
        safe = redact_body(self._redactor, picture, "image/png", "marked.png").body
        if safe is None:
            return ""
        name = self._journal.picture(safe)
        self.pictures[name] = safe
        return name
