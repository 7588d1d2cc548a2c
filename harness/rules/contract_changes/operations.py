"""Operations that came, went, or are on their way out; and what changed inside those that stayed."""

import re
from collections.abc import Iterator, Mapping

from harness.model.change import Change, Weight
from harness.rules.contract_changes.bodies import body_changes
from harness.rules.contract_changes.looking import Look, Node, both, followed, only
from harness.rules.contract_changes.parameters import parameter_changes
from harness.rules.contract_changes.responses import response_changes
from harness.rules.contract_changes.security import security_changes

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PLACE = re.compile(r"\{[^{}]*\}")


def operation_changes(old: Node, new: Node) -> Iterator[Change]:
    """Every change, operation by operation. Paths are the same whatever their parameters are called."""
    before, after = _operations(old), _operations(new)
    for key in only(before, after):
        at = _look(old, new, key, before[key])
        yield at.told(
            "operation-removed",
            Weight.BREAKING,
            "the operation is gone" + (", after it was deprecated" if before[key][1].get("deprecated") else ""),
            "keep it and mark it `deprecated` until nobody calls it any more",
        )
    for key in only(after, before):
        yield _look(old, new, key, after[key]).told("operation-added", Weight.SAFE, "the operation is new")
    for key in both(before, after):
        yield from _inside(_look(old, new, key, before[key]), before[key], after[key])


_Operation = tuple[str, Node, Node]


def _inside(at: Look, before: _Operation, after: _Operation) -> Iterator[Change]:
    (old_path, old, old_item), (new_path, new, new_item) = before, after
    if old.get("operationId") != new.get("operationId"):
        yield at.told(
            "operation-id-changed",
            Weight.RISKY,
            f"its operationId is `{new.get('operationId')}`, it was `{old.get('operationId')}`",
            "clients that were generated name their functions after it: keep it",
        )
    if new.get("deprecated") and not old.get("deprecated"):
        yield at.told("operation-deprecated", Weight.SAFE, "it is deprecated", "tell its consumers until when it stays")
    if old_path != new_path:
        yield at.told("path-parameter-renamed", Weight.SAFE, f"its path is written `{new_path}`, it was `{old_path}`")
    renamed = dict(zip(_names(old_path), _names(new_path), strict=True))
    yield from parameter_changes(at, (old_item, old), (new_item, new), renamed)
    yield from body_changes(at, old.get("requestBody"), new.get("requestBody"))
    yield from response_changes(at, old.get("responses"), new.get("responses"))
    yield from security_changes(at, old, new)


def _operations(document: Node) -> dict[tuple[str, str], _Operation]:
    found: dict[tuple[str, str], _Operation] = {}
    paths = document.get("paths")
    for path, written in paths.items() if isinstance(paths, Mapping) else ():
        item, _ = followed(document, written)
        for method in _METHODS:
            if isinstance(item.get(method), Mapping):
                found.setdefault((method, _PLACE.sub("{}", str(path))), (str(path), item[method], item))
    return found


def _look(old: Node, new: Node, key: tuple[str, str], operation: _Operation) -> Look:
    return Look(old=old, new=new, operation=str(operation[1].get("operationId") or f"{key[0].upper()} {operation[0]}"))


def _names(path: str) -> list[str]:
    return [place[1:-1] for place in _PLACE.findall(path)]
