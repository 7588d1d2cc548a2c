"""What kind of value a text is: all that may be compared where two systems name the same thing differently.

Ids, times and ETags differ from system to system; that a time is written as a time must not.
"""

import re
from enum import StrEnum


class ValueKind(StrEnum):
    """Kinds that a reader of the value relies on; `TEXT` is anything else."""

    EMPTY = "an empty text"
    DATE_TIME = "a date and time with its zone"
    LOCAL_TIME = "a date and time without a zone"
    DATE = "a date"
    UUID = "a UUID"
    URL = "an address"
    EMAIL = "an e-mail address"
    NUMBER = "a number written as text"
    TEXT = "a text"


_PATTERNS = (
    (ValueKind.DATE_TIME, r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)"),
    (ValueKind.LOCAL_TIME, r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?"),
    (ValueKind.DATE, r"\d{4}-\d\d-\d\d"),
    (ValueKind.UUID, r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    (ValueKind.URL, r"https?://\S+"),
    (ValueKind.EMAIL, r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    (ValueKind.NUMBER, r"[+-]?\d+([.,]\d+)?"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_LONGEST = 2000


def value_kind(text: str) -> ValueKind:
    """The kind of a text."""
    if not text:
        return ValueKind.EMPTY
    if len(text) <= _LONGEST:
        for kind, pattern in _COMPILED:
            if pattern.fullmatch(text):
                return kind
    return ValueKind.TEXT


def may_be_id(value: object) -> bool:
    """Whether a value may name a thing of one system alone: a text with a digit, no time, no plain sentence."""
    if not isinstance(value, str) or len(value) < 4 or " " in value or not any(char.isdigit() for char in value):
        return False
    return value_kind(value) in {ValueKind.TEXT, ValueKind.UUID, ValueKind.NUMBER}
