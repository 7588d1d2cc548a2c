"""From a path to the operation that answers it: literal paths first, then templates, segment by segment.

A path is matched still percent-encoded, so an encoded slash never becomes a separator. What a template
leaves open must not be empty.
"""

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, "_Node[T]"] = field(default_factory=dict)
    open: list[tuple[tuple[str, ...], re.Pattern[str] | None, "_Node[T]"]] = field(default_factory=list)
    targets: dict[str, T] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed(Generic[T]):
    """What a path led to. `target` None: the path is known, the method is not; `allowed` says which are."""

    target: T | None
    parameters: dict[str, str]
    allowed: tuple[str, ...]


_NOTHING: dict[str, str] = {}


class Router(Generic[T]):
    """Path templates to targets, by method."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._fixed: dict[tuple[str, str], Routed[T]] = {}

    def add(self, method: str, template: str, target: T) -> None:
        """Enter a target; the first of two for the same method and template stays."""
        node = self._root
        for segment in template.strip("/").split("/") if template != "/" else [""]:
            node = _step(node, segment)
        node.targets.setdefault(method, target)
        if "{" not in template:
            self._fixed.setdefault(
                (method, template), Routed(target=node.targets[method], parameters=_NOTHING, allowed=())
            )

    def find(self, method: str, path: str) -> Routed[T] | None:
        """What a raw path leads to; None where no template fits."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed
        if not path.startswith("/"):
            return None
        allowed: list[str] = []
        found = _walk(self._root, path[1:].split("/"), 0, method, {}, allowed)
        if found is not None:
            return found
        return Routed(target=None, parameters=_NOTHING, allowed=tuple(dict.fromkeys(allowed))) if allowed else None


def _step(node: "_Node[T]", segment: str) -> "_Node[T]":
    names = tuple(_PLACE.findall(segment))
    if not names:
        return node.literal.setdefault(unquote(segment), _Node())
    pattern = None if segment == f"{{{names[0]}}}" else _segment_pattern(segment)
    for known, known_pattern, child in node.open:
        if known == names and known_pattern == pattern:
            return child
    new: _Node[T] = _Node()
    node.open.append((names, pattern, new))
    node.open.sort(key=lambda one: one[1] is None)
    return new


def _segment_pattern(segment: str) -> re.Pattern[str]:
    literal = [re.escape(part) for part in _PLACE.sub("\0", segment).split("\0")]
    return re.compile("([^/]+?)".join(literal))


def _walk(
    node: "_Node[T]", segments: list[str], at: int, method: str, bound: dict[str, str], allowed: list[str]
) -> "Routed[T] | None":
    if at == len(segments):
        target = node.targets.get(method)
        allowed.extend(node.targets)
        return None if target is None else Routed(target=target, parameters=bound, allowed=())
    segment = segments[at]
    child = node.literal.get(segment)
    if child is None and "%" in segment:
        child = node.literal.get(unquote(segment))
    if child is not None:
        found = _walk(child, segments, at + 1, method, bound, allowed)
        if found is not None:
            return found
    if segment:
        for names, pattern, inner in node.open:
            values = (segment,) if pattern is None else _groups(pattern, segment)
            if values is not None:
                more = bound | dict(zip(names, values, strict=True))
                found = _walk(inner, segments, at + 1, method, more, allowed)
                if found is not None:
                    return found
    return None


def _groups(pattern: re.Pattern[str], segment: str) -> tuple[str, ...] | None:
    match = pattern.fullmatch(segment)
    return None if match is None else match.groups()
