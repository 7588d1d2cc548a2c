"""The same request without credentials: does a secured operation refuse it?

The engine asks this only after it was accepted once. Every secured operation is asked
here, with a request of its own that the engine had sent before.
"""

from collections.abc import Iterable
from typing import Any

from harness.kit.contract.telling import Teller

_REFUSED = frozenset((401, 403))


class LeftOut:
    """Remembers one good request per secured operation, and sends it again without credentials."""

    def __init__(self, secured: Iterable[str], credentials: Iterable[str]) -> None:
        self._secured = set(secured)
        self._credentials = {name.lower() for name in credentials} | {"authorization", "cookie"}
        self._kept: dict[str, tuple[int, Any, Any]] = {}

    def notice(self, event: Any) -> None:
        """Keep the best request of each secured operation: accepted, else positive, else any."""
        for case_id, interaction in event.recorder.interactions.items():
            node = event.recorder.cases.get(case_id)
            if node is None or interaction.response is None or node.value.operation.label not in self._secured:
                continue
            case = node.value
            if interaction.request.method.upper() != case.operation.method.upper():
                continue
            meta = case._meta  # noqa: SLF001 - `meta` would generate the case again
            positive = meta is None or meta.generation.mode.is_positive
            rank = 2 * (200 <= interaction.response.status_code < 300) + positive
            known = self._kept.get(case.operation.label)
            if known is None or rank > known[0]:
                self._kept[case.operation.label] = (rank, case, interaction.request)

    def send_all(self, teller: Teller, timeout_s: float) -> None:
        """Send each, tell what came back."""
        import requests

        for label, (rank, case, request) in sorted(self._kept.items()):
            headers = {
                name: values[0] for name, values in request.headers.items() if name.lower() not in self._credentials
            }
            try:
                answer = requests.request(
                    request.method,
                    request.uri,
                    headers=headers,
                    data=request.body,
                    timeout=timeout_s,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                teller.tell("left-out", operation=label, status=None, why=type(error).__name__)
                continue
            teller.requests += 1
            teller.tell(
                "left-out",
                operation=label,
                status=answer.status_code,
                accepted_before=rank >= 2,
                clean=_is_valid(case.operation, answer),
                request={**teller.request(request), "credentials": []},
                body=answer.text[:2000],
            )


def _is_valid(operation: Any, answer: Any) -> bool:
    """Whether the answer keeps the schema documented for its status."""
    from schemathesis.core.failures import FailureGroup
    from schemathesis.core.transport import Response

    try:
        operation.validate_response(Response.from_requests(answer, verify=True))
    except (AssertionError, FailureGroup):
        return False
    return True
