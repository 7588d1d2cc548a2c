"""Whether two XML documents say the same: white space, comments, prefixes and the order of siblings aside.

A document type is refused, so nothing of a request is ever expanded or fetched; depth and size are bounded.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from harness.mocks.patterns import search

_DEEPEST = 200
_MOST = 100_000
_LONGEST = 1024 * 1024
_COMPARED = 50_000
_PLACEHOLDER = re.compile(r"\$\{xmlunit\.(ignore|isNumber|isDateTime|matchesRegex\((?P<pattern>.*)\))\}", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_DATE = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"


class NotXml(ValueError):
    """A text that is not XML as we read it; the message says why."""


class BeyondUs(NotXml):
    """XML that we do not read: too large, too deep, or with a document type."""


@dataclass(slots=True)
class Element:
    """An element: its name with its namespace, its attributes, its own text, its children."""

    name: str
    attributes: dict[str, str]
    children: list["Element"]
    text: str = ""
    pieces: list[str] = field(default_factory=list)


def read_xml(document: str) -> Element:
    """The root of a document."""
    if len(document) > _LONGEST:
        raise BeyondUs(f"a document has at most {_LONGEST} characters")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(document.strip().encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotXml(f"not XML: {error}") from None
    if reader.root is None:
        raise NotXml("there is no element")
    return reader.root


def same_xml(expected: Element, actual: Element, *, placeholders: bool = False) -> bool:
    """Whether both say the same; False too where finding out would take too long.

    `placeholders`: `${xmlunit.ignore}` and its like stand for any value of a kind.
    """
    return _Comparing(placeholders=placeholders).same(expected, actual)


@dataclass(slots=True, kw_only=True)
class _Comparing:
    placeholders: bool
    left: int = _COMPARED

    def same(self, expected: Element, actual: Element) -> bool:
        self.left -= 1
        if self.left < 0 or expected.name != actual.name or not self._texts(expected.text, actual.text):
            return False
        if expected.attributes.keys() != actual.attributes.keys() or len(expected.children) != len(actual.children):
            return False
        if not all(self._texts(value, actual.attributes[name]) for name, value in expected.attributes.items()):
            return False
        names = Counter(one.name for one in expected.children)
        return names == Counter(one.name for one in actual.children) and self._paired(expected, actual)

    def _paired(self, expected: Element, actual: Element) -> bool:
        """Each child has a sibling of its own that says the same."""
        waiting = list(actual.children)
        for one in expected.children:
            at = next((at for at, other in enumerate(waiting) if self.same(one, other)), None)
            if at is None:
                return False
            del waiting[at]
        return True

    def _texts(self, expected: str, actual: str) -> bool:
        return _same_text(expected, actual, placeholders=self.placeholders)


def _same_text(expected: str, actual: str, *, placeholders: bool) -> bool:
    known = _PLACEHOLDER.fullmatch(expected) if placeholders else None
    if known is None:
        return expected == actual
    if known["pattern"] is not None:
        return search(known["pattern"], actual, whole=True)
    match known[1]:
        case "isNumber":
            return _NUMBER.fullmatch(actual) is not None
        case "isDateTime":
            return search(_DATE, actual, whole=True)
    return True


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST or len(self._open) >= _DEEPEST:
            raise BeyondUs("too many elements, or nested too deeply")
        element = Element(name=name, attributes=dict(attributes), children=[])
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = "".join(element.pieces).strip()

    def characters(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)

    def doctype(self, *_declared: object) -> None:
        raise BeyondUs("a document type is not read")
