"""What the engine saw, as short lines: written and flushed one by one, so that a killed run has told all it knew."""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from harness.formats.curl import Request
from harness.kit.contract.origins import Origins
from harness.model.process import FOUND

_MOST_BODY = 20_000
_MOST_TEXT = 4_000
_FACTS = (
    *("status_code", "defined_status_codes", "missing_headers", "media_types", "content_type", "allowed_statuses"),
    *("defined_content_types", "expected_statuses", "method", "failure_reason", "header_name", "free", "usage"),
    *("created_with", "not_available_with", "actual", "defined"),
)
_DULL = frozenset(
    ("user-agent", "accept-encoding", "accept", "connection", "content-length", "x-schemathesis-testcaseid")
)
_SIGNING = frozenset(("authorization", "cookie", "x-api-key"))
_MISSED = frozenset(("AcceptedNegativeData", "MissingHeaderNotRejected"))


class Teller:
    """Writes events, one JSON object a line, and progress, one sentence a line."""

    def __init__(self, events: Path, progress: Path, credentials: Mapping[str, str], base_url: str = "") -> None:
        self._events: TextIO = events.open("w", encoding="utf-8")
        self._progress: TextIO = progress.open("w", encoding="utf-8")
        self._credentials = {name.lower(): value for name, value in credentials.items()}
        self._base_url = base_url
        self._origins = Origins()
        self._read: set[str] = set()
        self.fine: set[str] = set()
        self._failures = 0
        self.requests = 0

    def close(self) -> None:
        """Nothing more is told."""
        self._events.close()
        self._progress.close()

    def tell(self, event: str, **values: object) -> None:
        """One event."""
        self._events.write(json.dumps({"event": event, **values}, separators=(",", ":")) + "\n")
        self._events.flush()

    def say(self, text: str) -> None:
        """One line of progress for whoever watches."""
        self._progress.write(text.replace("\n", " ") + "\n")
        self._progress.flush()

    def scenario(self, event: Any, cells: list[list[str]] | None = None) -> list[dict[str, Any]]:
        """A finished scenario: how often which status came, what failed, which promises were exercised (`cells`).

        The failures are given back as they were told, each with its number (`source`) in the whole run.
        """
        recorder = event.recorder
        if not recorder.interactions and not recorder.checks:
            return []
        seen: dict[str, dict[str, list[int]]] = {}
        lost: dict[str, int] = {}
        legal: dict[str, list[int]] = {}
        good: dict[str, dict[str, str]] = {}
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            if node is None:
                continue
            self.requests += 1
            label = node.value.operation.label
            if interaction.response is None:
                lost[label] = lost.get(label, 0) + 1
            elif interaction.request.method.upper() == node.value.operation.method.upper():
                counts = seen.setdefault(label, {}).setdefault(str(interaction.response.status_code), [0, 0])
                counts[0] += 1
                if interaction.response.status_code < 500:
                    self.fine.add(label)
                counts[1] += _is_clean(recorder.checks.get(case_id, ()))
                if self._notice(interaction, label):
                    good[label] = self._good(interaction)
                _count_legal(legal, node.value, interaction.response.status_code)
        failures = self.failures(recorder, event.phase.value)
        label = getattr(event, "label", None)
        sums = {"seen": seen, "lost": lost, "legal": legal, "good": good, "cells": cells or []}
        return self._told(failures, phase=event.phase.value, operation=label, **sums)

    def found(self, failures: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Failures that we noticed ourselves beside the engine, told and numbered as its own are."""
        sums: dict[str, Any] = {"seen": {}, "lost": {}, "legal": {}, "good": {}, "cells": []}
        return self._told(failures, phase="", operation=None, **sums) if failures else []

    def _told(self, failures: list[dict[str, Any]], **sums: object) -> list[dict[str, Any]]:
        for one in filter(_looks_wrong, failures):
            self.say(f"{FOUND}{one['operation']}: {one['title']} ({one['status'] or 'no answer'})")
        self.tell("scenario", **sums, failures=failures)
        numbered = [{**failure, "source": self._failures + number} for number, failure in enumerate(failures)]
        self._failures += len(failures)
        return numbered

    def completed(self, chain: list[dict[str, Any]], uri: str, template: str) -> list[dict[str, Any]]:
        """A chain of requests with what has to come before it in front, as `Origins` knows it."""
        return self._origins.completed(chain, uri, template)

    def _notice(self, interaction: Any, label: str) -> bool:
        """Remember what an answer gave, for later addresses; whether it is an operation's first good one that reads."""
        response = interaction.response
        if not 200 <= response.status_code < 300:
            return False
        if "json" in ", ".join(response.headers.get("content-type", [])):
            self._origins.notice(self.request(interaction.request), response.status_code, response.content or b"")
        first = label not in self._read and interaction.request.method in {"GET", "HEAD"}
        self._read.add(label)
        return first

    def _good(self, interaction: Any) -> dict[str, str]:
        """An accepted request as it may be sent again elsewhere: its path and query below the base."""
        uri = interaction.request.uri
        status = str(interaction.response.status_code)
        return {"method": interaction.request.method, "path": uri.removeprefix(self._base_url), "status": status}

    def failures(self, recorder: Any, phase: str) -> list[dict[str, Any]]:
        """One entry for each distinct failure of a scenario, with the smallest request that showed it."""
        smallest: dict[tuple[object, ...], dict[str, Any]] = {}
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is None or self._was_signed_in_all_the_same(recorder, case_id, check):
                    continue
                entry = self._failure(recorder, phase, case_id, check)
                tried = entry["about"]
                key = (
                    *(entry[name] for name in ("check", "type", "operation", "status", "unique")),
                    *(tried[name] for name in ("location", "scenario", "mode")),
                )
                known = smallest.get(key)
                count = 1 + (known["count"] if known else 0)
                if known is None or entry["size"] < known["size"]:
                    smallest[key] = entry
                smallest[key]["count"] = count
        return list(smallest.values())

    def _was_signed_in_all_the_same(self, recorder: Any, case_id: str, check: Any) -> bool:
        """It was to go without credentials and carried ours: the contract declares another way to sign in."""
        kind = type(check.failure_info.failure).__name__
        interaction = recorder.interactions.get(case_id)
        tried = about(recorder.cases[case_id].value)
        left_out = tried["in"] == "header" and tried["parameter"].lower() in _SIGNING
        if interaction is None or not (kind == "IgnoredAuth" or (kind in _MISSED and left_out)):
            return False
        sent = {name.lower(): _text(values[0]) for name, values in interaction.request.headers.items()}
        return any(sent.get(name) == value for name, value in self._credentials.items())

    def _failure(self, recorder: Any, phase: str, case_id: str, check: Any) -> dict[str, Any]:
        failure = check.failure_info.failure
        interaction = recorder.interactions.get(case_id)
        node = recorder.cases[case_id]
        case = node.value
        request = self.request(interaction.request) if interaction else {}
        related = failure.related_case_ids()
        chain = [
            {**self.request(recorder.interactions[each.id].request), "answer": _body(recorder.interactions[each.id])}
            for each in recorder.iter_chain_cases(case_id=case_id, related_case_ids=related)
            if each.id != case_id and each.id in recorder.interactions
        ]
        if request and chain:
            chain = self._origins.completed(chain, request["uri"], case.operation.path)
        elif request:
            chain = self._origins.before(request["uri"], case.operation.path)
        response = interaction.response if interaction else None
        return {
            "check": check.name,
            "type": type(failure).__name__,
            "code": failure.code,
            "unique": str(failure._unique_key),  # noqa: SLF001 - the only name this identity has
            "operation": case.operation.label,
            "title": failure.title,
            "message": failure.message[:_MOST_TEXT],
            "status": response.status_code if response is not None else None,
            "phase": phase,
            "about": about(case),
            "detail": detail_of(failure, response),
            "request": request,
            "before": chain,
            "answer": _answer(response),
            "size": len(request.get("uri", "")) + len(request.get("body") or "") + 10_000 * len(chain),
        }

    def plain(self, request: Request) -> dict[str, Any]:
        """A request that is told already without its credentials, in the words of `request`."""
        return {
            "method": request.method,
            "uri": request.url,
            "headers": dict(request.headers),
            "credentials": [name for name, _ in request.credentials],
            "body": None if request.body is None else base64.b64encode(request.body).decode(),
            "body_cut": request.is_cut,
        }

    def request(self, request: Any) -> dict[str, Any]:
        """A request without the values of credentials; which headers carried them is named."""
        headers = {name: values[0] for name, values in request.headers.items() if name.lower() not in _DULL}
        told = {name: value for name, value in headers.items() if name.lower() not in self._credentials}
        body = request.body
        return {
            "method": request.method,
            "uri": request.uri,
            "headers": {name: _text(value) for name, value in told.items()},
            "credentials": sorted(name for name in headers if name.lower() in self._credentials),
            "body": None if body is None else base64.b64encode(body[:_MOST_BODY]).decode(),
            "body_cut": body is not None and len(body) > _MOST_BODY,
        }


def detail_of(failure: Any, response: Any) -> dict[str, Any]:
    """The facts of a failure, as plain values."""
    return _detail(failure) | _header(failure, response)


def _looks_wrong(failure: Mapping[str, Any]) -> bool:
    """Whether it is worth a word at once: not what can only be an opinion, which decides nothing."""
    status = failure["status"] or 0
    match failure["type"]:
        case "RejectedPositiveData" | "AllowHeaderMismatch" | "ResponseTimeExceeded":
            return False
        case "AcceptedNegativeData" | "MissingHeaderNotRejected" | "UnsupportedMethodResponse":
            return 200 <= status < 300
        case _:
            return status != 429


def _is_clean(checks: Iterable[Any]) -> bool:
    """No check of the answer itself failed."""
    answering = {"response_schema_conformance", "status_code_conformance", "content_type_conformance"}
    return not any(check.failure_info is not None and check.name in answering for check in checks)


def _count_legal(legal: dict[str, list[int]], case: Any, status: int) -> None:
    """How many requests that keep the contract were sent, and how many of them were accepted."""
    meta = case._meta  # noqa: SLF001 - `meta` would generate the case again
    if meta is not None and meta.generation.mode.is_positive:
        counts = legal.setdefault(case.operation.label, [0, 0])
        counts[0] += 1
        counts[1] += 200 <= status < 400


def about(case: Any) -> dict[str, Any]:
    """What the engine meant with a case: the scenario and place in the schema, where it names them."""
    meta = case._meta  # noqa: SLF001 - `meta` would generate the case again
    if meta is None:
        return {"scenario": "", "location": "", "parameter": "", "in": "", "mode": "", "description": ""}
    data = meta.phase.data
    scenario = getattr(data, "scenario", None)
    where = data.parameter_location
    return {
        "scenario": scenario.value if scenario is not None else "",
        "location": data.location or "",
        "parameter": data.parameter or "",
        "in": where.name.lower() if where is not None else "",
        "mode": meta.generation.mode.value,
        "description": (data.description or "")[:_MOST_TEXT],
    }


def _detail(failure: Any) -> dict[str, Any]:
    """The facts that some failures carry, as plain values."""
    found: dict[str, Any] = {}
    for name in _FACTS:
        value = getattr(failure, name, None)
        if value is not None:
            found[name] = value if isinstance(value, str | int) else [str(item) for item in value]
    if getattr(failure, "schema_path", None) is not None:
        found["schema_path"] = "/".join(str(step) for step in failure.schema_path)
        found["instance_path"] = "/".join(str(step) for step in failure.instance_path)
        found["instance"] = _json(failure.instance)
        found["wrong"] = str(failure.validation_message)[:_MOST_TEXT]
        keyword = failure.schema_path[-1] if failure.schema_path else ""
        schema: Mapping[str, Any] = failure.schema
        found["wanted"] = _json({keyword: schema[keyword]} if keyword in schema else schema)
    return found


def _header(failure: Any, response: Any) -> dict[str, str]:
    """The answer's header that a failure is about, found by its value."""
    value = getattr(failure, "instance", None)
    if response is None or not isinstance(value, str):
        return {}
    named = [name for name, values in response.headers.items() if value in values]
    return {"header": named[0]} if named else {}


def _answer(response: Any) -> dict[str, Any]:
    if response is None:
        return {}
    content = response.content or b""
    return {
        "status": response.status_code,
        "type": ", ".join(response.headers.get("content-type", [])),
        "body": _text(content[:_MOST_TEXT].decode("utf-8", "replace")),
        "size": len(content),
    }


def _body(interaction: Any) -> str:
    """The beginning of an answer's body, as text."""
    content = (interaction.response.content or b"") if interaction.response is not None else b""
    return str(content[:_MOST_BODY].decode("utf-8", "replace"))


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:_MOST_TEXT]
    except (TypeError, ValueError, RecursionError):
        return str(value)[:_MOST_TEXT]


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text[:_MOST_TEXT]
