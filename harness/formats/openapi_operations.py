"""The operations that a document describes, with the line each is written on."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import Problem
from harness.formats.marked import Marked
from harness.formats.openapi_walk import resolve
from harness.model.contract import Operation

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_MOST_ID = 200


def operations_in(document: Mapping[str, Any], marked: Marked) -> tuple[tuple[Operation, ...], tuple[Problem, ...]]:
    """Every operation of the flat document, in its order; problems name ids that two operations share."""
    found: list[Operation] = []
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for path, method, item, operation in _described(document):
        label = f"{method.upper()} {path}"
        wanted = operation.get("operationId")
        id_ = str(wanted) if isinstance(wanted, str) and _usable(wanted) else label
        line = _line(marked, path, method)
        if id_ in taken:
            problems.append(
                Problem(
                    message=f"operationId `{id_}` is used by {taken[id_]} and by {label}",
                    place=marked.place(_written(marked, path), method),
                    hint="give each operation an id of its own",
                )
            )
            id_ = label
        taken[id_] = label
        found.append(_operation(document, id_, method, path, item, operation, line, _lines(marked, path, method)))
    return tuple(found), tuple(problems)


def _described(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    for path, written in document["paths"].items():
        if not isinstance(written, dict) or not path.startswith("/"):
            continue
        item = written
        if isinstance(written.get("$ref"), str) and written["$ref"].startswith("#"):
            item = {**_found(document, written["$ref"]), **{key: written[key] for key in written if key != "$ref"}}
        for method in item:
            if method in METHODS and isinstance(item[method], dict):
                yield path, method, item, item[method]


def _operation(
    document: Mapping[str, Any],
    id_: str,
    method: str,
    path: str,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
    line: int | None,
    lines: tuple[tuple[str, int], ...],
) -> Operation:
    responses = operation.get("responses")
    tags = operation.get("tags")
    return Operation(
        id=id_,
        method=method.upper(),
        path=path,
        summary=str(operation.get("summary") or item.get("summary") or ""),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        statuses=tuple(str(status) for status in responses if not str(status).startswith("x-"))
        if isinstance(responses, dict)
        else (),
        secured=_secured(operation.get("security", document.get("security"))),
        deprecated=operation.get("deprecated") is True,
        safe=operation["x-safe"] if isinstance(operation.get("x-safe"), bool) else None,
        line=line,
        lines=lines,
    )


def _lines(marked: Marked, path: str, method: str) -> tuple[tuple[str, int], ...]:
    """Where the parts of an operation are written, as far as that is in the first file."""
    item = _written(marked, path)
    operation = item.get(method) if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(operation, dict):
        return ()
    found: dict[str, int | None] = {"body": marked.line_of(operation, "requestBody")}
    responses = operation.get("responses")
    for status in responses if isinstance(responses, dict) else ():
        found[str(status)] = marked.line_of(responses, str(status))
    for one in (*_listed(item.get("parameters")), *_listed(operation.get("parameters"))):
        if isinstance(one, dict) and "name" in one:
            found[f"{one.get('in')} {one['name']}"] = marked.line_of(one, "name")
    return tuple((name, line) for name, line in found.items() if line is not None)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _secured(security: object) -> bool:
    """Credentials are asked for: some alternative is listed, and none of them is empty."""
    return isinstance(security, list) and bool(security) and all(security)


def _usable(id_: str) -> bool:
    """An id that can stand in a check's name, on one line."""
    return bool(id_.strip()) and len(id_) <= _MOST_ID and id_.isprintable()


def _found(document: Mapping[str, Any], ref: str) -> dict[str, Any]:
    try:
        target = resolve(document, ref)
    except LookupError:
        return {}
    return target if isinstance(target, dict) else {}


def _written(marked: Marked, path: str) -> object:
    """The path's mapping as it stands in the first file."""
    paths = marked.value.get("paths")
    return paths.get(path) if isinstance(paths, dict) else None


def _line(marked: Marked, path: str, method: str) -> int | None:
    return marked.line_of(_written(marked, path), method) or marked.line_of(marked.value.get("paths"), path)
