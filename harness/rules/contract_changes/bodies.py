"""The body of a request, by media type."""

from collections.abc import Iterator

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, both, followed, named, only
from harness.rules.contract_changes.schemas import schema_changes


def body_changes(at: Look, old_body: object, new_body: object) -> Iterator[Change]:
    """What changed in what a request may carry."""
    at = at.at("request body")
    old, new = followed(at.old, old_body)[0], followed(at.new, new_body)[0]
    if not old and not new:
        return
    if not old:
        if new.get("required"):
            said, way = "it is new and required", "make it optional"
            yield at.told("required-body-added", Weight.BREAKING, said, way)
        else:
            yield at.told("optional-body-added", Weight.SAFE, "it is new and optional")
        return
    if not new:
        yield at.told("body-removed", Weight.RISKY, "there is none any more: whoever sends one is ignored or refused")
        return
    if new.get("required") and not old.get("required"):
        yield at.told("body-became-required", Weight.BREAKING, "it is required, it was optional", "keep it optional")
    if old.get("required") and not new.get("required"):
        yield at.told("body-became-optional", Weight.SAFE, "it is optional, it was required")
    before, after = named(at.old, old.get("content")), named(at.new, new.get("content"))
    for media in only(before, after):
        yield at.told(
            "request-media-type-removed",
            Weight.BREAKING,
            f"`{media}` is not accepted any more",
            "accept both for a time",
        )
    for media in only(after, before):
        yield at.told("request-media-type-added", Weight.SAFE, f"`{media}` is accepted too")
    for media in both(before, after):
        yield from schema_changes(at, before[media].get("schema"), after[media].get("schema"))
