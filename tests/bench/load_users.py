"""The users of the load benchmarks: the same task on each client. KIND = api | fast | http."""

import os

from locust import FastHttpUser, HttpUser, constant, task

from harness.kit.load import ApiUser

BASES = {"api": ApiUser, "fast": FastHttpUser, "http": HttpUser}


class Bench(BASES[os.environ["KIND"]]):
    wait_time = constant(0)

    @task
    def read_a_customer(self) -> None:
        answer = self.client.get("/customers/7f9c24e8-3b12-4fef-91d0-56a2d7f0c001", name="getCustomer")
        assert answer.status_code == 200
        assert len(answer.content) == 107
