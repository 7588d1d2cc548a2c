"""Acceptance criteria: what the business will judge."""

from dataclasses import dataclass
from enum import StrEnum


class Priority(StrEnum):
    """MoSCoW."""

    MUST = "must"
    SHOULD = "should"
    COULD = "could"
    WONT = "wont"


class Judged(StrEnum):
    """Who judges a criterion."""

    AUTOMATIC = "automatic"
    ASSISTED = "assisted"
    BY_HAND = "by-hand"


class EvidenceKind(StrEnum):
    """What a demonstration can leave behind; a criterion names those it requires."""

    SCREENSHOT = "screenshot"
    PAGE_TEXT = "page-text"
    REQUESTS = "requests"
    TRACE = "trace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The same sentence in English and Chinese; `zh` falls back to `en` only where it is empty."""

    en: str
    zh: str = ""

    def in_language(self, language: str) -> str:
        """The sentence in `en` or `zh`."""
        return self.zh if language == "zh" and self.zh else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One acceptance criterion; `demonstration` is `file.py::test_name` under uat/, `sha256` its version."""

    id: str
    title: Text
    statement: Text
    priority: Priority
    phase: int = 1
    owner: str = ""
    judged: Judged = Judged.AUTOMATIC
    demonstration: str | None = None
    steps: tuple[Text, ...] = ()
    evidence: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    measure: str | None = None
    sha256: str = ""
