"""Limits as sentences: "p95 < 300 ms", "errors < 0.1 %", "rate > 1000 /s", "dropped = 0".

A sentence is a measure, a relation and a figure with the unit of that measure. What cannot be
read, or could never hold, raises `ValueError` with a whole sentence; the caller knows the line.
"""

import difflib
import re

from harness.formats.units import per_second, seconds, share
from harness.model.load import Limit

_SENTENCE = re.compile(r"\s*([A-Za-z][\w.-]*)\s*(<=|>=|<|>|=)\s*(\S.*?)\s*")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)")
_TIMES = ("mean", "max")
_COUNTS = ("dropped", "requests")
_MEASURES = ("p50", "p90", "p95", "p99", "p99.9", *_TIMES, "errors", "rate", *_COUNTS)


def read_limit(subject: str, text: str) -> Limit:
    """The limit that a sentence sets for `all` or an operation; times become ms, shares parts of one."""
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a limit; write it like "p95 < 300 ms" or "errors < 0.1 %"')
    measure, relation, figure = match.groups()
    value = _value(measure, figure, text)
    if value == 0 and relation == "<":
        raise ValueError(f'"{text}" can never hold; write "{measure} = 0"')
    if subject != "all" and measure == "dropped":
        raise ValueError("an arrival is dropped before it is an operation: set `dropped` for `all`")
    return Limit(subject=subject, measure=measure, relation=relation, value=value, text=text.strip())


def is_time(measure: str) -> bool:
    """Whether a measure is a time in ms."""
    return measure in _TIMES or _PERCENTILE.fullmatch(measure) is not None


def _value(measure: str, figure: str, text: str) -> float:
    if is_time(measure):
        return seconds(figure) * 1000
    if measure == "errors":
        return 0.0 if figure == "0" else share(figure)
    if measure == "rate":
        return per_second(figure)
    if measure in _COUNTS:
        if not figure.isascii() or not figure.isdigit():
            raise ValueError(f'{measure} is a count: write a whole number, not "{figure}"')
        return float(figure)
    near = difflib.get_close_matches(measure, _MEASURES, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(_MEASURES)}"
    raise ValueError(f'`{measure}` in "{text}" is nothing that is measured{hint}')
