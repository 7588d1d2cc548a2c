"""Regular expressions that cannot hang: compiled once, matched in linear time or with a bounded number of steps.

The engine is Rust's, as JSON Schema validation uses it; a text that exceeds the step limit does not match.
"""

from functools import lru_cache

import jsonschema_rs

_STEPS = 100_000


class NotAPattern(ValueError):
    """A regular expression that the engine does not take; the message says why."""


@lru_cache(maxsize=4096)
def compiled(pattern: str, *, whole: bool) -> jsonschema_rs.Validator:
    """The expression, for the whole text or for any part of it; `NotAPattern` where it is none."""
    text = f"^(?:{pattern})$" if whole else pattern
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": text}, pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_STEPS)
        )
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise NotAPattern(str(error).splitlines()[0]) from None


def search(pattern: str, text: str, *, whole: bool) -> bool:
    """Whether the text matches; a text that is no Unicode matches nothing."""
    try:
        return compiled(pattern, whole=whole).is_valid(text)
    except (UnicodeEncodeError, ValueError):
        return False
