"""A resource as an operation shows it: shaped to the schema of that answer, with the headers it documents.

What was sent is completed by what the server adds; nothing travels that is not the schema's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.mocks.answering import Answers, dumped, refusing, reply_from, success_status
from harness.mocks.blueprint import Blueprint, Shelf, flat_name, properties_of, success_media, whole
from harness.mocks.completing import allows_null, completed
from harness.mocks.contracts import CompiledOperation, Documented, Media
from harness.mocks.generating import CannotMake
from harness.mocks.listing import Wanted
from harness.mocks.messages import Reply, Source, Violation
from harness.mocks.schemas import violations_of

VERSIONS = frozenset({"version", "revision"})


@dataclass(slots=True)
class Held:
    """One resource and how often it was changed."""

    value: dict[str, Any]
    etag: str = '"1"'
    version: int = 1


class Shaper:
    """Shapes the answers of one contract's resources."""

    def __init__(self, blueprint: Blueprint, answers: Answers, seed: int) -> None:
        self._blueprint = blueprint
        self._answers = answers
        self._seed = seed

    def wrapped(
        self,
        operation: CompiledOperation,
        media: Media,
        schema: Mapping[str, Any],
        wrapper: str,
        page: list[dict[str, Any]],
        wanted: Wanted,
        total: int,
    ) -> dict[str, Any]:
        """A list answer that holds its items under a property, with counts and pages beside them."""
        known = schema.get("properties", {})
        items = whole(self._blueprint.book, known[wrapper]).get("items")
        body: dict[str, Any] = {wrapper: [self.projected(value, items) for value in page]}
        base = self.base_value(operation, media)
        for name, one in known.items():
            told = wanted.told(name, whole(self._blueprint.book, one), total, len(page))
            if told is not None:
                body[name] = told
            elif name != wrapper and name in schema.get("required", ()) and name in base:
                body[name] = base[name]
        return body

    def shown(
        self,
        operation: CompiledOperation,
        held: Held,
        *,
        status: int | None = None,
        location: str = "",
    ) -> Reply | None:
        """One resource as the answer of an operation."""
        success, media = success_media(operation)
        status = success if status is None else status
        headers = {"etag": held.etag}
        if location:
            headers["location"] = location
        if media is None or media.entry is None:
            return self.finished(operation, status, None, headers)
        body = self.projected(held.value, {"$ref": f"#/{media.entry}"})
        if media.validator is not None and violations_of(media.validator, body, "body", 1):
            base = self.base_value(operation, media)
            body = base | {name: one for name, one in held.value.items() if name in base}
        return self.finished(operation, status, body, headers)

    def finished(self, operation: CompiledOperation, status: int, body: Any, known: Mapping[str, str]) -> Reply | None:
        """A reply with the contract's own headers, ours put in their place."""
        base = self._answers.answer(operation, status)
        if base is None:
            return None
        headers = [(name, known.get(name, value)) for name, value in base.headers]
        if status == 201 and "location" in known and "location" not in dict(headers):
            headers.append(("location", known["location"]))
        content = base.body if body is None else dumped(body)
        return reply_from(status, tuple(headers), content, source=Source.STATE, operation=operation.id)

    def projected(self, value: dict[str, Any], schema: Any) -> dict[str, Any]:
        """A resource as a schema lets it be seen: no property that is not its own, or must not travel."""
        full = whole(self._blueprint.book, schema)
        if not isinstance(full, Mapping):
            return dict(value)
        known = full.get("properties", {})
        closed = full.get("additionalProperties") is False or full.get("unevaluatedProperties") is False
        return {
            name: one for name, one in value.items() if known.get(name) is not False and (name in known or not closed)
        }

    def shaped(
        self, operation: CompiledOperation, status: int, wanted: dict[str, Any], *seed: object
    ) -> dict[str, Any]:
        """A new resource: what was sent, completed by what the server adds, as the documented answer shows it."""
        documented = operation.documented(status)
        media = next((one for one in documented.media if one.is_json), None) if documented is not None else None
        if documented is None or media is None or media.entry is None:
            return wanted
        base = self.base_value(operation, media, documented)
        book = self._blueprint.book
        known = properties_of(book, media.entry)
        asked = {flat_name(name) for one in operation.body for name in self._asked(one)}
        added: dict[str, Any] = {}
        for name, one in base.items():
            if name in wanted:
                continue
            if flat_name(name) not in asked:
                added[name] = 1 if flat_name(name) in VERSIONS and type(one) is int else one
            elif allows_null(book, known.get(name)):
                added[name] = None
        return dict(completed(book, {"$ref": f"#/{media.entry}"}, {**added, **wanted}, base, self._seed, *seed))

    def _asked(self, media: Media) -> Mapping[str, Any]:
        """Properties that a request may carry."""
        book = self._blueprint.compiled.asked
        return properties_of(book, media.entry) if book is not None else {}

    def base_value(
        self, operation: CompiledOperation, media: Media, documented: Documented | None = None
    ) -> dict[str, Any]:
        """What the contract's own answer holds: an example, else made; empty where neither is."""
        documented = documented or operation.responses.get(success_status(operation) or "")
        if documented is None:
            return {}
        try:
            value = self._answers.value(operation, documented, media)
        except CannotMake:
            return {}
        return dict(value) if isinstance(value, dict) else {}

    def replaced(
        self, operation: CompiledOperation, shelf: Shelf, old: dict[str, Any], body: dict[str, Any]
    ) -> dict[str, Any]:
        """PUT: what a request may carry is replaced as a whole; what only the server sets, or must be there, stays."""
        asked = {name for one in operation.body for name in self._asked(one)}
        kept = {name: value for name, value in old.items() if name not in asked or name in self._needed(shelf)}
        return kept | body

    def _needed(self, shelf: Shelf) -> tuple[str, ...]:
        """Properties that an item is never seen without."""
        schema = whole(self._blueprint.book, {"$ref": f"#/{shelf.entry}"})
        return tuple(schema.get("required", ())) if isinstance(schema, Mapping) else ()

    def refused(self, operation: CompiledOperation, status: int, why: str) -> Reply:
        """The documented answer for a precondition that failed, saying which."""
        documented = operation.documented(status)
        base = self._answers.answer(operation, status) if documented is not None else None
        violation = Violation(where="state", message=why, rule=str(status))
        reply = refusing(base, documented, status, (violation,), operation.id)
        return Reply(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            wire=reply.wire,
            source=Source.STATE,
            operation=operation.id,
        )
