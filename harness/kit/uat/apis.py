"""The system's API beside the page: what the page claims can be asked of the system itself.

Credentials come from the run and go only to the system they are for: redirects are not followed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from playwright.sync_api import APIRequest, APIRequestContext, APIResponse, Error

from harness.kit.uat.settings import Reach
from harness.kit.uat.stage import current_stage, first_line


class Opens(Protocol):
    """Makes one more request context that ends with the test."""

    def __call__(self, base_url: str, headers: Mapping[str, str]) -> APIRequestContext: ...


class Api:
    """One system, asked directly. Paths are relative to its base URL; answers are Playwright's `APIResponse`."""

    def __init__(self, reach: Reach, opens: Opens, headers: Mapping[str, str] | None = None) -> None:
        self.base_url = reach.base_url
        self._reach = reach
        self._opens = opens
        self._requests = opens(reach.base_url, reach.headers if headers is None else headers)

    def get(self, path: str, **options: Any) -> APIResponse:
        """GET; options are those of Playwright's `fetch` (params, headers, timeout)."""
        return self.fetch("GET", path, **options)

    def post(self, path: str, **options: Any) -> APIResponse:
        """POST; `data=` a value to send as JSON, `form=` a form."""
        return self.fetch("POST", path, **options)

    def put(self, path: str, **options: Any) -> APIResponse:
        """PUT; `data=` a value to send as JSON."""
        return self.fetch("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> APIResponse:
        """PATCH; `data=` a value to send as JSON."""
        return self.fetch("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> APIResponse:
        """DELETE."""
        return self.fetch("DELETE", path, **options)

    def fetch(self, method: str, path: str, **options: Any) -> APIResponse:
        """Any request; it is written down with how it was answered."""
        stage = current_stage()
        url = self.base_url.rstrip("/") + "/" + path.lstrip("/")
        options.setdefault("max_redirects", 0)
        try:
            answer = self._requests.fetch(url, method=method, **options)
        except Error as error:
            if stage is not None:
                stage.exchanged(method, url, None, "api", first_line(error))
            raise
        if stage is not None:
            stage.exchanged(method, url, answer.status, "api")
        return answer

    def with_token(self, token: str) -> "Api":
        """The same system as somebody else: their bearer token instead of the run's credentials."""
        return Api(self._reach, self._opens, {"Authorization": f"Bearer {token}"})

    def without_credentials(self) -> "Api":
        """The same system as nobody in particular."""
        return Api(self._reach, self._opens, {})


def opener(request: APIRequest, contexts: list[APIRequestContext], timeout_ms: int) -> Opens:
    """How the kit opens request contexts; each is added to `contexts` for whoever closes them."""

    def opens(base_url: str, headers: Mapping[str, str]) -> APIRequestContext:
        context = request.new_context(base_url=base_url, extra_http_headers=dict(headers), timeout=timeout_ms)
        contexts.append(context)
        return context

    return opens


Asking = Callable[[str], Api]
