"""What a request gives back: the answer as `requests` users know it, and the `with` block of `catch_response`."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any

from locust.exception import (
    CatchResponseError,
    InterruptTaskSet,
    LocustError,
    RescheduleTask,
    RescheduleTaskImmediately,
    ResponseError,
    StopTest,
    StopUser,
)

from harness.kit.load.failures import BadStatus, RequestFailed
from harness.kit.load.http_head import Head

_LEAVING = (InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser)


class Headers(Mapping[str, str]):
    """Header fields by name, whatever its case."""

    def __init__(self, fields: tuple[tuple[str, str], ...]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        wanted = name.lower()
        values = [value for key, value in self._fields if key == wanted]
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._fields))

    def __len__(self) -> int:
        return len(dict(self._fields))

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


class Response:
    """An answer, or what stands for it: where none came, `status_code` is 0 and `error` says why."""

    elapsed_s = 0.0
    history: "tuple[Response, ...]" = ()

    def __init__(self, method: str, url: str, head: Head | None, content: bytes, error: RequestFailed | None) -> None:
        self.method = method
        self.url = url
        self.content = content
        self.error = error
        self.head = head
        self.status_code = head.status if head is not None else 0

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return Headers(self.head.fields if self.head is not None else ())

    @property
    def reason(self) -> str:
        """The words after the status."""
        return self.head.reason if self.head is not None else ""

    @property
    def ok(self) -> bool:
        """Whether an answer came and its status is below 400."""
        return self.error is None and self.status_code < 400

    @property
    def elapsed(self) -> timedelta:
        """From sending to the last byte."""
        return timedelta(seconds=self.elapsed_s)

    @property
    def encoding(self) -> str:
        """The character set that the content type names, UTF-8 where it names none."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset":
                return value.strip("\"' ")
        return "utf-8"

    @property
    def text(self) -> str:
        """The content as text; what cannot be decoded is replaced."""
        try:
            return self.content.decode(self.encoding, errors="replace")
        except LookupError:
            return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The content as JSON; `json.JSONDecodeError` where it is none."""
        return json.loads(self.content if self.encoding == "utf-8" else self.text)

    def raise_for_status(self) -> None:
        """Raise where no answer came or its status is 400 or more."""
        if self.error is not None:
            raise self.error
        if self.status_code >= 400:
            raise BadStatus(self.status_code, self.reason)

    def success(self) -> None:
        """Only inside a `with` block of `catch_response=True`."""
        raise LocustError("to say success() or failure(), pass catch_response=True and use a with-block")

    def failure(self, exc: Exception | str) -> None:
        """Only inside a `with` block of `catch_response=True`."""
        raise LocustError(f"to say failure({exc!r}), pass catch_response=True and use a with-block")

    def __enter__(self) -> "Response":
        raise LocustError("to use a with-block, pass catch_response=True")

    def __exit__(self, *_: object) -> None:
        return


class CaughtResponse(Response):
    """An answer that its author judges in a `with` block; the request is reported when the block ends."""

    def report_with(self, report: Callable[..., None], meta: dict[str, Any]) -> None:
        """Who reports, and what, once the author has judged."""
        self._report = report
        self.request_meta = meta
        self._verdict: bool | Exception | None = None
        self._entered = False

    def __enter__(self) -> "CaughtResponse":
        self._entered = True
        return self

    def __exit__(  # type: ignore[override]
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._verdict is None and kind is not None and not isinstance(value, ResponseError):
            if isinstance(value, _LEAVING):  # a way out of a task set says nothing about the answer
                self._told(self.request_meta["exception"])
            elif isinstance(value, Exception):  # an author's exception is told with its request, then goes on
                self._told(value)
            return False
        if self._verdict is not None:
            self._told(None if self._verdict is True else self._verdict)
            return kind is None
        self._told(value if value is not None else self.request_meta["exception"])
        return True

    def success(self) -> None:
        """This request succeeded, whatever its status."""
        self._must_be_entered()
        self._verdict = True

    def failure(self, exc: Exception | str) -> None:
        """This request failed, whatever its status."""
        self._must_be_entered()
        self._verdict = exc if isinstance(exc, Exception) else CatchResponseError(exc)

    def _must_be_entered(self) -> None:
        if not self._entered:
            raise LocustError("use a with-block: with self.client.get(…, catch_response=True) as response: …")

    def _told(self, exception: object) -> None:
        self.request_meta["exception"] = exception
        self._report(**self.request_meta)
