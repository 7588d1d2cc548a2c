"""Every answer is bounded in time and size, whoever asks: the stock client is the control that would hang or swell."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
SPECIMEN = Path(__file__).parent
CLIENT = """
import resource, sys, time
import requests
sys.path.insert(0, {specimen!r})
import specimen
{install}
with specimen.serving({fault!r}) as (url, _):
    began = time.monotonic()
    try:
        answer = requests.get(url + "/items", headers={{"Authorization": "Bearer specimen-token"}}, timeout=2)
        said = f"{{answer.status_code}} {{len(answer.content)}} {{answer.headers.get('x-harness-cut', '')}}"
    except requests.RequestException as error:
        said = type(error).__name__
    took = time.monotonic() - began
print(f"{{'late' if took > 25 else 'in time'}}|{{said}}", flush=True)
import os; os._exit(0)
"""
OURS = "from harness.kit.contract import bounds; bounds.install(3.0)"


def ask(fault: str, install: str, patience_s: float = 40) -> str:
    """What a client says of the list of a specimen with a fault; `killed` where it had to be ended."""
    code = CLIENT.format(specimen=str(SPECIMEN), install=install, fault=fault)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=patience_s, check=False
        )
    except subprocess.TimeoutExpired:
        return "killed"
    return done.stdout.strip() or done.stderr[-300:]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("drips", "in time|ReadTimeout"),
        ("drips-headers", "in time|ReadTimeout"),
        ("bomb", "in time|200 0 is larger than 10 MiB"),
        ("huge", "in time|200 0 is larger than 10 MiB"),
        ("deep", "in time|200 0 is nested deeper than 400 levels"),
        ("undecodable", "in time|200 0 cannot be decoded as gzip"),
        ("silent", "in time|ReadTimeout"),
        ("continues", "in time|ReadTimeout"),
        ("streams", "in time|200 "),
        ("packed", "in time|200 0 cannot be decoded"),
        ("long-header", "in time|ConnectionError"),
        ("wide", "in time|200 6"),
        ("not-numbers", "in time|200 "),
    ],
)
def test_an_answer_ends_by_its_deadline_and_at_its_size(fault: str, said: str) -> None:
    assert ask(fault, OURS).startswith(said)


def test_an_answer_shorter_than_it_says_is_no_answer() -> None:
    assert ask("lies-about-length", OURS).startswith("in time|C")


@pytest.mark.parametrize("fault", ["drips-headers", "streams", "bomb"])
def test_the_control_a_plain_client_with_the_same_timeout_is_held_or_filled(fault: str) -> None:
    said = ask(fault, "", patience_s=8)
    assert said == "killed" or said.startswith(("late|", "in time|200 200000000"))


def test_an_honest_answer_is_left_alone() -> None:
    assert ask("stale", OURS).startswith("in time|200 ")


RESTARTED = """
import socket, sys, threading, time
import requests
from harness.kit.contract import bounds
sys.path.insert(0, {specimen!r})
import specimen
if {ours}:
    bounds.install(3.0)
HEADERS = {{"Authorization": "Bearer specimen-token"}}
with specimen.serving() as (url, shop):
    port = shop.server_address[1]
    requests.get(url + "/items", headers=HEADERS, timeout=2)
def again():
    time.sleep(0.5)
    with specimen.serving(port=port):
        time.sleep(20)
threading.Thread(target=again, daemon=True).start()
try:
    print(requests.get(url + "/items", headers=HEADERS, timeout=2).status_code, flush=True)
except requests.ConnectionError:
    print("refused", flush=True)
import os; os._exit(0)
"""


@pytest.mark.parametrize(("ours", "said"), [(True, "200"), (False, "refused")])
def test_a_request_that_nobody_took_waits_for_a_server_that_is_started_again(ours: bool, said: str) -> None:
    code = RESTARTED.format(specimen=str(SPECIMEN), ours=ours)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == said, done.stderr[-300:]
