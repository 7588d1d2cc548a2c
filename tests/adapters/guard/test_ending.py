"""The caps hold over everything together, and all traffic ends at once when it must."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.adapters.guard.gate import Gate, UnreachableError
from harness.adapters.guard.journal import Journal
from harness.adapters.guard.order import Order
from harness.model.tier import Window
from tests.adapters.guard.conftest import shop


def flooded(guard, seconds, workers=8):
    """Ask side by side from both jobs until the time is over or nobody answers any more."""
    end = time.monotonic() + seconds

    def ask(job):
        while time.monotonic() < end:
            try:
                if guard.ask("GET /", job=job) == 0:
                    return
            except OSError:
                return

    threads = [threading.Thread(target=ask, args=(("job", "other")[i % 2],)) for i in range(workers)]
    for thread in threads:
        thread.start()
    return threads


def most_in_a_second(times):
    return max(sum(one <= other < one + 1.0 for other in times) for one in times)


def test_no_second_holds_more_than_the_cap_over_all_jobs_together(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port), rate_per_s=10.0)
    for thread in flooded(guard, 3.0):
        thread.join()
    times = [seen[0] for seen in recorder.seen]
    assert len(times) >= 20
    assert most_in_a_second(times) <= 10


def test_control_without_a_cap_many_more_arrive(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    for thread in flooded(guard, 1.0):
        thread.join()
    assert most_in_a_second([seen[0] for seen in recorder.seen]) > 50


def test_no_more_are_under_way_than_the_cap_on_concurrency(guarding, recording):
    recorder = recording()
    recorder.delay_s = 0.3
    guard = guarding(shop(recorder.port), concurrency=2)
    for thread in flooded(guard, 1.0):
        thread.join()
    times = [seen[0] for seen in recorder.seen]
    assert max(sum(one <= other < one + 0.25 for other in times) for one in times) <= 2


def ended(guard, recorder, end):
    """When the last request arrived, counted from the moment of `end`."""
    threads = flooded(guard, 6.0)
    time.sleep(0.5)
    assert recorder.seen
    at = time.monotonic()
    end()
    for thread in threads:
        thread.join()
    guard.guard.running.process.wait(5)
    return max(seen[0] for seen in recorder.seen) - at


def test_the_stop_file_ends_all_traffic_within_a_second(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert ended(guard, recorder, guard.stop_file.touch) < 1.0
    assert guard.guard.ended_why == "the kill switch was used"


def test_a_signal_ends_all_traffic_within_a_second(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    pid = guard.guard.running.process.pid
    assert ended(guard, recorder, lambda: os.kill(pid, signal.SIGTERM)) < 1.0


def test_a_harness_that_is_gone_ends_all_traffic_at_once(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port))
    assert ended(guard, recorder, guard.guard.close) < 1.0
    assert guard.guard.ended_why == "the harness is gone"


def test_a_harness_that_hangs_ends_all_traffic_with_its_lease(guarding, recording):
    recorder = recording()
    guard = guarding(shop(recorder.port), lease_s=1.0)
    assert ended(guard, recorder, guard.guard._over.set) < 2.5
    assert guard.guard.ended_why == "the harness was not heard of any more"


class Alarm:
    """What a keeper of alerts answers; it can be switched while it is asked."""

    def __init__(self) -> None:
        outer = self
        self.status, self.body = 200, b"[]"

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/alerts"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def alarm():
    kept = Alarm()
    yield kept
    kept.close()


def test_an_alarm_that_fires_ends_all_traffic_within_two_seconds(guarding, recording, alarm):
    recorder = recording()
    guard = guarding(shop(recorder.port), alarm=alarm.url)
    assert ended(guard, recorder, lambda: setattr(alarm, "body", b'[{"labels": {}}]')) < 2.0
    assert guard.guard.ended_why == "the alarm fires (it answered 200)"


def test_an_alarm_that_cannot_be_asked_ends_all_traffic_too(guarding, recording, alarm):
    recorder = recording()
    guard = guarding(shop(recorder.port), alarm=alarm.url)
    assert ended(guard, recorder, alarm.close) < 2.5
    assert guard.guard.ended_why.startswith("the alarm could not be asked")
    alarm.close = lambda: None


def test_nothing_leaves_while_the_alarm_fires_from_the_beginning(guarding, recording, alarm):
    recorder = recording()
    alarm.status = 503
    guard = guarding(shop(recorder.port), alarm=alarm.url)
    with contextlib.suppress(OSError):
        guard.ask("GET /")
    assert recorder.seen == []


def test_control_while_the_alarm_is_quiet_requests_arrive(guarding, recording, alarm):
    recorder = recording()
    alarm.status, alarm.body = 204, b""
    guard = guarding(shop(recorder.port), alarm=alarm.url)
    time.sleep(1.2)  # more than one look
    assert guard.ask("GET /") == 200
    assert guard.guard.ended_why is None


def test_nothing_leaves_outside_the_tiers_windows(guarding, recording):
    recorder = recording()
    now = datetime.now(UTC)
    day = (now + timedelta(days=3)).weekday()
    guard = guarding(shop(recorder.port), windows=(Window(days=(day,), since=0, until=1, zone="UTC", text=""),))
    guard.guard.running.process.wait(5)
    assert guard.guard.ended_why == "the tier's window closed"


def gate(tmp_path, find, origin):
    order = Order(
        run="r",
        origins=(origin,),
        doors=(),
        rate_per_s=None,
        concurrency=None,
        most_bytes=10,
        windows=(),
        lease_s=3,
        stop_file="",
        passed=False,
    )
    return Gate(order, Journal(tmp_path / "journal"), find)


def test_a_name_is_looked_up_once_and_only_that_address_is_ever_connected_to(tmp_path, recording):
    recorder, elsewhere = recording(), recording()
    answers = [((2, "127.0.0.1"),), ((2, "127.0.0.2"),)]
    asked = []

    async def find(host, port):
        asked.append(host)
        return answers[len(asked) - 1]

    async def connected_twice():
        one = gate(tmp_path, find, shop(recorder.port, host="localhost"))
        await one.pin()
        for _ in range(2):
            _, writer = await one.connect(one.origins["shop"])
            assert writer.get_extra_info("peername")[:2] == ("127.0.0.1", recorder.port)
            writer.close()

    asyncio.run(connected_twice())
    assert asked == ["localhost"]
    assert elsewhere.seen == []


def test_a_name_that_leads_to_this_machine_or_its_neighbours_is_not_connected_to(tmp_path):
    async def tried(address):
        async def find(host, port):
            return ((2, address),)

        one = gate(tmp_path, find, shop(80, host="shop.example"))
        try:
            await one.connect(one.origins["shop"])
        except UnreachableError as error:
            return str(error)

    for address in ("127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "::ffff:127.0.0.1"):
        assert asyncio.run(tried(address)) == "it has no address"
