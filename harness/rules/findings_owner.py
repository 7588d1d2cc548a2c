"""Who has probably to act on a finding: the system's team, or whoever writes the contract. A guess, told as one."""

from enum import StrEnum

from harness.model.contract import Operation
from harness.rules.findings import Cause

_OFTEN_FORGOTTEN = frozenset((401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 429))
_LOOSER = frozenset(("additionalProperties", "unevaluatedProperties", "enum", "maxLength", "maxItems", "format"))
_OF_CONTRACT = frozenset(("RejectedPositiveData", "UndefinedContentType", "UndeclaredField", "AbsentOperation"))


class Owner(StrEnum):
    """Whose it probably is."""

    PROVIDER = "provider"
    CONTRACT = "contract"


def owner_of(cause: Cause, operation: Operation, clean: int) -> Owner:
    """`clean` counts the answers of the same operation and status that kept their schema."""
    kind, status = cause.hit.kind, cause.hit.status
    if kind in _OF_CONTRACT:
        return Owner.CONTRACT
    if kind == "UndefinedStatusCode":
        forgotten = status in _OFTEN_FORGOTTEN or (200 <= (status or 0) < 300 and not operation.successes)
        return Owner.CONTRACT if forgotten else Owner.PROVIDER
    if kind == "JsonSchemaError":
        keyword = cause.location.split(" ")[1] if " " in cause.location else ""
        never_kept = clean == 0 and (status or 0) >= 400
        return Owner.CONTRACT if keyword in _LOOSER or never_kept else Owner.PROVIDER
    return Owner.PROVIDER
