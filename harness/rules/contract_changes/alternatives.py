"""`oneOf` and `anyOf`: alternatives that came or went. They are told apart by their references, else by their place."""

from collections.abc import Iterator, Mapping

from harness.model.change import Change
from harness.rules.contract_changes.looking import Look, Node, both, only
from harness.rules.contract_changes.properties import Inside

_KEYS = ("oneOf", "anyOf")


def alternative_changes(at: Look, old: Node, new: Node, inside: Inside) -> Iterator[Change]:
    """What changed in the alternatives of a value; `inside` looks at one that stayed."""
    before, after = _alternatives(old), _alternatives(new)
    if not before and not after:
        return
    if not before:
        yield at.narrowed("alternatives-introduced", f"it must be one of {len(after)} alternatives", way="keep it open")
        return
    if not after:
        yield at.widened("alternatives-lifted", "it is not one of certain alternatives any more", way="keep them")
        return
    for name in only(before, after):
        yield at.narrowed("alternative-removed", f"the alternative {name} is gone", way="keep accepting it")
    for name in only(after, before):
        way = "consumers need a way for alternatives they don't know"
        yield at.widened("alternative-added", f"the alternative {name} is new", way=way)
    for name in both(before, after):
        yield from inside(at.at(f"/({name})"), before[name], after[name])


def _alternatives(schema: Node) -> dict[str, object]:
    for key in _KEYS:
        written = schema.get(key)
        if isinstance(written, list):
            return {_name(one, number): one for number, one in enumerate(written, 1)}
    return {}


def _name(schema: object, number: int) -> str:
    if isinstance(schema, Mapping):
        ref, title = schema.get("$ref"), schema.get("title")
        if isinstance(ref, str):
            return f"`{ref.rpartition('/')[2]}`"
        if isinstance(title, str):
            return f"`{title}`"
    return f"no. {number}"
