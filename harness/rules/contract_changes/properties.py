"""The properties of an object: which there are, which must be there, and whether others may."""

from collections.abc import Callable, Iterator, Mapping

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import NOTHING, Look, Node, Side, both, followed, only

Inside = Callable[[Look, object, object], Iterator[Change]]
_HIDDEN = {Side.REQUEST: "readOnly", Side.RESPONSE: "writeOnly"}


def property_changes(at: Look, old: Node, new: Node, inside: Inside) -> Iterator[Change]:
    """What changed in an object; `inside` looks at a property that stayed."""
    before, after = _visible(at, at.old, old), _visible(at, at.new, new)
    must_before, must_after = _required(old, before), _required(new, after)
    for name in only(before, after):
        yield from _gone(at.at(f"/{name}"), name in must_before, closed=new.get("additionalProperties") is False)
    for name in only(after, before):
        yield from _come(at.at(f"/{name}"), name in must_after, closed=old.get("additionalProperties") is False)
    for name in both(before, after):
        here = at.at(f"/{name}")
        if name in must_after and name not in must_before:
            yield here.narrowed("property-became-required", "it is required, it was optional", way="keep it optional")
        if name in must_before and name not in must_after:
            yield here.widened(
                "property-became-optional", "it may be missing, it was always there", way="keep sending it"
            )
        if after[name].get("deprecated") and not before[name].get("deprecated"):
            yield here.told("property-deprecated", Weight.SAFE, "it is deprecated")
        yield from inside(here, before[name], after[name])
    yield from _others(at, old.get("additionalProperties"), new.get("additionalProperties"), inside)


def _gone(at: Look, required: bool, *, closed: bool) -> Iterator[Change]:
    if at.side is Side.RESPONSE:
        weight = Weight.BREAKING if required else Weight.RISKY
        yield at.told("response-property-removed", weight, "it is gone", "keep sending it, marked `deprecated`")
    elif closed:
        yield at.told(
            "request-property-removed", Weight.BREAKING, "it is gone, and nothing unknown is accepted", "ignore it"
        )
    else:
        yield at.told("request-property-removed", Weight.RISKY, "it is gone: whoever sends it is ignored")


def _come(at: Look, required: bool, *, closed: bool) -> Iterator[Change]:
    if at.side is Side.REQUEST and required:
        yield at.told("required-property-added", Weight.BREAKING, "it is new and required", "make it optional")
    elif at.side is Side.REQUEST:
        yield at.told("optional-property-added", Weight.SAFE, "it is new and optional")
    elif closed:
        said = "it is new, and the contract had promised that nothing else comes"
        yield at.told("response-property-added-to-closed", Weight.BREAKING, said, "leave `additionalProperties` open")
    else:
        yield at.told("response-property-added", Weight.SAFE, "it is new")


def _others(at: Look, old: object, new: object, inside: Inside) -> Iterator[Change]:
    if old is False and new is not False:
        yield at.widened("others-allowed", "other properties may be there", reading=Weight.RISKY)
    elif new is False and old is not False:
        yield at.narrowed("others-forbidden", "no other property is accepted any more", way="ignore what is not known")
    elif isinstance(old, dict) or isinstance(new, dict):
        yield from inside(at.at("/{…}"), old if isinstance(old, dict) else None, new if isinstance(new, dict) else None)


def _visible(at: Look, document: Node, schema: Node) -> dict[str, Node]:
    """Properties as this side sees them: what only the other side carries is not there."""
    written = schema.get("properties")
    return {
        str(name): one if isinstance(one, Mapping) else NOTHING
        for name, one in (written.items() if isinstance(written, Mapping) else ())
        if followed(document, one)[0].get(_HIDDEN[at.side]) is not True
    }


def _required(schema: Node, visible: dict[str, Node]) -> frozenset[str]:
    written = schema.get("required")
    return frozenset(name for name in (written if isinstance(written, list) else ()) if name in visible)
