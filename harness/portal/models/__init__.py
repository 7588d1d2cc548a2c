"""The portal's tables. Nothing that was signed is ever updated: it stands in the ledger, and these rows point at it."""

from harness.portal.models.accounts import Attempt, Audit, Ceremony, Grant, Invitation, Passkey, Person, Session
from harness.portal.models.ledger import Entry, Head
from harness.portal.models.packages import Answered, Draft, Frozen, LateHand, Met, Picked, Signed, Slot
from harness.portal.models.published import ApiToken, Evidence, Hand, Project, Published

__all__ = [
    "Answered",
    "ApiToken",
    "Attempt",
    "Audit",
    "Ceremony",
    "Draft",
    "Entry",
    "Evidence",
    "Frozen",
    "Grant",
    "Hand",
    "Head",
    "Invitation",
    "LateHand",
    "Met",
    "Passkey",
    "Person",
    "Picked",
    "Project",
    "Published",
    "Session",
    "Signed",
    "Slot",
]
