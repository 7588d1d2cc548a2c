"""`ApiUser`: a Locust user on the lean client. Scripts move over by changing one base class."""

from collections.abc import Mapping
from typing import Any, ClassVar

from locust import User
from locust.exception import StopTest
from locust.user.users import RestMixin

from harness.kit.load.client import ApiClient


class ApiUser(User, RestMixin):  # type: ignore[misc]
    """A user with `self.client`, which sends requests as `HttpUser`'s does.

    `timeout_s` is for a whole request, `body_limit` for a whole answer. `target_headers` are the tier's
    credentials: they go to the target alone, set by the harness before the first user starts.
    """

    abstract = True
    timeout_s: float = 30.0
    body_limit: int = 64 * 1024 * 1024
    verify: bool | str = True
    follow_redirects: bool = False
    target_headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        if self.host is None:
            raise StopTest("a base address is missing: give `host` in the class, or --host")
        self.client = ApiClient(
            self.host,
            report=environment.events.request.fire,
            headers=self.target_headers,
            timeout_s=self.timeout_s,
            body_limit=self.body_limit,
            verify=self.verify,
            follow_redirects=self.follow_redirects,
            context=self.context,
        )
