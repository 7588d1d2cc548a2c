"""`ApiUser`: a Locust user on the lean client. Scripts move over by changing one base class."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from locust import TaskSet, User
from locust.exception import StopTest
from locust.user.users import RestMixin

from harness.kit.load.bounding import Bounding
from harness.kit.load.client import ApiClient

_plain_sleep = TaskSet._sleep  # noqa: SLF001


def _sleep(self: Any, seconds: float) -> None:
    """Locust gives way to others between tasks even where no wait is asked for. Whoever has just waited for an answer
    has given way already; doing so again would cost a tenth of all throughput. Anybody else must: a task that only
    fails would otherwise keep the whole process to itself.
    """
    client = getattr(self.user, "client", None)
    if seconds == 0 and isinstance(client, ApiClient) and client.has_waited:
        client.has_waited = False
    else:
        _plain_sleep(self, seconds)


TaskSet._sleep = _sleep  # noqa: SLF001


class ApiUser(User, RestMixin):  # type: ignore[misc]
    """A user with `self.client`, which sends requests as `HttpUser`'s does.

    `timeout_s` is for a whole request, `body_limit` for a whole answer. `target_headers` are the tier's
    credentials, which go to the target alone, and `bounding` holds the tier's bounds: the harness sets both.
    """

    abstract = True
    timeout_s: float = 30.0
    body_limit: int = 64 * 1024 * 1024
    verify: bool | str = True
    follow_redirects: bool = False
    target_headers: ClassVar[Mapping[str, str]] = {}
    bounding: ClassVar[Bounding | None] = None
    report_unfinished: ClassVar[Callable[[str, float], None] | None] = None

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
            bounding=self.bounding,
            report_unfinished=type(self).report_unfinished,
        )
