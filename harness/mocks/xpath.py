"""XPath as people write it in stubs: parsed once, then asked of documents, in bounded time.

`/a/b`, `//b`, `*`, `.`, `@x`, `text()`, `s:a` by given namespaces; in brackets a place (`1`, `last()`), a path, a
comparison with a text or a figure, `contains`, `starts-with`, `local-name()`, `count`, `not`, `and`, `or`. A whole
expression may be such a condition too. What is not understood is refused when it is read.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.mocks.xml_equality import Element

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)|(?P<op>//|!=|<=|>=|[/()\[\]@.,=<>*])"
    r"|(?P<name>[A-Za-z_][\w.-]*(?::(?:[A-Za-z_][\w.-]*|\*))?))"
)
_MOST = 100_000
_DEEPEST = 30
Node = Element | str
Value = Any  # a list of nodes, a text, a figure, or true and false
Condition = Callable[["_At"], Value]


class NotAnXPath(ValueError):
    """An expression that is no XPath we know; the message says where."""


class _TooMuch(Exception):
    """A search that visits more than it may."""


class _At:
    """Where a condition is asked: a node, its place among its like, and how many steps are left."""

    __slots__ = ("budget", "last", "node", "place")

    def __init__(self, node: Node, place: int, last: int, budget: list[int]) -> None:
        self.node, self.place, self.last, self.budget = node, place, last, budget


class XPath:
    """A parsed expression."""

    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self._ask = _Reader(text, namespaces).whole()

    def find(self, root: Element) -> list[Node]:
        """The nodes that it names; for a condition the root where it holds. Nothing where that takes too long."""
        document = Element(name="", attributes={}, children=[root])
        try:
            found = self._ask(_At(document, 1, 1, [_MOST]))
        except _TooMuch:
            return []
        if isinstance(found, list):
            return found
        return [_text(found)] if not isinstance(found, bool) else [root] if found else []


def text_of(node: Node) -> str:
    """What a matcher sees of a node: its text, that of what is inside included."""
    return node if isinstance(node, str) else "".join((node.text, *(text_of(one) for one in node.children)))


class _Reader:
    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._namespaces = namespaces
        self._at = 0
        self._brackets = 0
        end, text = 0, text.rstrip()
        while end < len(text):
            token = _TOKEN.match(text, end)
            if token is None or token.lastgroup is None:
                raise NotAnXPath(f"not understood from character {end + 1}: {text[end : end + 20]!r}")
            self._tokens.append((token.lastgroup, token[token.lastgroup]))
            end = token.end()

    def whole(self) -> Condition:
        found = self._either(0)
        if self._at < len(self._tokens):
            raise NotAnXPath(f"not understood from {self._peek()!r}")
        return found

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at][1] if at < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            raise NotAnXPath(f"{' or '.join(wanted) or 'more'} is missing before {token!r}")
        self._at += 1
        return token

    def _either(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise NotAnXPath("nested too deeply")
        parts = [self._both(depth)]
        while self._peek() == "or":
            self._at += 1
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else lambda at: any(_true(part(at)) for part in parts)

    def _both(self, depth: int) -> Condition:
        parts = [self._compared(depth)]
        while self._peek() == "and":
            self._at += 1
            parts.append(self._compared(depth))
        return parts[0] if len(parts) == 1 else lambda at: all(_true(part(at)) for part in parts)

    def _compared(self, depth: int) -> Condition:
        left = self._operand(depth)
        if self._peek() not in {"=", "!=", "<", "<=", ">", ">="}:
            return left
        relation = self._take()
        right = self._operand(depth)
        return lambda at: _compares(relation, left(at), right(at))

    def _operand(self, depth: int) -> Condition:
        kind, word = self._kind(), self._peek()
        if kind == "string":
            self._at += 1
            return lambda _at: word[1:-1]
        if kind == "number":
            self._at += 1
            return lambda _at: float(word)
        if word == "(":
            self._at += 1
            inner = self._either(depth + 1)
            self._take(")")
            return inner
        if kind == "name" and self._peek(1) == "(" and word != "text":
            return self._function(word, depth)
        return self._path(depth)

    def _function(self, name: str, depth: int) -> Condition:
        if name not in _FUNCTIONS:
            raise NotAnXPath(f"the function {name}() is not supported; known: {', '.join(sorted(_FUNCTIONS))}")
        least, most, act = _FUNCTIONS[name]
        self._at += 2
        arguments: list[Condition] = []
        while self._peek() != ")":
            if arguments:
                self._take(",")
            arguments.append(self._either(depth + 1))
        self._take(")")
        if not least <= len(arguments) <= most:
            raise NotAnXPath(f"{name}() has another number of arguments")
        return lambda at: act(at, [argument(at) for argument in arguments])

    def _path(self, depth: int) -> Condition:
        absolute = self._peek() in {"/", "//"}
        if absolute and self._brackets:
            raise NotAnXPath("inside brackets a path begins with a name or a dot")
        steps: list[Callable[[list[Node], list[int]], list[Node]]] = []
        if absolute:
            steps.append(_down if self._take() == "//" else _same)
        steps.append(self._step(depth))
        while self._peek() in {"/", "//"}:
            if self._take() == "//":
                steps.append(_down)
            steps.append(self._step(depth))

        def walk(at: _At) -> list[Node]:
            found: list[Node] = [at.node]
            for step in steps:
                found = step(found, at.budget)
            return found

        return walk

    def _step(self, depth: int) -> Callable[[list[Node], list[int]], list[Node]]:
        take = self._axis()
        conditions: list[Condition] = []
        while self._peek() == "[":
            self._at += 1
            self._brackets += 1
            conditions.append(self._either(depth + 1))
            self._brackets -= 1
            self._take("]")

        def step(nodes: list[Node], budget: list[int]) -> list[Node]:
            found: list[Node] = []
            for node in nodes:
                there = list(take(node))
                budget[0] -= 1 + len(there)
                if budget[0] < 0:
                    raise _TooMuch
                for condition in conditions:
                    there = [
                        one for place, one in enumerate(there, 1)
                        if _holds(condition(_At(one, place, len(there), budget)), place)
                    ]  # fmt: skip
                found += there
            return found

        return step

    def _axis(self) -> Callable[[Node], Iterator[Node]]:
        word = self._take()
        if word == "@":
            name = self._name(self._take())
            return lambda node: _attributes(node, name)
        if word == ".":
            return lambda node: iter((node,))
        if word == "text":
            self._take("(")
            self._take(")")
            return lambda node: iter((node.text,) if isinstance(node, Element) and node.text else ())
        name = self._name(word)
        return lambda node: _children(node, name)

    def _name(self, word: str) -> str:
        if word == "*":
            return word
        if not re.match(r"[A-Za-z_]", word):
            raise NotAnXPath(f"not understood from {word!r}")
        prefix, colon, local = word.partition(":")
        if not colon:
            return word
        if prefix not in self._namespaces:
            raise NotAnXPath(f"the prefix {prefix} is not in `xPathNamespaces`")
        return f"{self._namespaces[prefix]} {local}"


def _children(node: Node, name: str) -> Iterator[Node]:
    for one in node.children if isinstance(node, Element) else ():
        if name == "*" or one.name == name or (name.endswith(" *") and one.name.startswith(name[:-1])):
            yield one


def _attributes(node: Node, name: str) -> Iterator[Node]:
    for key, value in node.attributes.items() if isinstance(node, Element) else ():
        if name in {"*", key}:
            yield value


def _down(nodes: list[Node], budget: list[int]) -> list[Node]:
    """The nodes and everything below them, each once."""
    found: dict[int, Node] = {}
    for node in nodes:
        waiting = [node]
        while waiting:
            one = waiting.pop()
            budget[0] -= 1
            if budget[0] < 0:
                raise _TooMuch
            if id(one) not in found:
                found[id(one)] = one
                waiting += reversed(one.children) if isinstance(one, Element) else ()
    return list(found.values())


def _same(nodes: list[Node], _budget: list[int]) -> list[Node]:
    return nodes


def _holds(value: Value, place: int) -> bool:
    return value == place if isinstance(value, float) else _true(value)


def _true(value: Value) -> bool:
    return bool(value)


def _text(value: Value) -> str:
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: Value) -> float:
    try:
        return value if isinstance(value, float) else float(_text(value)[:400])
    except ValueError:
        return float("nan")


def _compares(relation: str, left: Value, right: Value) -> bool:
    """As XPath 1.0 does: nodes hold a comparison when one of them does."""
    for one in left if isinstance(left, list) else (left,):
        for other in right if isinstance(right, list) else (right,):
            if _compares_one(relation, one, other):
                return True
    return False


def _compares_one(relation: str, left: Value, right: Value) -> bool:
    left = text_of(left) if isinstance(left, Element) else left
    right = text_of(right) if isinstance(right, Element) else right
    if relation in {"=", "!="} and isinstance(left, str) and isinstance(right, str):
        return (left == right) is (relation == "=")
    one, other = _number(left), _number(right)
    match relation:
        case "=":
            return one == other
        case "!=":
            return one != other
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
    return one >= other


def _local_name(at: _At, arguments: list[Value]) -> str:
    node = (arguments[0][0] if arguments[0] else "") if arguments and isinstance(arguments[0], list) else at.node
    return node.name.rpartition(" ")[2] if isinstance(node, Element) else ""


_FUNCTIONS: dict[str, tuple[int, int, Callable[[_At, list[Value]], Value]]] = {
    "last": (0, 0, lambda at, _: float(at.last)),
    "position": (0, 0, lambda at, _: float(at.place)),
    "local-name": (0, 1, _local_name),
    "count": (1, 1, lambda _, given: float(len(given[0])) if isinstance(given[0], list) else 1.0),
    "contains": (2, 2, lambda _, given: _text(given[1]) in _text(given[0])),
    "starts-with": (2, 2, lambda _, given: _text(given[0]).startswith(_text(given[1]))),
    "normalize-space": (1, 1, lambda _, given: " ".join(_text(given[0]).split())),
    "string-length": (1, 1, lambda _, given: float(len(_text(given[0])))),
    "string": (1, 1, lambda _, given: _text(given[0])),
    "number": (1, 1, lambda _, given: _number(given[0])),
    "not": (1, 1, lambda _, given: not _true(given[0])),
}
