"""What the demonstrations share: the customers' page, and orders that are taken back afterwards."""

from collections.abc import Callable

import pytest
from desk import CUSTOMER_IDS, Desk, as_customer

from harness.kit.uat import Api, Made, Page


@pytest.fixture
def desk(page: Page) -> Desk:
    return Desk(page)


@pytest.fixture
def acme(api: Api) -> Api:
    return as_customer(api, "acme")


@pytest.fixture
def taken_back(acme: Api, made: Made) -> Callable[[str], str]:
    """Have an order of Acme cancelled at the end, if the demonstration has not done so."""

    def later(number: str) -> str:
        made.cleaned_by(f"order {number}", lambda: acme.post(f"/orders/{number}/cancel"))
        return number

    return later


@pytest.fixture
def order_of_acme(acme: Api, taken_back: Callable[[str], str], run_tag: str) -> str:
    """An order that Acme has placed: two porcelain cups."""
    order = {"customerId": CUSTOMER_IDS["acme"], "lines": [{"sku": "CUP-200", "quantity": 2}], "note": run_tag}
    answer = acme.post("/orders", data=order)
    assert answer.status == 201, f"preparing an order answered {answer.status}: {answer.text()}"
    return taken_back(answer.json()["id"])
