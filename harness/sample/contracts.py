"""A contract, made ready to serve: routes, and what each request must look like.

The program and its contract cannot drift apart, because the program reads the contract:
a path, a method, a parameter or a body that is not in the file is not answered.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import yaml

from harness.errors import AskedWrongly

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of one place (path, query or header): which there are and what they must be together."""

    names: frozenset[str]
    numbers: frozenset[str]
    validator: jsonschema_rs.Validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the contract. `bodies` has a validator per content type; empty means that no body is read."""

    id: str
    method: str
    path: str
    protected: bool
    in_path: Parameters
    in_query: Parameters
    in_header: Parameters
    bodies: Mapping[str, jsonschema_rs.Validator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All operations: fixed paths by look-up, the others by pattern. The innermost mapping is by method."""

    fixed: Mapping[str, Mapping[str, Operation]]
    patterned: tuple[tuple[re.Pattern[str], Mapping[str, Operation]], ...]

    def operations(self) -> tuple[Operation, ...]:
        """Every operation, in no particular order."""
        groups = (*self.fixed.values(), *(by_method for _, by_method in self.patterned))
        return tuple(operation for by_method in groups for operation in by_method.values())


def find_contract(name: str) -> Path:
    """The contract file: beside this module in an installed package, in `contracts/` of a checkout."""
    here = Path(__file__).resolve().parent
    for folder in (here / "documents", here.parent.parent / "contracts"):
        if (folder / name).is_file():
            return folder / name
    raise AskedWrongly(
        f"the contract {name} was not found", hint="run the sample from a checkout or an installed package"
    )


def read_document(name: str) -> dict[str, Any]:
    """The contract file as it is written."""
    document: dict[str, Any] = yaml.load(find_contract(name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return document


def compile_contract(document: dict[str, Any]) -> Contract:
    """Compile a contract of ours (OpenAPI 3.1, references within the file)."""
    fixed: dict[str, Mapping[str, Operation]] = {}
    patterned: list[tuple[re.Pattern[str], Mapping[str, Operation]]] = []
    for template, item in document["paths"].items():
        by_method = {
            method.upper(): _operation(document, template, item, method) for method in METHODS if method in item
        }
        if "{" in template:
            patterned.append((re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)), by_method))
        else:
            fixed[template] = by_method
    return Contract(fixed=fixed, patterned=tuple(patterned))


def _operation(document: dict[str, Any], template: str, item: dict[str, Any], method: str) -> Operation:
    declared = item[method]
    parameters = [_resolved(document, one) for one in (*item.get("parameters", ()), *declared.get("parameters", ()))]
    content = declared.get("requestBody", {}).get("content", {})
    return Operation(
        id=declared["operationId"],
        method=method.upper(),
        path=template,
        protected=bool(declared.get("security", document.get("security"))),
        in_path=_parameters(document, parameters, "path"),
        in_query=_parameters(document, parameters, "query"),
        in_header=_parameters(document, parameters, "header"),
        bodies={kind: _validator(document, media["schema"]) for kind, media in content.items()},
    )


def _parameters(document: dict[str, Any], parameters: list[dict[str, Any]], place: str) -> Parameters:
    lower = str.lower if place == "header" else str
    here = {lower(one["name"]): one for one in parameters if one["in"] == place}
    schema = {
        "type": "object",
        "properties": {name: one["schema"] for name, one in here.items()},
        "required": [name for name, one in here.items() if one.get("required")],
        "additionalProperties": False,
    }
    numbers = {name for name, one in here.items() if _resolved(document, one["schema"]).get("type") == "integer"}
    return Parameters(names=frozenset(here), numbers=frozenset(numbers), validator=_validator(document, schema))


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def _validator(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    rooted = {**schema, "components": {"schemas": document["components"]["schemas"]}}
    return cast(jsonschema_rs.Validator, jsonschema_rs.Draft202012Validator(rooted))
