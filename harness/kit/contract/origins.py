"""Where an id in an address came from: the request whose answer gave it, so that a failure can be shown from nothing.

A generator takes ids from wherever it saw them. On another day they are gone; with the request that made them
in front, the same failure can be had again.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.formats.contract_chain import given

_MOST_ANSWER = 20_000
_MOST_VALUES = 20_000
_MOST_OF_ONE = 200
_DEEPEST = 3
_READING = frozenset({"GET", "HEAD"})


class Origins:
    """Remembers for each value which told request gave it; one that made something counts more than one that read."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bool, Mapping[str, Any], str]] = {}

    def notice(self, request: Mapping[str, Any], status: int, body: bytes) -> None:
        """An answered request."""
        if not 200 <= status < 300 or not 2 <= len(body) <= _MOST_ANSWER or request["body_cut"]:
            return
        answer = body.decode("utf-8", "replace")
        makes = request["method"] == "POST"
        asked = set(_filled_in(request["uri"], ""))
        for value in list(given(answer).values())[:_MOST_OF_ONE]:
            if value in asked:
                continue  # it had to be known to be asked for
            before = self._known.get(value)
            if before is None and len(self._known) >= _MOST_VALUES:
                continue
            if before is None or makes >= before[0]:
                self._known[value] = (makes, request, answer)

    def before(self, uri: str, template: str, depth: int = 0) -> list[dict[str, Any]]:
        """The requests that have to come first for an address to lead somewhere, as a failure tells them."""
        if depth >= _DEEPEST:
            return []
        found: list[dict[str, Any]] = []
        for value in _filled_in(uri, template):
            if (known := self._known.get(value)) is None:
                continue
            _, request, answer = known
            earlier = self.before(request["uri"], "", depth + 1) if request["method"] == "POST" else []
            found += [one for one in (*earlier, {**request, "answer": answer}) if one not in found]
        return found

    def completed(self, chain: list[dict[str, Any]], uri: str, template: str) -> list[dict[str, Any]]:
        """A chain of requests with what made its ids in front, where it took them from an answer that only read:
        a fresh system has a list, too, and other things in it.
        """
        found = list(chain)
        addresses = [(one["uri"], "") for one in chain] + [(uri, template)]
        for value in dict.fromkeys(value for address in addresses for value in _filled_in(*address)):
            makes, request, answer = self._known.get(value, (False, {}, ""))
            givers = [one for one in found if value in given(one["answer"]).values()]
            if not makes or any(one["method"] == "POST" for one in givers):
                continue
            kept = [one for one in found if one not in givers or one["method"] not in _READING]
            maker = [*self.before(request["uri"], "", 1), {**request, "answer": answer}]
            found = [*(one for one in maker if one not in kept), *kept]
        return found


def _filled_in(uri: str, template: str) -> Iterable[str]:
    """The path segments that a template leaves open; of an address without one, those that could be ids."""
    steps = [unquote(step) for step in urlsplit(uri).path.split("/")]
    if not template:
        return [step for step in steps if any(letter.isdigit() for letter in step)]
    wanted = template.split("/")
    steps = steps[len(steps) - len(wanted) :]
    return [step for step, part in zip(steps, wanted, strict=False) if part.startswith("{")]
