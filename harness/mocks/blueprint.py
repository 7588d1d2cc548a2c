"""Which operations of a contract create, read, list, change and delete which resources: inferred from its paths.

A collection is a path with an item path below it (`/orders`, `/orders/{orderId}`). What names an item is the property
that a documented link says, else the one called like the path parameter, else `id`. What does not fit this
reading (an item without a name in its body) keeps the contract's own answers and is told.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.mocks.answering import concrete, success_status
from harness.mocks.contracts import Compiled, CompiledOperation, Media
from harness.mocks.merging import merged
from harness.mocks.schemas import Book

_PLACE = re.compile(r"\{([^{}/]+)\}")
_WRAPPERS = ("items", "data", "results", "content", "records", "values", "entries")


class Role(StrEnum):
    """What an operation does to resources."""

    CREATE = "create"
    LIST = "list"
    READ = "read"
    REPLACE = "replace"
    CHANGE = "change"
    DELETE = "delete"
    ACT = "act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A collection: its path, the parameter that names an item, and the property that holds the name.

    `key` is empty where items have no name of their own and are only listed.
    """

    path: str
    item_path: str
    parameter: str
    key: str
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An operation's part: its role, on which collection, and where in an answer the list of items is (None: the body).

    `via` names the property that must equal a path parameter where a collection is seen through another's items:
    `/customers/{customerId}/orders` over `/orders` by `customer_id`.
    """

    role: Role
    shelf: Shelf
    parents: tuple[Shelf, ...] = ()
    wrapper: str | None = None
    via: tuple[str, str] | None = None


@dataclass(slots=True)
class Blueprint:
    """All parts by operation id, the collections by path, and the entries that
    names and entity tags of their items come from."""

    compiled: Compiled
    parts: dict[str, Part] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    @property
    def book(self) -> Book:
        """The book of answers."""
        assert self.compiled.book is not None
        return self.compiled.book


def drawn_from(compiled: Compiled, document: Mapping[str, Any] | None) -> Blueprint:
    """The blueprint of a contract; empty where nothing looks like a resource."""
    blueprint = Blueprint(compiled=compiled)
    operations = tuple(one for one in compiled.operations.values() if compiled.usable(one))
    paths = {operation.path for operation in operations}
    links = _linked(document or {})
    for path in sorted({_collection(path) for path in paths} - {""}):
        shelf = _shelf(path, operations, blueprint, links)
        if shelf is not None:
            blueprint.shelves[path] = shelf
            blueprint.names[path] = _names(shelf, operations, blueprint)
    for shelf in _appended(operations, blueprint):
        blueprint.shelves[shelf.path] = shelf
        blueprint.names[shelf.path] = _names(shelf, operations, blueprint)
    for operation in operations:
        part = _part(operation, blueprint)
        if part is not None:
            blueprint.parts[operation.id] = part
            for documented in operation.responses.values():
                for rule in documented.headers:
                    if rule.parameter.name == "etag":
                        blueprint.tags.setdefault(part.shelf.path, rule.entry)
    return blueprint


def flat_name(name: str) -> str:
    """A name without its manner of writing: `customerId`, `customer_id`, `customer-id` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def properties_of(book: Book, entry: str | None) -> Mapping[str, Any]:
    """The properties of an entry, through references and `allOf`."""
    if entry is None:
        return {}
    schema = whole(book, {"$ref": f"#/{entry}"})
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def whole(book: Book, schema: Any, depth: int = 0) -> Any:
    """A schema with its reference followed and its `allOf` merged."""
    if not isinstance(schema, Mapping) or depth > 12:
        return schema
    rest = dict(schema)
    if "$ref" in rest:
        target = book.entries.get(str(rest.pop("$ref")).rpartition("/")[2], True)
        return whole(book, merged(target, rest), depth + 1)
    parts = rest.pop("allOf", ())
    result: Any = rest
    for part in parts:
        result = merged(result, whole(book, part, depth + 1))
    return result


def success_media(operation: CompiledOperation) -> tuple[int, Media | None]:
    """The status of an operation's success and its JSON body, if it has one."""
    key = success_status(operation)
    if key is None:
        return 200, None
    documented = operation.responses[key]
    return concrete(key), next((media for media in documented.media if media.is_json), None)


def _collection(path: str) -> str:
    """The collection that an item path belongs to; empty for what is no item path."""
    head, _, last = path.rstrip("/").rpartition("/")
    return head if head and _PLACE.fullmatch(last) else ""


def _shelf(
    path: str, operations: tuple[CompiledOperation, ...], blueprint: Blueprint, links: Mapping[tuple[str, str], str]
) -> Shelf | None:
    inside = [one for one in operations if _collection(one.path) == path]
    parameter = _PLACE.findall(inside[0].path)[-1]
    makers = [one for one in operations if one.path == path and one.method == "POST"]
    sources = [*(one for one in inside if one.method == "GET"), *makers, *inside]
    for operation in sources:
        _, media = success_media(operation)
        if media is None or media.entry is None:
            continue
        known = properties_of(blueprint.book, media.entry)
        key = _key(parameter, known, [links.get((maker.id, one.id)) for maker in makers for one in inside])
        if key is not None:
            return Shelf(path=path, item_path=inside[0].path, parameter=parameter, key=key, entry=media.entry)
    if makers and any(one.method in {"GET", "DELETE", "PUT", "PATCH"} for one in inside):
        blueprint.gaps.append(f"{path}: no property names its items, so nothing is remembered there")
    return None


def _appended(operations: tuple[CompiledOperation, ...], blueprint: Blueprint) -> Iterator[Shelf]:
    """Collections that are added to and listed, whose items have no path of their own."""
    for maker in operations:
        path = maker.path.rstrip("/")
        if maker.method != "POST" or path in blueprint.shelves or _PLACE.search(path.rpartition("/")[2]):
            continue
        lists = [one for one in operations if one.method == "GET" and one.path.rstrip("/") == path]
        _, made = success_media(maker)
        if not lists or made is None or made.entry is None or not properties_of(blueprint.book, made.entry):
            continue
        _, media = success_media(lists[0])
        listed = _listed(blueprint.book, media.entry) if media is not None and media.entry is not None else None
        if listed is not None and listed[1] == made.entry:
            key = "id" if "id" in properties_of(blueprint.book, made.entry) else ""
            yield Shelf(path=path, item_path=f"{path}/{{#}}", parameter="#", key=key, entry=made.entry)


def _key(parameter: str, known: Mapping[str, Any], linked: list[str | None]) -> str | None:
    for name in linked:
        if name is not None and name in known:
            return name
    by_flat = {flat_name(name): name for name in known}
    wanted = flat_name(parameter)
    for candidate in (wanted, "id", "uuid", "key", "code", "name"):
        if candidate in by_flat and (candidate == wanted or candidate == "id" or wanted.endswith(candidate)):
            return by_flat[candidate]
    return None


def _names(shelf: Shelf, operations: tuple[CompiledOperation, ...], blueprint: Blueprint) -> str:
    """What a name must be: what the property and the path parameter say together."""
    schema = whole(blueprint.book, properties_of(blueprint.book, shelf.entry).get(shelf.key, True))
    asked = blueprint.compiled.asked
    for operation in operations if asked is not None else ():
        for parameter in operation.parameters if operation.path == shelf.item_path else ():
            if parameter.where == "path" and parameter.name == shelf.parameter and asked is not None:
                both = merged(schema, whole(asked, asked.entries[parameter.entry]))
                return blueprint.book.enter(both if both is not False else schema)
    return blueprint.book.enter(schema)


def _part(operation: CompiledOperation, blueprint: Blueprint) -> Part | None:
    shelves = blueprint.shelves
    parents = tuple(_parents(operation.path, shelves))
    path = operation.path.rstrip("/") or "/"
    on_item = shelves.get(_collection(path))
    if on_item is not None:
        role = {
            "GET": Role.READ, "PUT": Role.REPLACE, "PATCH": Role.CHANGE, "DELETE": Role.DELETE,
        }.get(operation.method)  # fmt: skip
        return None if role is None else Part(role=role, shelf=on_item, parents=parents[:-1])
    if operation.method == "GET":
        return _listing(operation, path, parents, blueprint)
    shelf = shelves.get(path)
    if shelf is not None and operation.method == "POST":
        _, media = success_media(operation)
        known = properties_of(blueprint.book, media.entry) if media is not None else {}
        if known and (not shelf.key or shelf.key in known):
            return Part(role=Role.CREATE, shelf=shelf, parents=parents)
        return None
    if parents:
        return Part(role=Role.ACT, shelf=parents[-1], parents=parents[:-1])
    return None


def _listing(operation: CompiledOperation, path: str, parents: tuple[Shelf, ...], blueprint: Blueprint) -> Part | None:
    _, media = success_media(operation)
    listed = _listed(blueprint.book, media.entry) if media is not None and media.entry is not None else None
    if listed is not None:
        wrapper, entry = listed
        shelf = blueprint.shelves.get(path)
        if shelf is not None:
            return Part(role=Role.LIST, shelf=shelf, parents=parents, wrapper=wrapper)
        via = _via(entry, parents, blueprint)
        if via is not None:
            return Part(role=Role.LIST, shelf=via[0], parents=parents, wrapper=wrapper, via=via[1])
    return Part(role=Role.ACT, shelf=parents[-1], parents=parents[:-1]) if parents else None


def _via(entry: str | None, parents: tuple[Shelf, ...], blueprint: Blueprint) -> tuple[Shelf, tuple[str, str]] | None:
    """A collection of the same items elsewhere, with a property called like the parent's parameter."""
    if entry is None or not parents:
        return None
    parameter = parents[-1].parameter
    for shelf in blueprint.shelves.values():
        if shelf.entry == entry:
            for name in properties_of(blueprint.book, entry):
                if flat_name(name) == flat_name(parameter):
                    return shelf, (name, parameter)
    return None


def _listed(book: Book, entry: str) -> tuple[str | None, str | None] | None:
    """Where in an answer its items are: (property or None for the body itself, their entry); None: no list."""
    schema = whole(book, {"$ref": f"#/{entry}"})
    if not isinstance(schema, Mapping):
        return None
    if schema.get("type") == "array" or "items" in schema:
        return None, _entry_of(schema.get("items"))
    arrays = {
        name: inner
        for name, one in (schema.get("properties") or {}).items()
        if isinstance(inner := whole(book, one), Mapping) and (inner.get("type") == "array" or "items" in inner)
    }
    for name in (*(one for one in _WRAPPERS if one in arrays), *arrays):
        return name, _entry_of(arrays[name].get("items"))
    return None


def _entry_of(schema: Any) -> str | None:
    return str(schema["$ref"]).rpartition("/")[2] if isinstance(schema, Mapping) and "$ref" in schema else None


def _parents(path: str, shelves: Mapping[str, Shelf]) -> Iterator[Shelf]:
    """The collections whose items a path goes through, outermost first."""
    segments = path.strip("/").split("/")
    for at in range(1, len(segments) + 1):
        prefix = "/" + "/".join(segments[:at])
        shelf = shelves.get(_collection(prefix))
        if shelf is not None and shelf.item_path == prefix:
            yield shelf


def _linked(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(operation, operation it links to) → the property of the body that the link passes on."""
    found: dict[tuple[str, str], str] = {}
    paths = document.get("paths")
    for item in paths.values() if isinstance(paths, Mapping) else ():
        for node in item.values() if isinstance(item, Mapping) else ():
            if not (isinstance(node, Mapping) and isinstance(node.get("responses"), Mapping)):
                continue
            for response in node["responses"].values():
                links = response.get("links") if isinstance(response, Mapping) else None
                for link in links.values() if isinstance(links, Mapping) else ():
                    passed = _passed(link)
                    if passed is not None:
                        found[(str(node.get("operationId")), str(link.get("operationId")))] = passed
    return found


def _passed(link: Any) -> str | None:
    values = link.get("parameters") if isinstance(link, Mapping) else None
    for value in values.values() if isinstance(values, Mapping) else ():
        if isinstance(value, str) and value.startswith("$response.body#/") and "/" not in value[16:]:
            return value[16:]
    return None
