"""Are we still let in? A test that changes an account may change our own.

After every scenario that changed something or was refused, a request that was accepted
before is sent again. When that is refused, what follows only proves that we are locked out.
"""

from collections.abc import Iterable
from typing import Any

_READING = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_REFUSED = frozenset((401, 403))
_MOST_TRIED = 8


class Standing:
    """Keeps one accepted GET that carried credentials, and notices when it is refused."""

    def __init__(self, credentials: Iterable[str], timeout_s: float) -> None:
        self._credentials = {name.lower() for name in credentials}
        self._timeout_s = timeout_s
        self._kept: Any = None
        self._tried: set[str] = set()
        self._lost = False

    def lost_after(self, event: Any) -> str | None:
        """The label of the scenario after which we are no longer let in; told once."""
        if not self._credentials or self._lost:
            return None
        suspicious = self._look_at(event.recorder)
        if self._kept is None or not suspicious or not self._is_refused(self._kept):
            return None
        self._lost = True
        return str(getattr(event, "label", None) or event.recorder.label)

    def _look_at(self, recorder: Any) -> bool:
        """Keep a good request; whether anything was changed, or refused."""
        suspicious = False
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            if node is None or interaction.response is None:
                continue
            status = interaction.response.status_code
            suspicious = suspicious or status in _REFUSED
            if not 200 <= status < 300:
                continue
            if interaction.request.method.upper() not in _READING:
                suspicious = True
            elif self._kept is None and self._is_good(interaction.request, node.value):
                self._kept = interaction.request
        return suspicious

    def _is_good(self, request: Any, case: Any) -> bool:
        """A GET with nothing to fill in, accepted with credentials and refused without; a few are tried."""
        label = case.operation.label
        carried = any(name.lower() in self._credentials for name in request.headers)
        if request.method != "GET" or "{" in case.operation.path or not carried or label in self._tried:
            return False
        if len(self._tried) >= _MOST_TRIED:
            return False
        self._tried.add(label)
        return self._is_refused(request, self._credentials)

    def _is_refused(self, request: Any, without: Iterable[str] = ()) -> bool:
        import requests

        headers = {name: values[0] for name, values in request.headers.items() if name.lower() not in without}
        try:
            answer = requests.get(request.uri, headers=headers, timeout=self._timeout_s, allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.status_code in _REFUSED
