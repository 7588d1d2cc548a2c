"""Walking an OpenAPI document: where its references are, and what they lead to.

A `$ref` counts only where the language puts one: examples, defaults and enumerations
are data, and a property that is called `example` is a property.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

BUNDLED = "x-files"
# Where a mapping's keys are names that people chose, not words of the language.
NAMES = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "schemas"}
    | {"responses", "parameters", "headers", "requestBodies", "securitySchemes", "links", "callbacks"}
    | {"pathItems", "paths", "webhooks", "mediaTypes", "examples"}
)
_FILES = (".yaml", ".yml", ".json")
DATA = frozenset(("example", "default", "enum", "const", "value"))
_NESTED = frozenset((dict, list))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A mapping with a reference in it, where it stands, and the key (`$ref` or another) that holds it."""

    mapping: dict[str, Any]
    key: str
    path: tuple[str | int, ...]


def resolve(document: object, ref: str) -> Any:
    """What a `#/…` pointer leads to; LookupError where it leads nowhere."""
    at = document
    for token in unquote(ref[1:]).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(at, list):
            if not name.isdecimal():
                raise LookupError(ref)
            at = at[int(name)]
        elif not isinstance(at, Mapping) or name not in at:
            raise LookupError(ref)
        else:
            at = at[name]
    return at


def references(value: Any, base: tuple[str | int, ...] = ()) -> Iterator[Holder]:
    """Every reference below a value: `$ref`, `operationRef` and discriminator mappings, never in data."""
    for at, step in _schemas_and_such(value, base):
        for key in ("$ref", "operationRef"):
            if isinstance(at.get(key), str):
                yield Holder(mapping=at, key=key, path=step.path())
        if "discriminator" in at:
            yield from _discriminated(at, step.path())


class _Step:
    """Where the walk is: a step and the one before it, so that a path is written out only where it is needed."""

    __slots__ = ("before", "key")

    def __init__(self, before: "_Step | tuple[str | int, ...]", key: str | int | None = None) -> None:
        self.before = before
        self.key = key

    def path(self) -> tuple[str | int, ...]:
        """The keys and positions from the top."""
        steps: list[str | int] = []
        at: _Step | tuple[str | int, ...] = self
        while isinstance(at, _Step):
            if at.key is not None:
                steps.append(at.key)
            at = at.before
        return (*at, *reversed(steps))

    @property
    def in_responses(self) -> bool:
        """Whether this is an entry of a mapping called `responses`."""
        return isinstance(self.before, _Step) and self.before.key == "responses"


def _schemas_and_such(value: Any, base: tuple[str | int, ...]) -> Iterator[tuple[dict[str, Any], _Step]]:
    """Every mapping whose keys are words of the language, with where it stands; data is passed by."""
    todo: list[tuple[Any, _Step, bool]] = [(value, _Step(base), False)]
    while todo:
        at, step, named = todo.pop()
        if type(at) is list:
            todo.extend((item, _Step(step, index), False) for index, item in enumerate(at) if type(item) in _NESTED)
            continue
        if type(at) is not dict:
            continue
        if not named:
            yield at, step
        for key, item in at.items():
            if type(item) in _NESTED and (named or not _is_data(key, item, step)):
                todo.append((item, _Step(step, key), not named and key in NAMES and type(item) is dict))


def _discriminated(at: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Holder]:
    discriminator = at.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return
    for key, target in mapping.items():
        if isinstance(target, str) and ("#" in target or "/" in target or target.endswith(_FILES)):
            yield Holder(mapping=mapping, key=key, path=(*path, "discriminator", "mapping"))


def _is_data(key: str, item: object, step: _Step) -> bool:
    if key in DATA or key == "mapping":
        return True
    if key == "examples":
        # Example Objects may be references; what stands in a schema's list, or in a 2.0 response, is data.
        return not isinstance(item, dict) or step.in_responses
    return key.startswith("x-") and key != BUNDLED


def taken_anchors(document: dict[str, Any], base: tuple[str | int, ...]) -> dict[str, str]:
    """`$id` and `$anchor` of schemas as pointers; both are taken out, so that no reader resolves against them."""
    found: dict[str, str] = {}
    for at, step in _schemas_and_such(document, base):
        for key, prefix in (("$id", ""), ("$anchor", "#")):
            if key in at and isinstance(at[key], str):
                found[prefix + at.pop(key)] = pointer_to(step.path())
    return found


def pointer_to(path: tuple[str | int, ...]) -> str:
    """The `#/…` pointer to a path."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def nearest(document: dict[str, Any], ref: str) -> str | None:
    """A sibling of a missing target whose name differs least, as a pointer."""
    parent, _, name = ref.rpartition("/")
    try:
        siblings = resolve(document, parent)
    except LookupError:
        return None
    if not isinstance(siblings, Mapping):
        return None
    alike = {str(key).lower(): str(key) for key in siblings}
    if name.lower() in alike:
        return f"{parent}/{alike[name.lower()]}"
    scored = [(len(_common(name.lower(), low)), key) for low, key in alike.items()]
    best = max(scored, default=(0, ""))
    return f"{parent}/{best[1]}" if best[0] >= max(3, len(name) - 2) else None


def _common(left: str, right: str) -> str:
    """The longest common start."""
    length = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
    return left[: min(len(left), len(right)) if length is None else length]
