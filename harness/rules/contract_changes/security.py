"""What a caller must show."""

from collections.abc import Iterator, Mapping

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, Node, named, quoted

_Ways = list[frozenset[tuple[str, frozenset[str]]]]


def security_changes(at: Look, old: Node, new: Node) -> Iterator[Change]:
    """Whoever could call before must still be able to: some way that is open now asks for nothing more."""
    before, after = _ways(at.old, old), _ways(at.new, new)
    shut = [way for way in before if not any(_suffices(way, other) for other in after)]
    if shut:
        said = f"{_told(shut[0])} is not enough any more; it takes {' or '.join(map(_told, after))}"
        yield at.at("security").told("security-tightened", Weight.BREAKING, said, "accept the old way for a time")
    elif set(before) != set(after):
        said = f"it takes {' or '.join(map(_told, after))}, it took {' or '.join(map(_told, before))}"
        yield at.at("security").told("security-loosened", Weight.SAFE, said)
    used = {name for way in before for name, _ in way} & {name for way in after for name, _ in way}
    schemes = _schemes(at.old), _schemes(at.new)
    for name in sorted(used):
        kinds = [tuple(one.get(name, {}).get(key) for key in ("type", "scheme", "in", "name")) for one in schemes]
        if kinds[0] != kinds[1]:
            said = f"`{name}` is another kind of proof than before"
            yield at.at("security").told(
                "security-scheme-changed", Weight.BREAKING, said, "give the new kind a new name"
            )


def _ways(document: Node, operation: Node) -> _Ways:
    written = operation.get("security", document.get("security"))
    ways = [
        frozenset((str(name), frozenset(map(str, scopes or ()))) for name, scopes in one.items())
        for one in (written if isinstance(written, list) else ())
        if isinstance(one, Mapping)
    ]
    return ways or [frozenset()]


def _suffices(shown: frozenset[tuple[str, frozenset[str]]], asked: frozenset[tuple[str, frozenset[str]]]) -> bool:
    have = dict(shown)
    return all(name in have and scopes <= have[name] for name, scopes in asked)


def _told(way: frozenset[tuple[str, frozenset[str]]]) -> str:
    if not way:
        return "no proof at all"
    return " with ".join(_proof(name, scopes) for name, scopes in sorted(way, key=lambda one: one[0]))


def _proof(name: str, scopes: frozenset[str]) -> str:
    return f"`{name}`" + (f" (scopes {quoted(scopes)})" if scopes else "")


def _schemes(document: Node) -> dict[str, Node]:
    components = document.get("components")
    return named(document, components.get("securitySchemes") if isinstance(components, Mapping) else None)
