"""Signing in at servers that lie, hang up or speak something else: each is told, none is taken for a service."""

import contextlib
import socket
import threading
from collections.abc import Callable

import pytest

from harness.adapters.services.access import Access, NoEntryError, access_from
from harness.adapters.services.entering import enter
from harness.adapters.services.programs import find_programs, how_to_get
from harness.model.service import Preset

POSTGRES, RABBIT = Preset.POSTGRESQL, Preset.RABBITMQ


@pytest.fixture
def server():
    """A server that answers each connection by a function of it; gives the access."""
    opened: list[socket.socket] = []

    def serve(answer: Callable[[socket.socket], None]) -> Access:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)

        def work() -> None:
            try:
                connected, _ = listening.accept()
            except OSError:
                return
            with connected, contextlib.suppress(OSError):
                connected.settimeout(5)
                answer(connected)

        threading.Thread(target=work, daemon=True).start()
        port = listening.getsockname()[1]
        return Access(host="127.0.0.1", port=port, user="u", password="p", space="s")

    yield serve
    for one in opened:
        one.close()


def says(*words: bytes) -> Callable[[socket.socket], None]:
    def answer(connected: socket.socket) -> None:
        for word in words:
            connected.recv(4096)
            connected.sendall(word)
        connected.recv(4096)

    return answer


SCRAM = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"


@pytest.mark.parametrize(
    ("preset", "answer", "why"),
    [
        (POSTGRES, says(), "it closed the connection"),
        (POSTGRES, says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak PostgreSQL's protocol"),
        (POSTGRES, says(b"E\0\0\0\x10Mgo away\0\0\0\0"), "go away"),
        (POSTGRES, says(b"R\0\0\0\x08\0\0\0\x07"), "a way of signing in that is not known here"),
        (POSTGRES, says(SCRAM, b"R\0\0\0\x18\0\0\0\x0br=other,s=AA,i=1"), "somebody else's sign-in"),
        (POSTGRES, says(SCRAM, b"R\0\0\0\x0d\0\0\0\x0br=,s="), "somebody else's sign-in"),
        (POSTGRES, says(b"R\0\0\0\x05\0"), "does not speak PostgreSQL's protocol"),
        (RABBIT, says(b"\x01\0\0\0\0\0\x04\0\x0a\0\x32\xce"), "does not speak AMQP"),
        (RABBIT, says(), "it closed the connection at the greeting"),
        (RABBIT, says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak AMQP 0-9-1"),
        (RABBIT, says(b"\x01\0\0\0\0\0\x04\0\x0a\0\x29\xce"), "it said something else where the greeting was due"),
    ],
)
def test_what_is_no_such_service_is_told(server, preset, answer, why):
    with pytest.raises(NoEntryError, match=why):
        enter(preset, server(answer))


def test_a_server_that_does_not_know_the_password_itself_is_not_believed(server):
    def liar(connected: socket.socket) -> None:
        connected.recv(4096)
        connected.sendall(SCRAM)
        nonce = connected.recv(4096).rpartition(b"r=")[2]
        first = b"\0\0\0\x0br=" + nonce + b"x,s=c2FsdA==,i=4096"
        connected.sendall(b"R" + (len(first) + 4).to_bytes(4, "big") + first)
        connected.recv(4096)
        last = b"\0\0\0\x0cv=" + b"A" * 43 + b"="
        connected.sendall(b"R" + (len(last) + 4).to_bytes(4, "big") + last)
        connected.recv(4096)

    with pytest.raises(NoEntryError, match="does not know the password either"):
        enter(POSTGRES, server(liar))


def test_nobody_there_is_told(server):
    access = Access(host="127.0.0.1", port=1, user="u", password="p", space="s")
    for preset in Preset:
        with pytest.raises(NoEntryError, match="Connection refused"):
            enter(preset, access)


@pytest.mark.parametrize(
    ("url", "preset", "where", "space", "tls"),
    [
        ("postgresql://u:p%40@db.example/shop", POSTGRES, "db.example:5432", "shop", False),
        ("postgres://u:p%40@db.example:5433?sslmode=require", POSTGRES, "db.example:5433", "u", True),
        ("amqp://u:p%40@mq.example", RABBIT, "mq.example:5672", "/", False),
        ("amqps://u:p%40@mq.example/a%2Fb", RABBIT, "mq.example:5671", "a/b", True),
    ],
)
def test_a_url_is_read_as_its_clients_read_it(url, preset, where, space, tls):
    access = access_from(url, preset)
    assert (access.where, access.user, access.password) == (where, "u", "p@")
    assert (access.space, access.tls) == (space, tls)
    assert "p@" not in repr(access)


def test_a_url_without_a_host_is_refused():
    with pytest.raises(ValueError, match="names no host"):
        access_from("postgresql:///shop", POSTGRES)


def test_what_is_made_into_a_url_is_read_back_the_same():
    for preset in Preset:
        access = Access(host="127.0.0.1", port=5, user="a:b", password="p@/?#%", space="x/y z")
        assert access_from(access.url(preset), preset) == access


def test_programs_come_all_from_one_folder_or_not_at_all(tmp_path):
    (tmp_path / "postgres").write_text("#!/bin/sh\n")
    (tmp_path / "postgres").chmod(0o755)
    assert find_programs(POSTGRES, str(tmp_path), {}) is None
    (tmp_path / "initdb").write_text("#!/bin/sh\n")
    (tmp_path / "initdb").chmod(0o755)
    assert find_programs(POSTGRES, str(tmp_path), {}) == {
        "postgres": str(tmp_path / "postgres"),
        "initdb": str(tmp_path / "initdb"),
    }
    assert "postgresql" in how_to_get(POSTGRES, {"PATH": str(tmp_path)})
