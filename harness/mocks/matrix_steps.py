"""From operations of the system to requests that lead to the dependency: bodies by examples, ids by links.

Nothing is made up: where the contract has neither example nor link for something that is required, that is said.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from harness.mocks.schemas import Broken, resolved
from harness.model.contract import Contract, Operation
from harness.model.matrix import Step, Taken

_FROM_BODY = "$response.body#"


class CannotLead(ValueError):
    """A step cannot be made from the contract; the message says which and what is missing."""


def steps_for(contract: Contract, names: tuple[str, ...]) -> tuple[Step, ...]:
    """The requests of some operations in their order; each may take from the answers of those before it."""
    known = {one.id: one for one in contract.operations}
    made: list[Step] = []
    for name in names:
        if name not in known:
            raise CannotLead(f"`{name}` is no operation of {contract.path}")
        made.append(_step(contract.document, known[name], [known[one] for one in names[: len(made)]]))
    return tuple(made)


def _step(document: Mapping[str, Any], operation: Operation, before: list[Operation]) -> Step:
    item = resolved(document, document["paths"][operation.path])
    node = resolved(document, item[operation.method.lower()])
    links = _links(document, operation.id, before)
    path, query, headers, taken = operation.path, [], [], []
    for raw in (*item.get("parameters", ()), *node.get("parameters", ())):
        parameter = resolved(document, raw)
        name, where = str(parameter["name"]), parameter["in"]
        if where == "path" and name in links:
            taken.append(links[name])
            continue
        value = _example(document, parameter, parameter.get("schema"))
        if value is None and (where == "path" or parameter.get("required")):
            raise CannotLead(f"`{operation.id}` needs `{name}`, and the contract has neither a link nor an example")
        if where == "path":
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        elif parameter.get("required") and where == "query":
            query.append((name, str(value)))
        elif parameter.get("required") and where == "header":
            headers.append((name, str(value)))
    body = _body(document, operation, node)
    return Step(
        operation=operation.id,
        method=operation.method,
        path=f"{path}?{urlencode(query)}" if query else path,
        body=body,
        headers=(*headers, ("content-type", "application/json")) if body else tuple(headers),
        taken=tuple(taken),
    )


def _links(document: Mapping[str, Any], name: str, before: list[Operation]) -> dict[str, Taken]:
    """What the answers of earlier steps say of this one's parameters, by the contract's own links."""
    found: dict[str, Taken] = {}
    for one in before:
        node = resolved(document, resolved(document, document["paths"][one.path])[one.method.lower()])
        for answer in node.get("responses", {}).values():
            for link in resolved(document, answer).get("links", {}).values():
                found |= {taken.name: taken for taken in _of_link(resolved(document, link), name, one.id)}
    return found


def _of_link(link: Mapping[str, Any], name: str, step: str) -> Iterator[Taken]:
    if link.get("operationId") != name:
        return
    for parameter, expression in link.get("parameters", {}).items():
        if isinstance(expression, str) and expression.startswith(_FROM_BODY):
            bare = str(parameter).rpartition(".")[2]
            yield Taken(name=bare, step=step, pointer=expression.removeprefix(_FROM_BODY))


def _body(document: Mapping[str, Any], operation: Operation, node: Mapping[str, Any]) -> str:
    body = resolved(document, node.get("requestBody") or {})
    media = body.get("content", {}).get("application/json")
    if media is None:
        if body.get("required"):
            raise CannotLead(f"`{operation.id}` wants a body that is no JSON")
        return ""
    value = _example(document, media, media.get("schema"))
    if value is None:
        raise CannotLead(f"`{operation.id}` needs a body, and the contract has no example of one")
    return json.dumps(value)


def _example(document: Mapping[str, Any], node: Mapping[str, Any], schema: Any) -> Any:
    if "example" in node:
        return node["example"]
    for one in (node.get("examples") or {}).values():
        return resolved(document, one).get("value")
    try:
        said = resolved(document, schema or {})
    except Broken:
        return None
    return said.get("example", next(iter(said.get("examples") or ()), said.get("default")))
