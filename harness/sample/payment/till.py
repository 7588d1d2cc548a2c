"""What the payment provider knows: charges, in memory. No money moves anywhere."""

from dataclasses import dataclass, field, replace

from harness.sample.customers import new_id

DECLINED = "card-declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount that was taken, and may have been given back."""

    id: str
    reference: str
    amount_cents: int
    status: str = "succeeded"


class Declined(Exception):
    """The card is no good; the message says so."""


def first_charge() -> dict[str, Charge]:
    """The charge that the contract's examples name."""
    charge = Charge(id="ch-000000000001", reference="inv-000000000000", amount_cents=900)
    return {charge.id: charge}


@dataclass(slots=True, kw_only=True)
class Till:
    """A reference is charged once, however often that is asked for."""

    charges: dict[str, Charge] = field(default_factory=first_charge)
    by_reference: dict[str, str] = field(default_factory=dict)

    def charge(self, reference: str, amount_cents: int, source: str) -> Charge:
        """Take the amount; the same reference again gets the same charge. Raises `Declined`."""
        if source == DECLINED:
            raise Declined("The card was declined.")
        known = self.by_reference.get(reference)
        if known is not None:
            return self.charges[known]
        made = Charge(id=new_id("ch"), reference=reference, amount_cents=amount_cents)
        self.charges[made.id] = made
        self.by_reference[reference] = made.id
        return made

    def refund(self, charge_id: str) -> Charge | None:
        """Give it back; None when there is no such charge."""
        charge = self.charges.get(charge_id)
        if charge is None:
            return None
        self.charges[charge_id] = replace(charge, status="refunded")
        return self.charges[charge_id]
