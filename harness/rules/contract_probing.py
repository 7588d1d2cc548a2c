"""A request for an operation that only reads, from examples of its contract or from what another tier accepted."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from harness.model.contract import Operation
from harness.model.probes import Probe

_PLAIN = (str, int, float, bool)
_OF_HTTP = frozenset(("authorization", "accept", "content-type", "cookie"))


def probe_for(
    operation: Operation, parameters: tuple[Mapping[str, Any], ...], recorded: Probe | None
) -> tuple[Probe | None, str]:
    """(probe, "") or (None, why there is none). `parameters` are the operation's own, references followed."""
    status = next((one for one in operation.statuses if one[:1] == "2" and one.isdigit()), "2XX")
    missing = [f"{one.get('in')} {one.get('name')}" for one in parameters if _is_needed(one) and _example(one) is None]
    if not missing:
        return _from_examples(operation, parameters, status), ""
    if recorded is not None:
        return recorded, ""
    return None, f"the contract gives no example for {', '.join(missing)}, and no run recorded one"


def _from_examples(operation: Operation, parameters: tuple[Mapping[str, Any], ...], status: str) -> Probe:
    path, pairs, headers = operation.path, [], []
    for one in parameters:
        name, value = str(one["name"]), _example(one)
        if value is None or not _is_needed(one):
            continue
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        match one.get("in"):
            case "path":
                path = path.replace("{" + name + "}", quote(text, safe=""))
            case "query":
                pairs.append(f"{quote(name, safe='')}={quote(text, safe='')}")
            case "header" if name.lower() not in _OF_HTTP:
                headers.append((name, text))
    return Probe(
        operation=operation.id,
        method=operation.method,
        path=path + ("?" + "&".join(pairs) if pairs else ""),
        status=status,
        headers=tuple(headers),
        source="examples of the contract" if pairs or "{" in operation.path or headers else "nothing to fill in",
    )


def _is_needed(parameter: Mapping[str, Any]) -> bool:
    return parameter.get("in") == "path" or parameter.get("required") is True


def _example(parameter: Mapping[str, Any]) -> Any:
    """The first example of a parameter, else what its schema gives by default or as its only words; None for none."""
    return next((value for value in _examples(parameter) if isinstance(value, _PLAIN)), None)


def _examples(parameter: Mapping[str, Any]) -> Iterator[Any]:
    schema = parameter.get("schema")
    schema = schema if isinstance(schema, Mapping) else parameter
    yield parameter.get("example")
    named = parameter.get("examples")
    for one in named.values() if isinstance(named, Mapping) else ():
        yield one.get("value") if isinstance(one, Mapping) else None
    yield schema.get("example")
    for key in ("examples", "enum"):
        yield from schema[key] if isinstance(schema.get(key), list) else ()
    yield schema.get("default")
