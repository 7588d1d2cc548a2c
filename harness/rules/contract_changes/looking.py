"""Two versions of a contract looked at side by side: the documents, where we are, and which way the data goes.

What narrows a request breaks those who send it, what widens a response those who read it: so a rule on schemas says
only which of the two happened, and the side turns that into a weight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import unquote

from harness.model.change import Change, Weight

Node = Mapping[str, Any]
Key = TypeVar("Key")
_MOST_HOPS = 32
NOTHING: Node = {}


class Side(StrEnum):
    """Which way the data goes, seen from the consumer."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where two versions are looked at: in which operation and place, on which side."""

    old: Node
    new: Node
    operation: str
    place: str = ""
    side: Side = Side.REQUEST
    seen: frozenset[tuple[str, str]] = frozenset()

    def at(self, part: str) -> "Look":
        """One step further in."""
        return replace(self, place=f"{self.place}{part}" if part.startswith("/") else f"{self.place} {part}".strip())

    def told(self, rule: str, weight: Weight, said: str, way: str = "") -> Change:
        """A change here."""
        return Change(rule=rule, weight=weight, operation=self.operation, place=self.place, said=said, way=way)

    def narrowed(self, what: str, said: str, *, way: str = "") -> Change:
        """Fewer values than before are right."""
        weight = Weight.BREAKING if self.side is Side.REQUEST else Weight.SAFE
        return self.told(f"{self.side}-{what}", weight, said, way if weight is Weight.BREAKING else "")

    def widened(self, what: str, said: str, *, reading: Weight = Weight.BREAKING, way: str = "") -> Change:
        """More values than before are right; `reading` is what that means to somebody who reads them."""
        weight = Weight.SAFE if self.side is Side.REQUEST else reading
        return self.told(f"{self.side}-{what}", weight, said, way if weight is not Weight.SAFE else "")


def followed(document: Node, node: object) -> tuple[Node, str]:
    """What a node is once its references are followed, and the last pointer on the way (empty where there was none)."""
    last = ""
    for _ in range(_MOST_HOPS):
        if not isinstance(node, Mapping):
            return NOTHING, last
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return node, last
        target = _pointed(document, ref)
        if target is None:
            return NOTHING, ref
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node, last = ({**target, **beside} if beside else target), ref
    return NOTHING, last


def _pointed(document: Node, ref: str) -> Node | None:
    at: Any = document
    for token in unquote(ref.removeprefix("#")).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(at, list) and name.isdecimal() and int(name) < len(at):
            at = at[int(name)]
        elif isinstance(at, Mapping) and name in at:
            at = at[name]
        else:
            return None
    return at if isinstance(at, Mapping) else None


def named(document: Node, nodes: object) -> dict[str, Node]:
    """A mapping of names to nodes, references followed; empty where it is none."""
    if not isinstance(nodes, Mapping):
        return {}
    return {str(name): followed(document, node)[0] for name, node in nodes.items()}


def both(old: Mapping[Key, Any], new: Mapping[Key, Any]) -> Iterator[Key]:
    """The names that are in both, in the order of the old ones."""
    return (name for name in old if name in new)


def only(one: Mapping[Key, Any], other: Mapping[Key, Any]) -> Iterator[Key]:
    """The names that are in the first alone."""
    return (name for name in one if name not in other)


def quoted(names: Iterable[str]) -> str:
    """Names as they are told, in one order."""
    return ", ".join(f"`{name}`" for name in sorted(names))
