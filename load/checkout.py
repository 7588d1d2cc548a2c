"""What the order desk and the customers on the page do, in the mix of a busy hour."""

import random
from collections import deque

from locust import tag, task

from harness.kit.load import ApiUser

_SKUS = ("TEA-100", "CUP-200", "POT-300", "TIN-400")
_WORDS = ("tea", "house", "trading", "shop")


class Checkout(ApiUser):
    """One person at work: looks customers up, places orders for them, reads and lists orders, cancels some."""

    timeout_s = 10.0

    def on_start(self) -> None:
        """Everybody works for a customer of their own."""
        answer = self.client.post(
            "/customers",
            json={"name": "Load Test Trading", "email": f"load-{random.randrange(10**9)}@load.example"},
            name="createCustomer",
        )
        answer.raise_for_status()
        self.customer = answer.json()["id"]
        self.open_orders: deque[str] = deque(maxlen=20)

    @tag("write")
    @task(5)
    def place_an_order(self) -> None:
        order = {
            "customerId": self.customer,
            "lines": [{"sku": random.choice(_SKUS), "quantity": 1}],
            "note": "load test",
        }
        with self.client.post("/orders", json=order, name="createOrder", catch_response=True) as answer:
            if answer.status_code == 201:
                placed = answer.json()
                if placed["totalCents"] < 1:
                    answer.failure("the order has no total")
                self.open_orders.append(placed["id"])

    @task(8)
    def list_orders(self) -> None:
        self.client.get("/orders", params={"customerId": self.customer}, name="listOrders")

    @task(4)
    def read_an_order(self) -> None:
        if self.open_orders:
            self.client.get(f"/orders/{random.choice(self.open_orders)}", name="getOrder")
        else:
            self.place_an_order()

    @task(2)
    def search_customers(self) -> None:
        self.client.get("/customers", params={"q": random.choice(_WORDS)}, name="listCustomers")

    @tag("write")
    @task(1)
    def cancel_an_order(self) -> None:
        if self.open_orders:
            self.client.post(f"/orders/{self.open_orders.popleft()}/cancel", name="cancelOrder")
        else:
            self.place_an_order()
