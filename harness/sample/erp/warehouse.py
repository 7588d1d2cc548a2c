"""What the ERP knows: stock, reservations and sales orders, in memory."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
PLENTY = 1_000_000
FEW_POTS = 25


def opening_stock() -> dict[str, int]:
    """Plenty of everything, except cast iron pots: somebody has to hear that there are not enough."""
    return {"TEA-100": PLENTY, "CUP-200": PLENTY, "POT-300": FEW_POTS, "TIN-400": PLENTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Stock held for an order of the hub."""

    id: str
    reference: str
    quantities: Mapping[str, int]
    moves_goods: bool = True


class NotEnough(Exception):
    """A reservation asks for more than is left; the message says of what."""


@dataclass(slots=True, kw_only=True)
class Warehouse:
    """All lines of a reservation are reserved, or none."""

    stock: dict[str, int] = field(default_factory=opening_stock)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    by_reference: dict[str, str] = field(default_factory=dict)

    def reserve(self, reference: str, quantities: Mapping[str, int], *, moves_goods: bool = True) -> Reservation:
        """Hold stock; the same reference again gets the same reservation. Raises `NotEnough`.

        A test's reservation asks for goods like any other and moves none.
        """
        known = self.by_reference.get(reference)
        if known is not None:
            return self.reservations[known]
        for sku, quantity in quantities.items():
            left = self.stock.get(sku, 0)
            if quantity > left:
                raise NotEnough(f"Only {left} of {sku} are left.")
        made = Reservation(id=new_id("res"), reference=reference, quantities=dict(quantities), moves_goods=moves_goods)
        self._move(made, -1)
        self.reservations[made.id] = made
        self.by_reference[reference] = made.id
        return made

    def release(self, reservation_id: str) -> bool:
        """Give stock back; false when there is no such reservation."""
        gone = self.reservations.pop(reservation_id, None)
        if gone is None:
            return False
        del self.by_reference[gone.reference]
        self._move(gone, 1)
        return True

    def _move(self, reservation: Reservation, direction: int) -> None:
        if reservation.moves_goods:
            for sku, quantity in reservation.quantities.items():
                self.stock[sku] += direction * quantity


def new_id(prefix: str) -> str:
    """A fresh id such as `res-4f0k2m9x1c7q`."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
