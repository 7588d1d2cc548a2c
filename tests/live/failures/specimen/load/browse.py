"""Somebody who looks at the shelf."""

from locust import task

from harness.kit.load import ApiUser


class Browse(ApiUser):
    @task
    def items(self):
        self.client.get("/items", name="listItems")
