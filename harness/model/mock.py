"""A mock as people describe it: its settings (`mock.toml`) and its stub mappings, read and understood.

Stub mappings keep WireMock's meaning. What a matcher tests and what a response does is a closed
set of values here, so that nothing of a mapping can be carried along and silently ignored.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OnDrift(StrEnum):
    """What happens to an answer that breaks the contract: refused with a 500, or let out and journalled."""

    FAIL = "fail"
    WARN = "warn"


class Fault(StrEnum):
    """WireMock's four ways to break a connection, by its own names."""

    EMPTY_RESPONSE = "EMPTY_RESPONSE"
    CONNECTION_RESET_BY_PEER = "CONNECTION_RESET_BY_PEER"
    MALFORMED_RESPONSE_CHUNK = "MALFORMED_RESPONSE_CHUNK"
    RANDOM_DATA_THEN_CLOSE = "RANDOM_DATA_THEN_CLOSE"


# --- what a value must be ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualTo:
    """The same text."""

    value: str
    ignore_case: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """The text holds this."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The whole text matches this regular expression."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualToJson:
    """The same JSON value; `${json-unit…}` placeholders in `expected` stand for any value of a kind."""

    expected: Any
    ignore_array_order: bool = False
    ignore_extra_elements: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchesJsonPath:
    """The path finds something; with `then`, something that this matcher accepts."""

    expression: str
    then: "Matcher | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchesJsonSchema:
    """Valid against this JSON Schema."""

    schema: Any
    draft: str = "V202012"


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryEqualTo:
    """The same bytes."""

    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure that stands to `value` as `relation` says: `==`, `<`, `<=`, `>`, `>=`."""

    relation: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTime:
    """A date and time before, after or at another (`<`, `>`, `==`), read by `pattern` where one is given.

    `cut` is the unit to whose first instant the date is cut before it is compared.
    """

    relation: str
    at_ms: int
    pattern: str = ""
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualToXml:
    """The same XML but for white space, comments, prefixes and the order of siblings.

    With `placeholders`, `${xmlunit.…}` in the expected document stands for any value of a kind.
    """

    document: str
    placeholders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchesXPath:
    """The expression finds something in an XML document; with `then`, something that this matcher accepts."""

    expression: str
    namespaces: tuple[tuple[str, str], ...] = ()
    then: "Matcher | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HasValues:
    """Of several values of one name, one for each matcher; `exactly`: and no others."""

    matchers: tuple["Matcher", ...]
    exactly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Not there at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Whatever `matcher` refuses."""

    matcher: "Matcher"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every one of them."""

    matchers: tuple["Matcher", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one of them."""

    matchers: tuple["Matcher", ...]


Matcher = (
    EqualTo
    | Contains
    | Matches
    | EqualToJson
    | MatchesJsonPath
    | MatchesJsonSchema
    | BinaryEqualTo
    | Number
    | DateTime
    | EqualToXml
    | MatchesXPath
    | HasValues
    | Absent
    | Not
    | AllOf
    | AnyOf
)


class UrlKind(StrEnum):
    """WireMock's five ways to name a URL, and none."""

    ANY = "any"
    URL = "url"
    PATH = "urlPath"
    PATTERN = "urlPattern"
    PATH_PATTERN = "urlPathPattern"
    PATH_TEMPLATE = "urlPathTemplate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPattern:
    """Which requests a stub answers. `method` is `ANY` or a method; named matchers pair a name with what it must be."""

    method: str = "ANY"
    url_kind: UrlKind = UrlKind.ANY
    url: str = ""
    path_parameters: tuple[tuple[str, Matcher], ...] = ()
    query: tuple[tuple[str, Matcher], ...] = ()
    headers: tuple[tuple[str, Matcher], ...] = ()
    cookies: tuple[tuple[str, Matcher], ...] = ()
    form: tuple[tuple[str, Matcher], ...] = ()
    body: tuple[Matcher, ...] = ()


# --- what is answered -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDelay:
    """Always this long."""

    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformDelay:
    """Anything between, evenly."""

    lower_ms: int
    upper_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormalDelay:
    """A long tail: half below the median; `max_ms` cuts it off."""

    median_ms: float
    sigma: float
    max_ms: float | None = None


Delay = FixedDelay | UniformDelay | LogNormalDelay


@dataclass(frozen=True, slots=True, kw_only=True)
class Dribble:
    """The body in so many pieces, the last of them after `total_ms`."""

    pieces: int
    total_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StubResponse:
    """What a stub answers. With a `fault` nothing else is sent.

    `templated`: body and headers are templates, which see `parameters` beside the request.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: Delay | None = None
    dribble: Dribble | None = None
    fault: Fault | None = None
    templated: bool = False
    parameters: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StubMapping:
    """One stub mapping. Lower `priority` wins; among equals the one read last.

    `name` is how reports speak of it; `place` is `file` or `file:line`; `written` is the mapping as it was written.
    """

    name: str
    place: str
    request: RequestPattern
    response: StubResponse
    priority: int = 5
    scenario: str | None = None
    required_state: str | None = None
    new_state: str | None = None
    id: str = ""
    written: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSettings:
    """`mock.toml`. `seeds` are the resources that a stateful mock starts with, by collection path,
    read from `seeds_file` beside `mock.toml`.

    `base_path` is taken off every request before anything looks at it; None = where the contract says.
    """

    name: str = "mock"
    contract: str | None = None
    base_path: str | None = None
    stateful: bool = False
    on_drift: OnDrift = OnDrift.FAIL
    seed: int = 0
    seeds_file: str | None = None
    seeds: tuple[tuple[str, tuple[Any, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the contract engine found when it judged a mock. Results obtained through the mock stand on this.

    `stubs_sha256` is over every file of the mock but the contract; `findings` decide (any = the mock lies), `unproved`
    are operations that were never seen to answer a legal request, `notes` decide nothing.
    """

    mock: str
    contract_sha256: str
    stubs_sha256: str
    engine: str
    seed: int
    requests: int
    operations: int
    findings: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool | None:
        """True: it keeps its contract; False: it does not; None: that could not be told."""
        if self.findings:
            return False
        return None if self.unproved or not self.operations else True
