"""Looking before a workspace is made: where the document is, where its operations answer, who is let in.

Only GET, only a few, none whose name sounds as if it did something. Nothing is followed,
nothing runs longer than its deadline, and credentials go to the address that was given, nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from harness.adapters.http import Answer, NoAnswerError, fetch
from harness.errors import AskedWrongly, CouldNotTell
from harness.model.contract import Contract, Operation
from harness.rules.bases import PATHS, base_candidates, readable, score

_DEADLINE_S = 6.0
_DOCUMENT_S = 30.0
_MOST_DOCUMENT = 64 * 1024**2
_MOST_ANSWER = 256 * 1024
_FOUND, _MOVED, _FAILED = 200, 300, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document and the address it came from."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One base address and what a few reading operations answered there: (operation, status, media type)."""

    base: str
    answers: tuple[tuple[Operation, int, str], ...]
    silent: str | None = None

    @property
    def score(self) -> int:
        """How much it looks as if the operations were here; below 1: not at all."""
        return sum(score(operation, status, kind) for operation, status, kind in self.answers)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that came."""
        return tuple(status for _, status, _ in self.answers)


def fetch_document(url: str, headers: Mapping[str, str], *, nearby: bool = True) -> Fetched:
    """The document at an address; where there is none, the error names the places `nearby` where there is one."""
    try:
        answer = _get(url, headers, most_bytes=_MOST_DOCUMENT, deadline_s=_DOCUMENT_S)
    except NoAnswerError as error:
        raise CouldNotTell(
            f"{url} does not answer: {error}", hint="is the server running, and is it that port?"
        ) from None
    wrong = _not_a_document(url, answer)
    if wrong is None:
        return Fetched(url=url, body=answer.body)
    if not nearby:
        raise AskedWrongly(wrong, hint="give the address of the document itself, or save it and give the file")
    elsewhere = find_document(url, headers)
    hint = f"there is one at {elsewhere.url}" if elsewhere else f"looked at {', '.join(PATHS[:4])} … too; none is there"
    raise AskedWrongly(wrong, hint=hint)


def find_document(url: str, headers: Mapping[str, str]) -> Fetched | None:
    """The first document at one of the well-known places below an address, or below its host."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    below = url.rstrip("/")
    for place in dict.fromkeys(start + path for start in (below, origin) for path in PATHS):
        try:
            answer = _get(place, headers, most_bytes=_MOST_DOCUMENT, deadline_s=_DEADLINE_S)
        except NoAnswerError:
            continue
        if _not_a_document(place, answer) is None:
            return Fetched(url=place, body=answer.body)
    return None


def find_base(
    contract: Contract, url: str | None, document_url: str | None, headers: Mapping[str, str]
) -> tuple[Tried, ...]:
    """Every address tried, the likeliest first."""
    operations = readable(contract.operations)
    tried = tuple(_try(base, operations, headers) for base in base_candidates(url, document_url, contract.servers))
    return tuple(sorted(tried, key=lambda one: -one.score))


def _try(base: str, operations: Iterable[Operation], headers: Mapping[str, str]) -> Tried:
    answers: list[tuple[Operation, int, str]] = []
    for operation in operations:
        try:
            answer = _get(base + operation.path, headers, most_bytes=_MOST_ANSWER, deadline_s=_DEADLINE_S)
        except NoAnswerError as error:
            return Tried(base=base, answers=tuple(answers), silent=None if answers else str(error))
        answers.append((operation, answer.status, answer.headers.get("content-type", "").split(";")[0]))
    return Tried(base=base, answers=tuple(answers))


def _get(url: str, headers: Mapping[str, str], *, most_bytes: int, deadline_s: float) -> Answer:
    return fetch(url, headers=headers, most_bytes=most_bytes, deadline_s=deadline_s)


def _not_a_document(url: str, answer: Answer) -> str | None:
    """Why an answer is no OpenAPI document, in a sentence; None where it may be one."""
    if answer.status in {401, 403}:
        return f"{url} answers {answer.status}: it asks for credentials"
    if _MOVED <= answer.status < _FAILED:
        return f"{url} redirects to {urljoin(url, answer.headers.get('location', '?'))}; redirects are not followed"
    if answer.status != _FOUND:
        return f"{url} answers {answer.status}, not a document"
    start = answer.body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return f"{url} is an HTML page, not an OpenAPI document"
    if b"openapi" not in answer.body[:65536] and b"swagger" not in answer.body[:65536]:
        return f"{url} is not an OpenAPI document: it names neither `openapi` nor `swagger`"
    return None
