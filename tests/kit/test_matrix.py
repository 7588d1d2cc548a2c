"""Trials on the wire: the fault is on for the last request alone, and who needs a moment to recover has it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.kit.matrix import Asking
from harness.model.matrix import Misbehaviour, Step, Taken, Trial

MAKE = Step(operation="make", method="POST", path="/made", body="{}")
USE = Step(
    operation="use", method="POST", path="/made/{id}/use", taken=(Taken(name="id", step="make", pointer="/new/id"),)
)
TRIAL = Trial(operation="reserve", fault=Misbehaviour.RESET, steps=(MAKE, USE))


class Both(BaseHTTPRequestHandler):
    """The system, and the mock's control below it: while a fault is on, and for a moment longer, 503."""

    said: list[str]
    moments: list[int]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.said.append(f"{self.command} {self.path}")
        status, told = 200, {"new": {"id": "n-1"}, "played": 1}
        if self.path == "/control":
            self.moments[:] = [10**9] if self.command == "PUT" else [2]
            assert self.command == "DELETE" or json.loads(body)["fault"] == "reset"
        elif self.moments[0] > 0:
            self.moments[0] -= 1
            status = 503
        answer = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that the server calls

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def both() -> Iterator[tuple[Asking, list[str]]]:
    said: list[str] = []
    handler = type("Told", (Both,), {"said": said, "moments": [0]})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield Asking(base_url=url, control=f"{url}/control", headers={}, deadline_s=20, seed=1), said
        server.shutdown()
        thread.join()


def test_the_fault_is_on_for_the_last_request_alone(both: tuple[Asking, list[str]]) -> None:
    asking, said = both
    told = asking.tried(TRIAL)
    assert (told["played"], told["asked"]["status"], told["after"]["status"]) == (1, 503, 200)
    assert said[:4] == ["POST /made", "PUT /control", "POST /made/n-1/use", "DELETE /control"]
    assert said[4:] == ["POST /made"] * 3 + ["POST /made/n-1/use"]  # two moments to recover


def test_a_mock_that_cannot_be_told_leaves_it_open(both: tuple[Asking, list[str]]) -> None:
    asking, _ = both
    deaf = Asking(base_url=asking.base_url, control="http://127.0.0.1:1/", headers={}, deadline_s=20, seed=1)
    assert "could not be told what to play" in deaf.tried(TRIAL)["cannot"]


def test_an_answer_that_gives_nothing_to_go_on_with_leaves_it_open(both: tuple[Asking, list[str]]) -> None:
    asking, _ = both
    elsewhere = Step(
        operation="use", method="POST", path="/x/{id}", taken=(Taken(name="id", step="make", pointer="/no"),)
    )
    trial = Trial(operation="reserve", fault=Misbehaviour.RESET, steps=(MAKE, elsewhere))
    assert "needs what no answer before it gave: id" in asking.tried(trial)["cannot"]
