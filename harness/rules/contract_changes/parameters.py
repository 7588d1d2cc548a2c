"""Parameters of path, query, header and cookie."""

from collections.abc import Iterator, Mapping

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, Node, both, followed, only
from harness.rules.contract_changes.schemas import schema_changes

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_IGNORED = frozenset({"accept", "content-type", "authorization"})  # OpenAPI says that such definitions mean nothing
_Nodes = tuple[Node, Node]


def parameter_changes(at: Look, old: _Nodes, new: _Nodes, renamed: Mapping[str, str]) -> Iterator[Change]:
    """What changed in the parameters of one operation; each side is its path item and itself."""
    before = {(kind, _now(kind, name, renamed)): one for (kind, name), one in _all(at.old, old)}
    after = dict(_all(at.new, new))
    gone, come = (
        {key[1]: key for key in before if key not in after},
        {key[1]: key for key in after if key not in before},
    )
    for name in both(gone, come):
        yield at.at(f"parameter `{name}`").told(
            "parameter-moved",
            Weight.BREAKING,
            f"it is expected in the {come[name][0]}, it was in the {gone[name][0]}",
            "accept it in both places until nobody sends the old one",
        )
    for name in only(gone, come):
        yield at.at(f"{gone[name][0]} `{name}`").told(
            "parameter-removed", Weight.RISKY, "it is gone: whoever sends it is ignored or refused"
        )
    for name in only(come, gone):
        yield _added(at.at(f"{come[name][0]} `{name}`"), after[come[name]])
    for key in before:
        if key in after:
            yield from _changed(at.at(f"{key[0]} `{key[1]}`"), before[key], after[key], key[0])


def _now(kind: str, name: str, renamed: Mapping[str, str]) -> str:
    return renamed.get(name, name) if kind == "path" else name


def _added(at: Look, parameter: Node) -> Change:
    if parameter.get("required"):
        return at.told(
            "required-parameter-added",
            Weight.BREAKING,
            "it is new and required",
            "make it optional, with a default that keeps what was",
        )
    return at.told("optional-parameter-added", Weight.SAFE, "it is new and optional")


def _changed(at: Look, old: Node, new: Node, kind: str) -> Iterator[Change]:
    if new.get("required") and not old.get("required"):
        yield at.told(
            "parameter-became-required", Weight.BREAKING, "it is required, it was optional", "keep it optional"
        )
    if old.get("required") and not new.get("required"):
        yield at.told("parameter-became-optional", Weight.SAFE, "it is optional, it was required")
    if new.get("deprecated") and not old.get("deprecated"):
        yield at.told("parameter-deprecated", Weight.SAFE, "it is deprecated")
    if _written(old, kind) != _written(new, kind):
        style, explode = _written(new, kind)
        yield at.told(
            "parameter-style-changed",
            Weight.BREAKING,
            f"it is written another way (style `{style}`, explode {str(explode).lower()})",
            "keep how lists and objects are written",
        )
    yield from schema_changes(at, _schema(old), _schema(new))


def _written(parameter: Node, kind: str) -> tuple[object, object]:
    style = parameter.get("style", _STYLES.get(kind, "form"))
    return style, parameter.get("explode", style == "form")


def _schema(parameter: Node) -> object:
    content = parameter.get("content")
    if isinstance(content, Mapping):
        return next((media.get("schema") for media in content.values() if isinstance(media, Mapping)), None)
    return parameter.get("schema")


def _all(document: Node, nodes: _Nodes) -> Iterator[tuple[tuple[str, str], Node]]:
    """Parameters of the path first, so that the operation's own win."""
    for node in nodes:
        written = node.get("parameters")
        for one in written if isinstance(written, list) else ():
            parameter, _ = followed(document, one)
            kind, name = str(parameter.get("in")), str(parameter.get("name"))
            if kind == "header":
                name = name.lower()
                if name in _IGNORED:
                    continue
            yield (kind, name), parameter
