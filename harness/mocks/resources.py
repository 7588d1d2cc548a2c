"""The resources of a stateful mock: created, read, listed, changed and deleted as the contract's operations say.

One object per session, seeded, deterministic. A precondition that fails gets the documented 404, 409, 412
or 428. What is answered is shaped to the operation's own schema and still passes the last door.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from harness.mocks.answering import Answers, concrete, header_text, reply_from, success_status
from harness.mocks.blueprint import Blueprint, Part, Role, Shelf, flat_name, properties_of, success_media, whole
from harness.mocks.contracts import CompiledOperation
from harness.mocks.generating import CannotMake, generate
from harness.mocks.listing import Wanted
from harness.mocks.messages import Reply, Request, Source, Unreadable
from harness.mocks.schemas import violations_of
from harness.mocks.shaping import VERSIONS, Held, Shaper

_MOST = 200_000
_LOOKS = ("pattern", "format", "enum", "const", "anyOf", "oneOf")
_Place = tuple[str, tuple[str, ...]]


class Resources:
    """The resources of one session."""

    def __init__(
        self,
        blueprint: Blueprint,
        answers: Answers,
        seeds: tuple[tuple[str, tuple[Any, ...]], ...],
        seed: int,
        base_path: str,
    ) -> None:
        self._blueprint = blueprint
        self._answers = answers
        self._seed = seed
        self._shaper = Shaper(blueprint, answers, seed)
        self._base = base_path.rstrip("/")
        self._made = 0
        self._kept: dict[_Place, dict[str, Held]] = {}
        self._done: dict[tuple[str, str], tuple[bytes, Reply]] = {}
        for path, values in seeds or _examples(blueprint):
            self._plant(path, values)

    def answer(self, operation: CompiledOperation, request: Request, in_path: Mapping[str, str]) -> Reply | None:
        """The answer of a resource's operation; None for an operation that is none, or is none of ours."""
        part = self._blueprint.parts.get(operation.id)
        if part is None:
            return None
        names = {name: unquote(value) for name, value in in_path.items()}
        for parent in part.parents:
            if self._get(parent, names) is None:
                return self._shaper.refused(
                    operation, 404, f"there is no {parent.item_path} {names.get(parent.parameter)}"
                )
        match part.role:
            case Role.CREATE:
                return self._create(operation, part, request, names)
            case Role.LIST:
                return self._list(operation, part, request, names)
        held = self._get(part.shelf, names)
        if held is None and not (part.role is Role.REPLACE and "201" in operation.responses):
            return self._shaper.refused(
                operation, 404, f"there is no {part.shelf.path} {names.get(part.shelf.parameter)}"
            )
        if held is not None and (stale := self._stale(operation, request, held)) is not None:
            return stale
        return self._on_item(operation, part, request, names, held)

    # --- one item ---

    def _on_item(
        self, operation: CompiledOperation, part: Part, request: Request, names: Mapping[str, str], held: Held | None
    ) -> Reply | None:
        if part.role is Role.READ and held is not None:
            return self._shaper.shown(operation, held)
        if part.role is Role.DELETE:
            self._drop(part.shelf, names)
            return self._answers.answer(operation, concrete(success_status(operation) or "204"))
        if part.role is Role.ACT and held is not None:
            return self._act(operation, part, held)
        try:
            body = request.json()
        except Unreadable:
            return None
        if not isinstance(body, dict) or request.media_type == "application/json-patch+json":
            return None
        if held is None:
            return self._put_new(operation, part, body, names)
        value = (
            _patched(held.value, body)
            if part.role is Role.CHANGE
            else self._shaper.replaced(operation, part.shelf, held.value, body)
        )
        key = part.shelf.key
        self._change(part.shelf, held, value | {key: held.value[key]})
        return self._shaper.shown(operation, held)

    def _put_new(
        self, operation: CompiledOperation, part: Part, body: dict[str, Any], names: Mapping[str, str]
    ) -> Reply | None:
        name = names[part.shelf.parameter]
        value = self._shaper.shaped(operation, 201, body | {part.shelf.key: _typed(name, self._blueprint, part.shelf)})
        held = self._new(part.shelf, value)
        self._keep(part.shelf, names, name, held)
        return self._shaper.shown(operation, held, status=201)

    def _act(self, operation: CompiledOperation, part: Part, held: Held) -> Reply | None:
        """An action on an item (`/orders/{id}/cancel`): where it answers with the item, the item takes its state."""
        status, media = success_media(operation)
        if operation.method == "GET" or media is None or media.entry != part.shelf.entry:
            return None
        try:
            example = self._answers.value(operation, operation.responses[success_status(operation) or ""], media)
        except (CannotMake, KeyError):
            return None
        if isinstance(example, dict):
            known = properties_of(self._blueprint.book, media.entry)
            states = {
                name: example[name] for name in example if _is_state(whole(self._blueprint.book, known.get(name)))
            }
            self._change(part.shelf, held, {**held.value, **states})
        return self._shaper.shown(operation, held, status=status)

    def _stale(self, operation: CompiledOperation, request: Request, held: Held) -> Reply | None:
        wanted = request.header("if-match")
        if request.method in {"PUT", "PATCH", "DELETE"} or (request.method == "POST" and wanted is not None):
            if wanted is None:
                asks = any(p.name == "if-match" for p in operation.parameters) and "428" in operation.responses
                return self._shaper.refused(operation, 428, "If-Match is needed") if asks else None
            if wanted != "*" and held.etag not in {one.strip() for one in wanted.split(",")}:
                return self._shaper.refused(operation, 412, f"the resource is at {held.etag} by now")
        none_of = request.header("if-none-match")
        if request.method != "GET" or none_of is None or "304" not in operation.responses:
            return None
        if none_of != "*" and held.etag not in {one.strip().removeprefix("W/") for one in none_of.split(",")}:
            return None
        return reply_from(304, (("etag", held.etag),), b"", source=Source.STATE, operation=operation.id)

    # --- collections ---

    def _create(
        self, operation: CompiledOperation, part: Part, request: Request, names: Mapping[str, str]
    ) -> Reply | None:
        try:
            body = request.json()
        except Unreadable:
            return None
        if not isinstance(body, dict):
            return None
        once = request.header("idempotency-key")
        if once is not None and (done := self._done.get((operation.id, once))) is not None:
            if done[0] == request.body:
                return done[1]
            if "409" in operation.responses or "422" in operation.responses:
                status = 409 if "409" in operation.responses else 422
                return self._shaper.refused(operation, status, "this Idempotency-Key was used for another request")
        shelf = part.shelf
        named = {shelf.key} - {""}
        given = body.get(shelf.key)
        if given is not None and header_text(given) in self._place(shelf, names):
            if "409" in operation.responses:
                return self._shaper.refused(operation, 409, f"{shelf.path} {header_text(given)} exists already")
            given = None
        name = given if given is not None else self._new_name(shelf, names)
        status, _ = success_media(operation)
        value = self._shaper.shaped(operation, status, body | dict.fromkeys(named, name), self._made)
        held = self._new(shelf, value | dict.fromkeys(named, name))
        self._keep(shelf, names, header_text(name), held)
        where = self._base + _filled(shelf.item_path, {**names, shelf.parameter: header_text(name)})
        reply = self._shaper.shown(operation, held, status=status, location="" if shelf.parameter == "#" else where)
        if once is not None and reply is not None:
            self._done[(operation.id, once)] = (request.body, reply)
        return reply

    def _list(
        self, operation: CompiledOperation, part: Part, request: Request, names: Mapping[str, str]
    ) -> Reply | None:
        status, media = success_media(operation)
        if media is None or media.entry is None:
            return None
        held = self._place(part.shelf, {} if part.via else names).values()
        values = [one.value for one in held]
        if part.via is not None:
            name, parameter = part.via
            values = [value for value in values if header_text(value.get(name)) == names.get(parameter)]
        wanted = Wanted(operation, request)
        found = wanted.of(values)
        page = wanted.cut(found)
        book = self._blueprint.book
        schema = whole(book, {"$ref": f"#/{media.entry}"})
        if part.wrapper is None:
            body: Any = [self._shaper.projected(value, schema.get("items")) for value in page]
        else:
            body = self._shaper.wrapped(operation, media, schema, part.wrapper, page, wanted, len(found))
        return self._shaper.finished(operation, status, body, {})

    def _new_name(self, shelf: Shelf, names: Mapping[str, str]) -> Any:
        """A name that nobody has yet, as the contract wants names to look."""
        taken = self._place(shelf, names)
        book, entry = self._blueprint.book, self._blueprint.names[shelf.path]
        schema = book.entries[entry]
        kind = schema.get("type") if isinstance(schema, Mapping) else None
        if kind == "integer":
            numbers = [int(one) for one in taken if one.lstrip("-").isdigit()]
            low = schema.get("minimum", 1)
            return max(max(numbers, default=0) + 1, int(low))
        plain = not (isinstance(schema, Mapping) and any(key in schema for key in _LOOKS))
        while True:
            self._made += 1
            name: Any = f"{shelf.path.rpartition('/')[2]}-{self._made}"
            if not plain or violations_of(book.validator(entry), name, "", 1):
                try:
                    name = generate(book, entry, self._seed, shelf.path, self._made, examples=False)
                except CannotMake:
                    return name
            if header_text(name) not in taken or self._made > _MOST * 2:
                return name

    # --- keeping ---

    def _missing(self, operation: CompiledOperation, shelf: Shelf, names: Mapping[str, str]) -> Reply:
        return self._shaper.refused(operation, 404, f"there is no {shelf.path} {names.get(shelf.parameter)}")

    def _new(self, shelf: Shelf, value: dict[str, Any]) -> Held:
        return Held(value=value, etag=self._etag(shelf, value, 1))

    def _change(self, shelf: Shelf, held: Held, value: dict[str, Any]) -> None:
        """A new state of an item, with its own tag and, where the contract shows one, its own version."""
        held.version += 1
        for name, old in held.value.items():
            if flat_name(name) in VERSIONS and type(old) is int and value.get(name) == old:
                value = value | {name: old + 1}
        held.value = value
        held.etag = self._etag(shelf, value, held.version)

    def _etag(self, shelf: Shelf, value: dict[str, Any], version: int) -> str:
        """A tag as the contract wants tags to look."""
        entry = self._blueprint.tags.get(shelf.path)
        if entry is None:
            return f'"{version}"'
        try:
            tag = generate(self._blueprint.book, entry, shelf.path, value.get(shelf.key), version, examples=False)
        except CannotMake:
            return f'"{version}"'
        return str(tag) if str(tag).startswith(('"', "W/")) else f'"{version}"'

    def _place(self, shelf: Shelf, names: Mapping[str, str]) -> dict[str, Held]:
        return self._kept.setdefault(_address(shelf.path, names), {})

    def _get(self, shelf: Shelf, names: Mapping[str, str]) -> Held | None:
        return self._place(shelf, names).get(names.get(shelf.parameter, ""))

    def _keep(self, shelf: Shelf, names: Mapping[str, str], name: str, held: Held) -> None:
        place = self._place(shelf, names)
        place[name] = held
        if len(place) > _MOST:
            del place[next(iter(place))]

    def _drop(self, shelf: Shelf, names: Mapping[str, str]) -> None:
        """An item goes, and everything below it."""
        name = names.get(shelf.parameter, "")
        self._place(shelf, names).pop(name, None)
        below = shelf.item_path + "/"
        prefix = (*_address(shelf.path, names)[1], name)
        for path, at in [one for one in self._kept if one[0].startswith(below)]:
            if at[: len(prefix)] == prefix:
                del self._kept[(path, at)]

    def _plant(self, path: str, values: tuple[Any, ...]) -> None:
        for template, shelf in self._blueprint.shelves.items():
            names = _bound(template, path)
            if names is None:
                continue
            for value in values:
                if isinstance(value, dict) and shelf.key in value:
                    copied = json.loads(json.dumps(value))
                    self._keep(shelf, names, header_text(copied[shelf.key]), self._new(shelf, copied))
            return


def _examples(blueprint: Blueprint) -> list[tuple[str, tuple[Any, ...]]]:
    """Where no seeds are given: the examples that the contract shows when one item is read."""
    found = []
    for identity, part in blueprint.parts.items():
        if part.role is not Role.READ or part.parents:
            continue
        operation = blueprint.compiled.operations[identity]
        _, media = success_media(operation)
        if media is not None:
            values = [value for _, value in media.examples if isinstance(value, dict)]
            valid = [one for one in values if media.validator is None or not violations_of(media.validator, one, "", 1)]
            found.append((part.shelf.path, tuple(valid)))
    return found


def _address(path: str, names: Mapping[str, str]) -> _Place:
    bound = tuple(names.get(one[1:-1], "") for one in path.split("/") if one.startswith("{"))
    return path, bound


def _bound(template: str, path: str) -> dict[str, str] | None:
    written, given = template.strip("/").split("/"), path.strip("/").split("/")
    if len(written) != len(given):
        return None
    names = {}
    for one, other in zip(written, given, strict=True):
        if one.startswith("{"):
            names[one[1:-1]] = unquote(other)
        elif one != other:
            return None
    return names


def _filled(template: str, names: Mapping[str, str]) -> str:
    return "/".join(
        quote(names.get(one[1:-1], ""), safe="") if one.startswith("{") else one for one in template.split("/")
    )


def _patched(old: Any, patch: Any) -> Any:
    """RFC 7396, except that null stays where it is written: a nullable property is set, not removed."""
    if not isinstance(patch, dict) or not isinstance(old, dict):
        return patch
    return old | {name: _patched(old.get(name), value) for name, value in patch.items()}


def _is_state(schema: Any) -> bool:
    return isinstance(schema, Mapping) and ("enum" in schema or "const" in schema)


def _typed(name: str, blueprint: Blueprint, shelf: Shelf) -> Any:
    schema = whole(blueprint.book, properties_of(blueprint.book, shelf.entry).get(shelf.key, True))
    whole_number = isinstance(schema, Mapping) and schema.get("type") == "integer" and name.lstrip("-").isdigit()
    return int(name) if whole_number else name
