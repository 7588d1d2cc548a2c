"""Which stub answers a request: matchers compiled once, stubs found by an index instead of a scan.

Lower priority wins, and among equals the one read last; a stub that waits for another state of its
scenario is passed over. A request is never matched by a matcher that could not read it.
"""

import json
import operator
import re
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any, assert_never
from urllib.parse import parse_qsl, unquote

import jsonschema_rs

from harness.mocks.json_equality import same
from harness.mocks.json_paths import JsonPath, parse_path
from harness.mocks.messages import Request, Unreadable, read_json
from harness.mocks.patterns import compiled, search
from harness.model.mock import (
    Absent,
    AllOf,
    AnyOf,
    BinaryEqualTo,
    Contains,
    DateTime,
    EqualTo,
    EqualToJson,
    EqualToXml,
    HasValues,
    Matcher,
    Matches,
    MatchesJsonPath,
    MatchesJsonSchema,
    MatchesXPath,
    Not,
    Number,
    StubMapping,
    UrlKind,
)

STARTED = "Started"
_MOST_VALUES = 200
Test = Callable[["Text"], bool]
Values = Callable[[Request], Sequence[str]]
_PLACE = re.compile(r"\{([^{}/]+)\}")
_DRAFTS = {
    "V4": jsonschema_rs.Draft4Validator,
    "V6": jsonschema_rs.Draft6Validator,
    "V7": jsonschema_rs.Draft7Validator,
    "V201909": jsonschema_rs.Draft201909Validator,
    "V202012": jsonschema_rs.Draft202012Validator,
}


class Text:
    """A value being matched: None where there is none. JSON is read once, by the request itself for a body."""

    __slots__ = ("_request", "value")

    def __init__(self, value: str | None, request: Request | None = None) -> None:
        self.value = value
        self._request = request

    @classmethod
    def of_body(cls, request: Request) -> "Text":
        """The body of a request; nothing where it is empty."""
        return cls(request.body.decode("utf-8", "surrogateescape") if request.body else None, request)

    def json(self) -> Any:
        """The JSON value, `Unreadable` where it is none."""
        if self.value is None:
            raise Unreadable("there is nothing")
        return self._request.json() if self._request is not None else read_json(self.value.encode("utf-8", "replace"))

    def bytes(self) -> bytes:
        """The raw bytes."""
        if self._request is not None:
            return self._request.body
        return (self.value or "").encode("utf-8", "surrogateescape")


def test_for(matcher: Matcher) -> Test:
    """A matcher as a function; raises `NotAPattern` or `NotAPath` where it cannot be one."""
    match matcher:
        case EqualTo(value=value, ignore_case=ignore_case):
            return _equal(value, ignore_case=ignore_case)
        case Contains(value=value):
            return lambda text: text.value is not None and value in text.value
        case Matches(pattern=pattern):
            compiled(pattern, whole=True)
            return lambda text: text.value is not None and search(pattern, text.value, whole=True)
        case EqualToJson():
            return _reading(
                lambda actual: same(
                    matcher.expected, actual, any_order=matcher.ignore_array_order, extra=matcher.ignore_extra_elements
                )
            )
        case MatchesJsonPath(expression=expression, then=then):
            return _reading(_path_test(parse_path(expression), then), missing=isinstance(then, Absent))
        case MatchesJsonSchema(schema=schema, draft=draft):
            validator = _DRAFTS[draft](schema, validate_formats=True)
            return _reading(lambda actual: _is_valid(validator, actual))
        case BinaryEqualTo() | Number() | DateTime() | EqualToXml() | MatchesXPath() | HasValues():
            return _kind_test(matcher)
        case Absent():
            return lambda text: text.value is None
        case Not(matcher=inner):
            refused = test_for(inner)
            return lambda text: not refused(text)
        case AllOf(matchers=matchers):
            every = [test_for(one) for one in matchers]
            return lambda text: all(test(text) for test in every)
        case AnyOf(matchers=matchers):
            some = [test_for(one) for one in matchers]
            return lambda text: any(test(text) for test in some)
    assert_never(matcher)


def _kind_test(matcher: BinaryEqualTo | Number | DateTime | EqualToXml | MatchesXPath | HasValues) -> Test:
    match matcher:
        case BinaryEqualTo(value=expected):
            return lambda text: text.bytes() == expected
        case Number(relation=relation, value=figure):
            return _number_test(relation, figure)
        case DateTime():
            return _moment_test(matcher)
        case EqualToXml(document=document, placeholders=placeholders):
            return _xml_test(document, placeholders=placeholders)
        case MatchesXPath():
            return _xpath_test(matcher)
        case HasValues():
            raise ValueError("`hasExactly` and `includes` look at all values of a name, so they stand alone there")
    assert_never(matcher)


_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _number_test(relation: str, figure: float) -> Test:
    holds = _HOLDS[relation]

    def test(text: Text) -> bool:
        try:
            return text.value is not None and len(text.value) < 400 and holds(float(text.value), figure)
        except ValueError:
            return False

    return test


def _moment_test(matcher: DateTime) -> Test:
    # here, so that a mock without dates starts without them
    from harness.mocks.templating.dates import cut, read_any

    holds = _HOLDS[matcher.relation]

    def test(text: Text) -> bool:
        if text.value is None:
            return False
        try:
            ms = read_any(text.value[:100], matcher.pattern)
            return holds(cut(ms, matcher.cut) if matcher.cut else ms, matcher.at_ms)
        except (ValueError, OverflowError):
            return False

    return test


def _xml_test(document: str, *, placeholders: bool) -> Test:
    # here, so that a mock without XML starts without a reader of it
    from harness.mocks.xml_equality import NotXml, read_xml, same_xml

    expected = read_xml(document)

    def test(text: Text) -> bool:
        try:
            return text.value is not None and same_xml(expected, read_xml(text.value), placeholders=placeholders)
        except NotXml:
            return False

    return test


def _xpath_test(matcher: MatchesXPath) -> Test:
    # here, so that a mock without XML starts without a reader of it
    from harness.mocks.xml_equality import NotXml, read_xml
    from harness.mocks.xpath import XPath, text_of

    path = XPath(matcher.expression, dict(matcher.namespaces))
    then = test_for(matcher.then) if matcher.then is not None else None
    missing = isinstance(matcher.then, Absent)

    def test(text: Text) -> bool:
        if text.value is None:
            return missing
        try:
            found = path.find(read_xml(text.value))
        except NotXml:
            return missing
        if missing:
            return not found
        return bool(found) if then is None else any(then(Text(text_of(one))) for one in found)

    return test


def _equal(value: str, *, ignore_case: bool) -> Test:
    if ignore_case:
        folded = value.casefold()
        return lambda text: text.value is not None and text.value.casefold() == folded
    return lambda text: text.value == value


def _reading(test: Callable[[Any], bool], *, missing: bool = False) -> Test:
    def read(text: Text) -> bool:
        try:
            return test(text.json())
        except Unreadable:
            return missing

    return read


def _is_valid(validator: jsonschema_rs.Validator, value: Any) -> bool:
    try:
        return validator.is_valid(value)
    except (ValueError, RecursionError):
        return False


def _path_test(path: JsonPath, then: Matcher | None) -> Callable[[Any], bool]:
    if then is None:
        return lambda value: _says_something(path.find(value), definite=path.definite)
    if isinstance(then, Absent):
        return lambda value: not path.find(value)
    inner = test_for(then)
    return lambda value: any(inner(Text(_as_text(one))) for one in path.find(value))


def _says_something(found: list[Any], *, definite: bool) -> bool:
    if not found or not definite:
        return bool(found)
    return found[0] not in (None, [], {})


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class CompiledStub:
    """A stub mapping, ready to be tried. `rank` orders stubs: the smallest matching one answers.

    `labels` say what each of the `tests` looks at: `method`, `url`, `header accept`, `body`.
    """

    mapping: StubMapping
    rank: tuple[int, int]
    tests: tuple[Callable[[Request], bool], ...]
    labels: tuple[str, ...]

    def __lt__(self, other: "CompiledStub") -> bool:
        return self.rank < other.rank

    def fits(self, request: Request) -> bool:
        """Whether everything that the mapping asks of a request holds (scenario states aside)."""
        return all(test(request) for test in self.tests)


@dataclass(slots=True)
class StubIndex:
    """All stubs, found by method and path: literal paths by name, templates by their segments, the rest in order."""

    by_path: dict[str, list[CompiledStub]] = field(default_factory=dict)
    by_shape: dict[tuple[int, str], list[CompiledStub]] = field(default_factory=dict)
    by_prefix: dict[str, list[CompiledStub]] = field(default_factory=dict)
    anywhere: list[CompiledStub] = field(default_factory=list)
    all: list[CompiledStub] = field(default_factory=list)
    entered: int = 0

    def add(self, mapping: StubMapping) -> CompiledStub:
        """Enter a mapping; it goes before those of the same priority that are already there."""
        stub = compiled_stub(mapping, self.entered)
        self.entered += 1
        insort(self._shelf(mapping), stub)
        self.all.append(stub)
        return stub

    def remove(self, stub: CompiledStub) -> None:
        """Take a stub out."""
        self.all.remove(stub)
        self._shelf(stub.mapping).remove(stub)

    def find(self, request: Request, states: Mapping[str, str]) -> CompiledStub | None:
        """The stub that answers, None where none fits."""
        for stub in self._candidates(request.path):
            mapping = stub.mapping
            waits = mapping.required_state is not None and mapping.scenario is not None
            if waits and states.get(str(mapping.scenario), STARTED) != mapping.required_state:
                continue
            if stub.fits(request):
                return stub
        return None

    def _candidates(self, path: str) -> Iterable[CompiledStub]:
        shelves = [self.by_path.get(path)]
        if self.by_shape or self.by_prefix:
            segments = path.split("/")
            first = segments[1] if len(segments) > 1 else ""
            shelves += [self.by_shape.get((len(segments), key)) for key in (first, "")]
            shelves.append(self.by_prefix.get(first))
        if self.anywhere:
            shelves.append(self.anywhere)
        found = [shelf for shelf in shelves if shelf]
        if len(found) < 2:
            return found[0] if found else ()
        return merge(*found)

    def _shelf(self, mapping: StubMapping) -> list[CompiledStub]:
        url = mapping.request.url
        match mapping.request.url_kind:
            case UrlKind.PATH | UrlKind.URL:
                return self.by_path.setdefault(url.partition("?")[0], [])
            case UrlKind.PATH_TEMPLATE:
                segments = url.split("/")
                first = segments[1] if len(segments) > 1 else ""
                return self.by_shape.setdefault((len(segments), "" if "{" in first else first), [])
            case UrlKind.PATTERN | UrlKind.PATH_PATTERN:
                prefix = re.match(r"/([A-Za-z0-9_~-]+)/", url)
                simple = prefix is not None and "|" not in url
                return self.by_prefix.setdefault(prefix[1], []) if prefix is not None and simple else self.anywhere
            case UrlKind.ANY:
                return self.anywhere
        assert_never(mapping.request.url_kind)


def compiled_stub(mapping: StubMapping, order: int) -> CompiledStub:
    """A mapping with every matcher compiled; what cannot be compiled raises here, not at a request."""
    pattern = mapping.request
    labelled: list[tuple[str, Callable[[Request], bool]]] = []
    if pattern.method != "ANY":
        method = pattern.method
        labelled.append(("method", lambda request: request.method == method))
    url = pattern.url.partition("?")[0]
    if pattern.url_kind in {UrlKind.PATH, UrlKind.URL}:
        labelled.append(("url", lambda request: request.path == url))
    labelled += [("url", test) for test in _url_tests(pattern.url_kind, pattern.url, pattern.path_parameters)]
    labelled += [(f"header {name}", _many(_header_values(name.lower()), one)) for name, one in pattern.headers]
    labelled += [(f"query {name}", _many(_query_values(name), one)) for name, one in pattern.query]
    labelled += [(f"cookie {name}", _many(_cookie_values(name), one)) for name, one in pattern.cookies]
    labelled += [(f"form {name}", _many(_form_values(name), one)) for name, one in pattern.form]
    labelled += [("body", _of_body(test_for(matcher))) for matcher in pattern.body]
    labels, tests = zip(*labelled, strict=True) if labelled else ((), ())
    return CompiledStub(mapping=mapping, rank=(mapping.priority, -order), tests=tests, labels=labels)


def _url_tests(
    kind: UrlKind, url: str, in_path: tuple[tuple[str, Matcher], ...]
) -> Iterator[Callable[[Request], bool]]:
    match kind:
        case UrlKind.URL if "?" in url:
            yield lambda request: f"{request.path}?{request.query}" == url
        case UrlKind.URL:
            yield lambda request: not request.query
        case UrlKind.PATTERN:
            compiled(url, whole=True)
            yield lambda request: search(
                url, f"{request.path}?{request.query}" if request.query else request.path, whole=True
            )
        case UrlKind.PATH_PATTERN:
            compiled(url, whole=True)
            yield lambda request: search(url, request.path, whole=True)
        case UrlKind.PATH_TEMPLATE:
            yield _template_test(url, in_path)


def path_variables(template: str, path: str) -> dict[str, str]:
    """What the places of a path template hold in a path; empty where it does not fit."""
    match = _template_pattern(template).fullmatch(path)
    return {} if match is None else dict(zip(_PLACE.findall(template), map(unquote, match.groups()), strict=True))


def _template_pattern(template: str) -> re.Pattern[str]:
    return re.compile("([^/]+)".join(re.escape(part) for part in _PLACE.sub("\0", template).split("\0")))


def _template_test(template: str, in_path: tuple[tuple[str, Matcher], ...]) -> Callable[[Request], bool]:
    names = _PLACE.findall(template)
    pattern = _template_pattern(template)
    tests = [(names.index(name), test_for(matcher)) for name, matcher in in_path]

    def fits(request: Request) -> bool:
        match = pattern.fullmatch(request.path)
        return match is not None and all(test(Text(unquote(match[at + 1]))) for at, test in tests)

    return fits


def _header_values(name: str) -> Values:
    return lambda request: request.header_values(name)


def _query_values(name: str) -> Values:
    return lambda request: [value for key, value in request.pairs if key == name]


def _cookie_values(name: str) -> Values:
    return lambda request: [value for key, value in request.cookies().items() if key == name]


def _form_values(name: str) -> Values:
    def values(request: Request) -> Sequence[str]:
        pairs = parse_qsl(request.body.decode("utf-8", "surrogateescape"), keep_blank_values=True)
        return [value for key, value in pairs if key == name]

    return values


def _of_body(test: Test) -> Callable[[Request], bool]:
    return lambda request: test(Text.of_body(request))


def _many(values: Values, matcher: Matcher) -> Callable[[Request], bool]:
    """Any of several values may match; with none there, only what accepts absence does."""
    if isinstance(matcher, HasValues):
        return _all_of(values, [test_for(one) for one in matcher.matchers], exactly=matcher.exactly)
    test = test_for(matcher)
    nothing = test(Text(None))
    if isinstance(matcher, Absent):
        return lambda request: not values(request)

    def any_of(request: Request) -> bool:
        found = values(request)
        return any(test(Text(value)) for value in found) if found else nothing

    return any_of


def _all_of(values: Values, tests: list[Test], *, exactly: bool) -> Callable[[Request], bool]:
    """Each test has a value that it accepts; `exactly`: as many values as tests, each accepted by one."""

    def holds(request: Request) -> bool:
        found = [Text(value) for value in values(request)[:_MOST_VALUES]]
        met = all(any(test(one) for one in found) for test in tests)
        if not exactly:
            return met
        return met and len(found) == len(tests) and all(any(test(one) for test in tests) for one in found)

    return holds
