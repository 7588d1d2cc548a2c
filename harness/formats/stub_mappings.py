"""WireMock stub mappings, JSON or YAML of the same shape, read unchanged.

Every key is either understood or refused with file, line and the nearest supported way: nothing of a mapping
is silently ignored. All problems of a file come at once. Bodies that a mapping names are read only through
`read_body`, which the caller confines to `__files`.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from harness.errors import AskedWrongly, Place, Problem
from harness.formats.marked import Marked
from harness.formats.openapi import parse
from harness.formats.stub_matchers import Refused, matcher_from, matchers_from
from harness.model.mock import (
    Delay,
    Dribble,
    EqualTo,
    Fault,
    FixedDelay,
    LogNormalDelay,
    Matcher,
    RequestPattern,
    StubMapping,
    StubResponse,
    UniformDelay,
    UrlKind,
)

_MAPPING = frozenset({
    "id", "uuid", "name", "request", "response", "priority", "scenarioName", "requiredScenarioState",
    "newScenarioState", "persistent", "metadata", "insertionIndex",
})  # fmt: skip
_REQUEST = frozenset({
    "method", "url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate", "pathParameters", "queryParameters",
    "headers", "cookies", "formParameters", "bodyPatterns", "basicAuth", "basicAuthCredentials",
})  # fmt: skip
_RESPONSE = frozenset({
    "status", "headers", "body", "jsonBody", "base64Body", "bodyFileName", "fixedDelayMilliseconds",
    "delayDistribution", "chunkedDribbleDelay", "fault", "transformers", "transformerParameters",
})  # fmt: skip
_INSTEAD = {
    "statusMessage": "HTTP/1.1 clients ignore the phrase: leave it out",
    "proxyBaseUrl": "let the tier name the real dependency (`real = \"https://…\"`), or record its answers as mappings",
    "proxyUrlPrefixToRemove": "proxying is not supported",
    "additionalProxyRequestHeaders": "proxying is not supported",
    "postServeActions": "callbacks are not supported: call the system under test from the UAT script",
    "serveEventListeners": "callbacks are not supported: call the system under test from the UAT script",
    "multipartPatterns": "match the body with `bodyPatterns` (`contains` or `matches`)",
    "customMatcher": "write it with the matchers of `bodyPatterns`",
    "host": "a mock has one address: leave it out",
    "port": "a mock has one address: leave it out",
    "scheme": "a mock speaks plain HTTP on loopback: leave it out",
    "clientIp": "leave it out",
    "dribbleDelay": "WireMock calls it `chunkedDribbleDelay`",
}  # fmt: skip
_URLS = {kind.value: kind for kind in UrlKind if kind is not UrlKind.ANY}
_LONGEST_MS = 600_000
_MOST_PIECES = 1000
_TEMPLATES = "response-template"


def read_stub_mappings(body: bytes, file: str, read_body: Callable[[str], bytes]) -> tuple[StubMapping, ...]:
    """The mappings of one file: a single one, a list, or WireMock's `{"mappings": […]}`.

    `read_body` gives the bytes of a `bodyFileName`, or raises `Refused` with the reason.
    """
    marked = parse(body, file)
    written = marked.value
    if isinstance(written, dict) and "mappings" in written:
        unknown = sorted(set(written) - {"mappings", "meta"})
        if unknown:
            raise AskedWrongly(f"unknown key `{unknown[0]}`", place=marked.place(written, unknown[0]))
        written = written["mappings"]
    listed = written if isinstance(written, list) else [written]
    problems: list[Problem] = []
    found = []
    for index, one in enumerate(listed):
        reader = _Reader(marked, problems, read_body)
        name = file if len(listed) == 1 else f"{file}#{index}"
        mapping = reader.mapping(one, name)
        if mapping is not None:
            found.append(mapping)
    if problems:
        raise AskedWrongly.of(problems)
    return tuple(found)


def read_delay(written: dict[str, Any]) -> Delay | None:
    """A delay by WireMock's own words (`fixedDelayMilliseconds`, `delayDistribution`); ValueError where it is none."""
    problems: list[Problem] = []
    marked = parse(json.dumps(written).encode(), "settings")
    found = _Reader(marked, problems, lambda _name: b"").delay(marked.value)
    if problems:
        raise ValueError(problems[0].message)
    return found


class _Reader:
    """Reads one mapping, noting problems with their lines."""

    def __init__(self, marked: Marked, problems: list[Problem], read_body: Callable[[str], bytes]) -> None:
        self._marked = marked
        self._problems = problems
        self._read_body = read_body

    def mapping(self, written: Any, name: str) -> StubMapping | None:
        if not isinstance(written, dict):
            place = Place(file=self._marked.file)
            self._problems.append(
                Problem(message="a stub mapping is a mapping with `request` and `response`", place=place)
            )
            return None
        before = len(self._problems)
        self._known(written, _MAPPING, "a stub mapping")
        request = self._inside(written, "request", self._request, RequestPattern())
        response = self._inside(written, "response", self._response, StubResponse())
        line = self._marked.line_of(written, "request") or self._marked.line_of(written, "response")
        scenario = written.get("scenarioName")
        if scenario is None and (written.get("requiredScenarioState") or written.get("newScenarioState")):
            self._note(written, "requiredScenarioState", "a scenario state without `scenarioName`", "name the scenario")
        priority = written.get("priority", 5)
        if not isinstance(priority, int) or isinstance(priority, bool):
            self._note(written, "priority", "`priority` is a whole number, 1 the most important")
        if len(self._problems) > before:
            return None
        return StubMapping(
            name=str(written.get("name") or name),
            place=f"{self._marked.file}:{line}" if line else self._marked.file,
            request=request,
            response=response,
            priority=priority,
            scenario=scenario,
            required_state=written.get("requiredScenarioState"),
            new_state=written.get("newScenarioState"),
            id=str(written.get("id") or written.get("uuid") or ""),
            written=written,
        )

    def _inside(self, written: dict[str, Any], key: str, read: Callable[[dict[str, Any]], Any], empty: Any) -> Any:
        inside = written.get(key)
        if isinstance(inside, dict):
            return read(inside)
        if inside is not None or key == "response":
            self._note(written, key, f"`{key}` must be a mapping")
        return empty

    # --- the request ---

    def _request(self, written: dict[str, Any]) -> RequestPattern:
        self._known(written, _REQUEST, "`request`")
        urls = [key for key in _URLS if written.get(key) is not None]
        if len(urls) > 1:
            self._note(written, urls[1], f"`{urls[0]}` and `{urls[1]}` exclude each other", "keep one of the two")
        kind = _URLS[urls[0]] if urls else UrlKind.ANY
        url = str(written[urls[0]]) if urls else ""
        if urls and kind not in {UrlKind.PATTERN, UrlKind.PATH_PATTERN} and not url.startswith("/"):
            self._note(written, urls[0], f"`{urls[0]}` begins with `/`, not {url!r}")
        body = written.get("bodyPatterns") or []
        if not isinstance(body, list):
            self._note(written, "bodyPatterns", "`bodyPatterns` must be a list")
            body = []
        headers = (*self._named(written, "headers"), *self._basic(written))
        names = [part.partition("}")[0] for part in url.split("{")[1:]] if kind is UrlKind.PATH_TEMPLATE else []
        in_path = self._named(written, "pathParameters")
        for name, _ in in_path:
            if name not in names:
                self._note(written, "pathParameters", f"`{name}` is not in the urlPathTemplate {url!r}")
        return RequestPattern(
            method=str(written.get("method") or "ANY").upper(),
            url_kind=kind,
            url=url,
            path_parameters=in_path,
            query=self._named(written, "queryParameters"),
            headers=headers,
            cookies=self._named(written, "cookies"),
            form=self._named(written, "formParameters"),
            body=tuple(one for pattern in body for one in self._matchers(written, "bodyPatterns", pattern)),
        )

    def _named(self, written: dict[str, Any], key: str) -> tuple[tuple[str, Matcher], ...]:
        patterns = written.get(key) or {}
        if not isinstance(patterns, dict):
            self._note(written, key, f"`{key}` must be a mapping of names to matchers")
            return ()
        found: list[tuple[str, Matcher]] = []
        for name, pattern in patterns.items():
            try:
                found.append((name, matcher_from(pattern)))
            except Refused as error:
                self._note(patterns, name, f"{key} `{name}`: {error}", error.hint)
        return tuple(found)

    def _matchers(self, written: dict[str, Any], key: str, pattern: Any) -> tuple[Matcher, ...]:
        try:
            return matchers_from(pattern)
        except Refused as error:
            if isinstance(pattern, dict) and pattern:
                self._note(pattern, next(iter(pattern)), f"{key}: {error}", error.hint)
            else:
                self._note(written, key, f"{key}: {error}", error.hint)
            return ()

    def _basic(self, written: dict[str, Any]) -> tuple[tuple[str, Matcher], ...]:
        given = written.get("basicAuthCredentials") or written.get("basicAuth")
        if not isinstance(given, dict):
            return ()
        text = f"{given.get('username', '')}:{given.get('password', '')}".encode()
        return (("authorization", EqualTo(value=f"Basic {base64.b64encode(text).decode()}")),)

    # --- the response ---

    def _response(self, written: dict[str, Any]) -> StubResponse:
        self._known(written, _RESPONSE, "`response`")
        others = [one for one in written.get("transformers") or () if one != _TEMPLATES]
        if others:
            self._note(
                written, "transformers", f"`transformers`: {others[0]!r} is not supported",
                f"`{_TEMPLATES}` is; or leave the operation to the contract (`stateful = true` keeps resources)",
            )  # fmt: skip
        status = written.get("status", 200)
        if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
            self._note(written, "status", f"`status` is a whole number from 200 to 599, not {status!r}")
            status = 200
        bodies = [key for key in ("body", "jsonBody", "base64Body", "bodyFileName") if key in written]
        if len(bodies) > 1:
            self._note(written, bodies[1], f"`{bodies[0]}` and `{bodies[1]}` exclude each other", "keep one of the two")
        return StubResponse(
            status=status,
            headers=self._headers(written),
            body=self._body(written),
            delay=self.delay(written),
            dribble=self._dribble(written),
            fault=self._fault(written),
            templated=_TEMPLATES in (written.get("transformers") or ()),
            parameters=written.get("transformerParameters"),
        )

    def _headers(self, written: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        headers = written.get("headers") or {}
        if not isinstance(headers, dict):
            self._note(written, "headers", "`headers` must be a mapping of names to texts")
            return ()
        found = []
        for name, value in headers.items():
            values = value if isinstance(value, list) else [value]
            for one in values:
                text = str(one)
                if "\r" in text or "\n" in text or not name.isascii() or not text.isprintable():
                    self._note(headers, name, f"header `{name}` cannot be sent as {text!r}", "use one printable line")
                else:
                    found.append((name, text))
        return tuple(found)

    def _body(self, written: dict[str, Any]) -> bytes:
        if "jsonBody" in written:
            return json.dumps(written["jsonBody"], ensure_ascii=False, separators=(",", ":")).encode()
        if "base64Body" in written:
            try:
                return base64.b64decode(str(written["base64Body"]), validate=True)
            except (binascii.Error, ValueError):
                self._note(written, "base64Body", "`base64Body` is not Base64")
                return b""
        if "bodyFileName" in written:
            try:
                return self._read_body(str(written["bodyFileName"]))
            except Refused as error:
                self._note(written, "bodyFileName", f"`bodyFileName`: {error}", error.hint)
                return b""
        text = written.get("body", "")
        if not isinstance(text, str):
            self._note(written, "body", "`body` is a text", "write a JSON value as `jsonBody`")
            return b""
        return text.encode()

    def delay(self, written: dict[str, Any]) -> Delay | None:
        fixed = written.get("fixedDelayMilliseconds")
        if fixed is not None:
            return FixedDelay(ms=self._ms(written, "fixedDelayMilliseconds", fixed))
        given = written.get("delayDistribution")
        if given is None:
            return None
        kind = given.get("type") if isinstance(given, dict) else None
        if kind == "fixed":
            return FixedDelay(ms=self._ms(written, "delayDistribution", given.get("milliseconds")))
        if kind == "uniform":
            lower = self._ms(written, "delayDistribution", given.get("lower"))
            return UniformDelay(lower_ms=lower, upper_ms=self._ms(written, "delayDistribution", given.get("upper")))
        if (
            kind == "lognormal"
            and isinstance(given.get("median"), int | float)
            and isinstance(given.get("sigma"), int | float)
        ):
            most = given.get("maxValue")
            return LogNormalDelay(
                median_ms=float(given["median"]), sigma=float(given["sigma"]),
                max_ms=float(most) if isinstance(most, int | float) else None,
            )  # fmt: skip
        self._note(
            written, "delayDistribution", "a delay distribution is `fixed`, `uniform` or `lognormal`, with its figures"
        )
        return None

    def _dribble(self, written: dict[str, Any]) -> Dribble | None:
        given = written.get("chunkedDribbleDelay")
        if given is None:
            return None
        pieces = given.get("numberOfChunks") if isinstance(given, dict) else None
        if not isinstance(pieces, int) or isinstance(pieces, bool) or not 1 <= pieces <= _MOST_PIECES:
            self._note(
                written, "chunkedDribbleDelay",
                f"`chunkedDribbleDelay` is {{numberOfChunks, totalDuration}}, at most {_MOST_PIECES} chunks",
            )  # fmt: skip
            return None
        return Dribble(pieces=pieces, total_ms=self._ms(written, "chunkedDribbleDelay", given.get("totalDuration")))

    def _ms(self, written: dict[str, Any], key: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_MS:
            return value
        self._note(written, key, f"a delay is a whole number of milliseconds up to {_LONGEST_MS}, not {value!r}")
        return 0

    def _fault(self, written: dict[str, Any]) -> Fault | None:
        fault = written.get("fault")
        if fault is None:
            return None
        try:
            return Fault(str(fault))
        except ValueError:
            self._note(written, "fault", f"`{fault}` is not a fault", f"known: {', '.join(one.value for one in Fault)}")
            return None

    # --- noting ---

    def _known(self, written: dict[str, Any], known: frozenset[str], where: str) -> None:
        for key in written:
            if key not in known:
                what = "is not supported" if key in _INSTEAD else "is unknown"
                self._note(
                    written, key, f"`{key}` in {where} {what}", _INSTEAD.get(key, f"known: {', '.join(sorted(known))}")
                )

    def _note(self, container: object, key: str, message: str, hint: str | None = None) -> None:
        self._problems.append(Problem(message=message, place=self._marked.place(container, key), hint=hint))
