"""Responses: statuses, headers and bodies."""

from collections.abc import Iterator
from dataclasses import replace

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Look, Node, Side, both, named, only
from harness.rules.contract_changes.schemas import schema_changes


def response_changes(at: Look, old_responses: object, new_responses: object) -> Iterator[Change]:
    """What changed in what comes back."""
    at = replace(at, side=Side.RESPONSE)
    before, after = named(at.old, old_responses), named(at.new, new_responses)
    for status in only(before, after):
        yield _gone(at.at(f"response {status}"), status)
    for status in only(after, before):
        yield _come(at.at(f"response {status}"), status)
    for status in both(before, after):
        yield from _inside(at.at(f"response {status}"), before[status], after[status])


def _gone(at: Look, status: str) -> Change:
    if status.startswith("2"):
        said, way = (
            "it is gone: who waits for it waits in vain",
            "keep it, or offer the new one beside it under a new path",
        )
        return at.told("success-status-removed", Weight.BREAKING, said, way)
    return at.told("error-status-removed", Weight.RISKY, "it is not documented any more")


def _come(at: Look, status: str) -> Change:
    if status.startswith(("2", "3")):
        return at.told("success-status-added", Weight.RISKY, "it is new: consumers must know what to do with it")
    return at.told("error-status-added", Weight.SAFE, "it is new")


def _inside(at: Look, old: Node, new: Node) -> Iterator[Change]:
    yield from _headers(at, named(at.old, old.get("headers")), named(at.new, new.get("headers")))
    before, after = named(at.old, old.get("content")), named(at.new, new.get("content"))
    if before and not after:
        yield at.told("response-body-removed", Weight.BREAKING, "it has no body any more", "keep the body")
        return
    if after and not before:
        yield at.told("response-body-added", Weight.SAFE, "it has a body now")
        return
    for media in only(before, after):
        said = f"`{media}` does not come back any more"
        yield at.told("response-media-type-removed", Weight.BREAKING, said, "answer as `Accept` asks")
    for media in only(after, before):
        yield at.told("response-media-type-added", Weight.SAFE, f"`{media}` may come back too, where it is asked for")
    for media in both(before, after):
        yield from schema_changes(at.at("body"), before[media].get("schema"), after[media].get("schema"))


def _headers(at: Look, before: dict[str, Node], after: dict[str, Node]) -> Iterator[Change]:
    old = {name.lower(): one for name, one in before.items()}
    new = {name.lower(): one for name, one in after.items()}
    for name in only(old, new):
        weight = Weight.BREAKING if old[name].get("required") else Weight.RISKY
        yield at.told("response-header-removed", weight, f"the header `{name}` is gone", "keep sending it")
    for name in only(new, old):
        yield at.told("response-header-added", Weight.SAFE, f"the header `{name}` is new")
    for name in both(old, new):
        here = at.at(f"header `{name}`")
        if old[name].get("required") and not new[name].get("required"):
            said = "it may be missing, it was always there"
            yield here.told("response-header-became-optional", Weight.BREAKING, said, "keep sending it always")
        yield from schema_changes(here, old[name].get("schema"), new[name].get("schema"))
