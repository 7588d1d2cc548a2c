"""What can go wrong with a request, each with a short stable `kind`, so that failures are counted by kind.

Messages hold no addresses, ids or times: a million failures of one cause stay one line.
"""

import ssl
from collections.abc import Iterator

from harness.kit.load.channel import Late
from harness.kit.load.http_body import TooLarge
from harness.kit.load.http_head import NotHttp


class RequestFailed(Exception):
    """A request that failed; `kind` names the cause."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class BadStatus(RequestFailed):
    """The answer's status is 400 or more."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"status {status}", f"{status} {reason}".rstrip())


class CutOff(Exception):
    """The server closed before its answer was whole. `nothing_came` = it had not even begun."""

    def __init__(self, *, nothing_came: bool) -> None:
        super().__init__("closed without an answer" if nothing_came else "closed in the middle of the answer")
        self.nothing_came = nothing_came


class ResetUnanswered(ConnectionResetError):
    """The connection was reset before the answer had begun."""

    nothing_came = True


WHAT_FAILS = (OSError, Late, NotHttp, TooLarge, CutOff)


def failed(error: BaseException, timeout_s: float) -> RequestFailed:
    """The failure that an error of the wire amounts to."""
    match error:
        case Late():
            return RequestFailed("timeout", f"no whole answer within {timeout_s:g} s")
        case TooLarge():
            return RequestFailed("too large", str(error))
        case NotHttp():
            return RequestFailed("not HTTP", f"the answer is not HTTP: {error}")
        case CutOff():
            return RequestFailed("closed", str(error))
        case ConnectionRefusedError():
            return RequestFailed("refused", "connection refused")
        case ConnectionResetError() | BrokenPipeError():
            return RequestFailed("reset", "connection reset")
        case ssl.SSLError():
            return RequestFailed("TLS", f"TLS: {error.reason or error}")
        case _:
            return RequestFailed("unreachable", f"cannot connect: {getattr(error, 'strerror', None) or error}")


def kind_of(error: BaseException) -> str:
    """The kind of any failure that a request event tells, whichever client it comes from."""
    for cause in _causes(error):
        kind = getattr(cause, "kind", None)
        if isinstance(kind, str):
            return kind
        response = getattr(cause, "response", None)
        status = getattr(response, "status_code", 0)
        if isinstance(status, int) and status >= 400:
            return f"status {status}"
        if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
            return "timeout"
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "reset"
    return (
        f"{type(error).__name__}: {error}"[:120] if type(error).__name__ != "CatchResponseError" else str(error)[:120]
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies under it, at most eight deep."""
    at: BaseException | None = error
    for _ in range(8):
        if at is None:
            return
        yield at
        inner = next((arg for arg in at.args if isinstance(arg, BaseException)), None)
        at = inner or getattr(at, "reason", None) or at.__cause__ or at.__context__
        if not isinstance(at, BaseException):
            return
