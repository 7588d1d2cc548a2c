"""A report that is served is read by this machine under its own name, and by nobody else."""

import http.client
import threading
from collections.abc import Iterator

import pytest

from harness.adapters.report_server import ReportServer


@pytest.fixture
def server(tmp_path) -> Iterator[ReportServer]:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("the report")
    (tmp_path / "report" / "data").mkdir()
    (tmp_path / "secret.txt").write_text("beside it")
    with ReportServer(tmp_path / "report") as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def asked(server: ReportServer, path: str, host: str | None = None, method: str = "GET") -> tuple[int, bytes]:
    port = server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_the_report_is_served(server):
    assert asked(server, "/") == (200, b"the report")


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", "localhost:1"])
def test_a_page_under_another_name_reads_nothing(server, host):
    assert asked(server, "/", host)[0] == 421


@pytest.mark.parametrize("path", ["/data/", "/../secret.txt", "/%2e%2e/secret.txt"])
def test_nothing_is_listed_and_nothing_beside_it_is_read(server, path):
    assert asked(server, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_written(server, method):
    assert asked(server, "/", method=method)[0] == 501
