"""What a mock shows of itself below `/__harness`: a page of its interactions, and counts for Prometheus.

For this machine alone where the mock listens for it alone: a name that leads here from elsewhere is refused.
"""

from urllib.parse import urlsplit

from harness.mocks.answering import PROBLEM, dumped, problem, reply_from
from harness.mocks.engine import Mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.watching import Watched, metrics, page, row_of

OURS = "/__harness"
_SHOWN = 100
_LOCAL = frozenset(("127.0.0.1", "localhost", "::1"))
_SAFE = (
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)


def shown(request: Request, mock: Mock, asked: Watched | None, *, loopback: bool) -> Reply:
    """The page, the counts, or a refusal."""
    if loopback and _host(request) not in _LOCAL:
        return _refused(403, "ask by the address 127.0.0.1 or localhost")
    if request.method != "GET":
        return _refused(405, "only GET")
    if asked is None:
        return _refused(404, "this mock writes a journal for a run, and shows itself there")
    match request.path.rstrip("/"):
        case "/__harness/metrics":
            body = metrics(mock.settings.name, asked.counts)
            return _told("text/plain; version=0.0.4; charset=utf-8", body)
        case "/__harness":
            rows = [row_of(one, mock) for _, one in zip(range(_SHOWN), asked, strict=False)]
            language = (request.header("accept-language") or "en").strip().lower()
            return _told(
                "text/html; charset=utf-8", page(mock.settings.name, rows, sum(asked.counts.values()), language)
            )  # fmt: skip
        case _:
            return _refused(404, "here are /__harness and /__harness/metrics")


def _told(media_type: str, body: bytes) -> Reply:
    return reply_from(200, (("content-type", media_type), *_SAFE), body, source=Source.UNMATCHED)


def _refused(status: int, title: str) -> Reply:
    return reply_from(status, (("content-type", PROBLEM),), dumped(problem(status, title)), source=Source.UNMATCHED)


def _host(request: Request) -> str:
    try:
        return urlsplit(f"//{request.header('host') or ''}").hostname or ""
    except ValueError:
        return ""
