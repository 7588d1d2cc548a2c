"""From the bytes of a request to checked values, or to the answer that refuses them.

Strict on purpose: what the contract does not name is refused, so that a client's slip is
seen at its first request and not in production.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import jsonschema_rs

from harness.sample.answers import Answer, Refused, problem
from harness.sample.contracts import Operation, Parameters
from harness.sample.tokens import Identity

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_FORM = "application/x-www-form-urlencoded"

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a handler gets: checked against the contract, numbers as numbers. `who` is None where nobody is asked."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    who: Identity | None

    @property
    def caller(self) -> Identity:
        """Who calls; only for operations that the contract protects."""
        if self.who is None:
            raise RuntimeError(f"{self.operation.id} asks nobody who they are")
        return self.who


def read_path(operation: Operation, raw: Mapping[str, str]) -> dict[str, str]:
    """The path's parameters, percent-decoded."""
    values = {name: unquote(value, errors="replace") for name, value in raw.items()}
    _check(operation.in_path, values, "path")
    return values


def read_query(operation: Operation, query_string: bytes) -> dict[str, Any]:
    """The query's parameters; unknown ones and repeated ones are refused."""
    if not query_string:
        pairs: list[tuple[str, str]] = []
    else:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, errors="replace")
    values = _once(pairs, "query")
    _check(operation.in_query, values, "query")
    return values


def read_headers(operation: Operation, headers: Headers) -> dict[str, str]:
    """Those headers that the operation declares, names in lower case."""
    names = operation.in_header.names
    if not names:
        return {}
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    values = _once((pair for pair in pairs if pair[0] in names), "header")
    _check(operation.in_header, values, "header")
    return values


def read_body(operation: Operation, content_type: str, raw: bytes) -> Any:
    """The body as a value: of JSON or of a form."""
    kind = content_type.partition(";")[0].strip().lower()
    validator = operation.bodies.get(kind)
    if validator is None:
        wanted = " or ".join(operation.bodies)
        raise Refused(problem(415, f"This operation reads {wanted}."))
    value = _form(raw) if kind == _FORM else _json(raw)
    try:
        fits = validator.is_valid(value)
    except (ValueError, OverflowError) as error:
        raise _bad(("body", str(error))) from None
    if not fits:
        raise _bad(*_violations(validator, value, "body"))
    return value


def _form(raw: bytes) -> dict[str, str]:
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise _bad(("body", f"not a form: {error}")) from None
    return _once(pairs, "body")


def _json(raw: bytes) -> Any:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # lone surrogates stop here
    except (ValueError, RecursionError) as error:
        raise _bad(("body", f"not JSON: {error}")) from None
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: Iterable[tuple[str, str]], place: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise _bad((f"{place}/{name}", "given more than once"))
        values[name] = value
    return values


def _check(parameters: Parameters, values: dict[str, Any], place: str) -> None:
    for name in parameters.numbers:
        text = values.get(name)
        if text is not None and _WHOLE_NUMBER.fullmatch(text):
            values[name] = int(text)
    if (values or parameters.names) and not parameters.validator.is_valid(values):
        raise _bad(*_violations(parameters.validator, values, place))


def _violations(validator: jsonschema_rs.Validator, value: Any, place: str) -> list[tuple[str, str]]:
    found = []
    for error in validator.iter_errors(value):
        found.append(("/".join((place, *map(str, error.instance_path))), error.message[:300]))
        if len(found) == 10:
            break
    return found


def _bad(*errors: tuple[str, str]) -> Refused:
    return Refused(_bad_request(errors))


def _bad_request(errors: Iterable[tuple[str, str]]) -> Answer:
    return problem(400, "The request does not follow the contract.", errors=errors)
