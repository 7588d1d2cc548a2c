"""From two versions of an OpenAPI 3 document to everything that changed for consumers, worst first.

One module a subject; each rule has a name, a weight and a sentence. Words that no machine acts on (descriptions,
examples, tags) are no change.
"""

from harness.model.change import Change, Weight
from harness.rules.contract_changes.looking import Node
from harness.rules.contract_changes.operations import operation_changes

_ORDER = tuple(Weight)


def changes(old: Node, new: Node) -> tuple[Change, ...]:
    """All changes from `old` to `new`, breaking ones first, then in the order of the old document."""
    found = dict.fromkeys(operation_changes(old, new))
    return tuple(sorted(found, key=lambda change: _ORDER.index(change.weight)))
