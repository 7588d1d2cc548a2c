"""Recorded requests, sent exactly as they stand: in their order, once each, with nothing before, between or after.

No generator takes part. The answers are held against the contract by the same judge that holds generated ones.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.kit.contract.bounds import MARK
from harness.kit.contract.telling import Teller
from harness.mocks.contracts import Compiled
from harness.mocks.drifting import answer_violations
from harness.mocks.messages import Violation

_MOST_BODY = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Sends probes. `compiled` is the contract, to judge answers by; `labels` by operation id."""

    compiled: Compiled
    base_url: str
    headers: Mapping[str, str]
    timeout_s: float
    labels: Mapping[str, str]

    def play(self, lines: Iterable[str], teller: Teller) -> None:
        """Send each probe, tell what came back."""
        for line in lines:
            probe = json.loads(line)
            self._send(probe, teller)

    def _send(self, probe: Mapping[str, Any], teller: Teller) -> None:
        import requests

        label = self.labels[probe["operation"]]
        request = requests.Request(
            probe["method"], self.base_url + probe["path"], headers={**probe["headers"], **self.headers}
        ).prepare()
        request.url = self.base_url + probe["path"]  # as it was reviewed: nothing is tidied up
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.send(request, timeout=self.timeout_s, allow_redirects=False)
        except (requests.RequestException, OSError):
            teller.tell("scenario", phase="probe", operation=label, seen={}, lost={label: 1}, legal={}, failures=[])
            return
        teller.requests += 1
        failures = [self._failure(probe, label, answer, *wrong) for wrong in self._wrong(probe, answer)]
        seen = {label: {str(answer.status_code): [1, int(not failures)]}}
        teller.tell("scenario", phase="probe", operation=label, seen=seen, lost={}, legal={}, failures=failures)
        teller.say(f"probe: {probe['method']} {probe['path']} {answer.status_code}")

    def _wrong(self, probe: Mapping[str, Any], answer: Any) -> Iterable[tuple[str, str, str, dict[str, Any]]]:
        """(rule, kind, message, detail) of everything that is wrong with an answer."""
        status, wanted = str(answer.status_code), probe["status"]
        if (why := answer.headers.get(MARK)) is not None:
            yield "readable_answer", "UnreadableAnswer", f"the answer {why}", {}
            return
        if answer.status_code >= 500:
            yield "not_a_server_error", "ServerError", "a server error", {}
            return
        if status != wanted and not (wanted.endswith("XX") and status[0] == wanted[0]):
            told = f"{status} came where {wanted} was recorded"
            yield "recorded_status", "RecordedStatus", told, {"expected_statuses": [wanted]}
        operation = self.compiled.operations[probe["operation"]]
        headers = tuple(answer.headers.items())
        for one in answer_violations(operation, answer.status_code, headers, answer.content):
            yield _as_failure(one, answer)

    def _failure(
        self, probe: Mapping[str, Any], label: str, answer: Any, rule: str, kind: str, message: str, detail: Any
    ) -> dict[str, Any]:
        request = {
            "method": probe["method"],
            "uri": self.base_url + probe["path"],
            "headers": probe["headers"],
            "credentials": sorted(self.headers),
            "body": None,
            "body_cut": False,
        }
        return {
            "check": rule,
            "type": kind,
            "operation": label,
            "title": message.splitlines()[0][:200],
            "message": message[:_MOST_BODY],
            "status": answer.status_code,
            "phase": "probe",
            "about": {"scenario": "", "location": "", "parameter": "", "in": "", "mode": "positive", "description": ""},
            "detail": detail,
            "request": request,
            "before": [],
            "answer": {
                "status": answer.status_code,
                "type": answer.headers.get("content-type", ""),
                "body": answer.content[:_MOST_BODY].decode("utf-8", "replace"),
                "size": len(answer.content),
            },
            "size": len(request["uri"]),
            "count": 1,
        }


def _as_failure(one: Violation, answer: Any) -> tuple[str, str, str, dict[str, Any]]:
    """What is wrong with an answer, in the words that findings are made from."""
    if one.where == "status":
        return "status_code_conformance", "UndefinedStatusCode", str(one), {}
    if one.where == "media type":
        kind = answer.headers.get("content-type", "")
        return "content_type_conformance", "UndefinedContentType", str(one), {"content_type": kind}
    if one.where.startswith("header") and one.rule == "required":
        name = one.where.removeprefix("header ")
        return "response_headers_conformance", "MissingHeaders", str(one), {"missing_headers": [name]}
    detail = {"instance_path": one.pointer.strip("/"), "schema_path": one.rule, "wrong": one.message}
    header = {"header": one.where.removeprefix("header ")} if one.where.startswith("header") else {}
    return "response_schema_conformance", "JsonSchemaError", str(one), detail | header
