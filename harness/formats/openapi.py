"""OpenAPI documents to contracts: 2.0, 3.0, 3.1 and 3.2, as JSON or YAML.

What comes out is one flat document that no reader has to leave: references to files
beside the contract are taken in, references elsewhere are refused and named, `servers`
and `externalValue` are taken out of what engines see. Nothing is ever fetched.
"""

import hashlib
import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.errors import AskedWrongly, Place, Problem
from harness.formats.json_safely import parse_json
from harness.formats.marked import Marked
from harness.formats.openapi_operations import operations_in
from harness.formats.openapi_refs import Bundle
from harness.formats.openapi_repair import quarantine
from harness.formats.openapi_walk import DATA, NAMES
from harness.model.contract import Contract, Dialect

_SUGGESTION = "give the OpenAPI document itself: often at /openapi.json, /swagger.json or /api-docs"


def read_contract(path: str, read: Callable[[str], bytes], *, strict: bool = True, lined: bool = True) -> Contract:
    """Read the contract at `path` (relative, with `/`); `read` gives the bytes of a file by such a path.

    AskedWrongly with every problem at once. With `strict` a reference that cannot be followed is such a problem;
    without, the operation or schema that needs it is quarantined and the rest goes on. `lined`: operations know the
    lines that they are written on, which costs a second look at a large document.
    """
    digest = hashlib.sha256()

    def load(file: str) -> Marked:
        body = read(file)
        digest.update(body)
        return parse(body, file)

    marked = load(path)
    dialect = _dialect(marked)
    folder = path.split("/")[0] if path.startswith("contracts/") else posixpath.dirname(path)
    bundle = Bundle(load=load, root=path, folder=folder)
    bundle.flatten(marked)
    if strict and bundle.broken:
        raise AskedWrongly.of(sorted((broken.problem for broken in bundle.broken), key=_in_reading_order))
    document = bundle.document
    quarantined = quarantine(document, bundle.broken)
    operations, problems = operations_in(document, marked if lined else replace(marked, lines={}))
    if strict and problems:
        raise AskedWrongly.of(problems)
    info = document.get("info")
    info = info if isinstance(info, dict) else {}
    return Contract(
        path=path,
        dialect=dialect,
        title=str(info.get("title") or ""),
        version=str(info.get("version") or ""),
        sha256=digest.hexdigest(),
        document=document,
        operations=operations,
        servers=_servers(document, dialect),
        quarantined=quarantined,
    )


def parse(body: bytes, file: str) -> Marked:
    """Parse one file as JSON or YAML, whichever it is; a page of HTML is told apart."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise AskedWrongly(f"{file} is empty", place=Place(file=file), hint=_SUGGESTION)
    if start[:1] == b"<":
        kind = "an HTML page" if b"<html" in start[:4096].lower() or b"<!doctype" in start.lower() else "XML"
        raise AskedWrongly(f"{file} is {kind}, not an OpenAPI document", place=Place(file=file), hint=_SUGGESTION)
    if start[:1] in b"{[":
        try:
            return parse_json(body, file)
        except AskedWrongly as error:
            if file.endswith((".json", ".js")):
                raise
            try:  # a flow mapping of YAML begins like JSON
                return _parse_yaml(body, file)
            except AskedWrongly:
                raise error from None
    return _parse_yaml(body, file)


def _parse_yaml(body: bytes, file: str) -> Marked:
    # here, so that a mock of JSON files starts without the reader of YAML
    from harness.formats.yaml_safely import parse_yaml

    return parse_yaml(body, file)


def flat_bytes(contract: Contract) -> bytes:
    """The document for engines: JSON, nothing in it that names another host."""
    document = {key: value for key, value in contract.document.items() if key not in {"servers", "host", "schemes"}}
    return json.dumps(_harmless(document), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _harmless(value: Any, *, named: bool = False) -> Any:
    """A copy without the keys that engines fetch from or send to; data stays as it is."""
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if not named and key in DATA else _harmless(item, named=not named and key in NAMES)
        for key, item in value.items()
        if named or not (key == "externalValue" or (key == "servers" and isinstance(item, list)))
    }


def _dialect(marked: Marked) -> Dialect:
    """The dialect by the document's own word; AskedWrongly where it is something else."""
    value = marked.value
    if not isinstance(value, dict):
        raise AskedWrongly(
            f"{marked.file} is not an OpenAPI document: it holds {_kind(value)}",
            place=Place(file=marked.file),
            hint=_SUGGESTION,
        )
    swagger, openapi = str(value.get("swagger", "")), str(value.get("openapi", ""))
    if swagger.startswith("2"):
        return _with_paths(marked, Dialect.OPENAPI_2)
    for start, dialect in (("3.0", Dialect.OPENAPI_30), ("3.1", Dialect.OPENAPI_31), ("3.2", Dialect.OPENAPI_32)):
        if openapi == start or openapi.startswith(start + "."):
            return _with_paths(marked, dialect)
    if openapi or swagger:
        key = "openapi" if openapi else "swagger"
        raise AskedWrongly(
            f"{key} version `{openapi or swagger}` is not read here",
            place=marked.place(value, key),
            hint="2.0, 3.0, 3.1 and 3.2 are",
        )
    raise AskedWrongly(
        f"{marked.file} is not an OpenAPI document: {_other(value)}", place=Place(file=marked.file), hint=_SUGGESTION
    )


def _with_paths(marked: Marked, dialect: Dialect) -> Dialect:
    paths = marked.value.get("paths")
    if not isinstance(paths, dict) or not any(isinstance(item, dict) and item for item in paths.values()):
        raise AskedWrongly(
            f"{marked.file} ({dialect.value}) describes no operation: its `paths` "
            + ("is missing" if paths is None else "is empty"),
            place=marked.place(marked.value, "paths"),
            hint="a contract that promises nothing can prove nothing: describe at least one operation",
        )
    return dialect


def _other(value: Mapping[str, Any]) -> str:
    for key, what in (
        ("asyncapi", "it is an AsyncAPI document (messages, not HTTP operations)"),
        ("swaggerVersion", "it is Swagger 1.x; convert it to 3.x first"),
        ("__schema", "it is a GraphQL introspection result"),
        ("mappings", "it is a WireMock stub mapping file"),
    ):
        if key in value:
            return what
    info = value.get("info")
    if isinstance(info, dict) and "_postman_id" in info:
        return "it is a Postman collection"
    return "it has neither an `openapi` nor a `swagger` key"


def _in_reading_order(problem: Problem) -> tuple[str, int]:
    return (problem.place.file, problem.place.line or 0) if problem.place else ("", 0)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else "only text"


def _servers(document: Mapping[str, Any], dialect: Dialect) -> tuple[str, ...]:
    """The addresses that the document itself names, with the defaults of their variables filled in."""
    if dialect is Dialect.OPENAPI_2:
        base, host = str(document.get("basePath") or ""), document.get("host")
        if not host:
            return (base,) if base else ()
        schemes = document.get("schemes")
        return tuple(f"{scheme}://{host}{base}" for scheme in (schemes if isinstance(schemes, list) else ["https"]))
    servers = document.get("servers")
    return tuple(
        _filled(str(server["url"]), server.get("variables"))
        for server in (servers if isinstance(servers, list) else ())
        if isinstance(server, dict) and server.get("url")
    )


def _filled(url: str, variables: object) -> str:
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict):
            url = url.replace("{" + str(name) + "}", str(variable.get("default", "")))
    return url
