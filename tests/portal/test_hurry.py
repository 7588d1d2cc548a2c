"""A request that is sent too slowly is ended; one that is merely large is read."""

import socket
import threading
import time
from contextlib import closing

import pytest

from harness.portal import worker
from harness.portal.worker import Hurried


def test_a_request_that_stops_coming_is_ended(monkeypatch):
    monkeypatch.setattr(worker, "GRACE_S", 0.05)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(b"POST ")
        line = Hurried(ours)
        assert line.recv(100) == b"POST "
        with pytest.raises(ConnectionResetError):
            line.recv(100)
        assert ours.gettimeout() is None, "answers are written without a hurry"


def test_one_that_trickles_for_ever_is_ended_too(monkeypatch):
    monkeypatch.setattr(worker, "GRACE_S", 0.2)
    ours, theirs = socket.socketpair()
    over = threading.Event()

    def trickle() -> None:
        while not over.wait(0.01):
            theirs.send(b"x")

    thread = threading.Thread(target=trickle)
    with closing(ours), closing(theirs):
        thread.start()
        line = Hurried(ours)
        with pytest.raises(ConnectionResetError):
            for _ in range(100_000):
                line.recv(1)
        over.set()
        thread.join()


def test_who_keeps_a_pace_may_take_longer_than_the_grace_and_each_request_begins_anew(monkeypatch):
    monkeypatch.setattr(worker, "GRACE_S", 0.0)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        line = Hurried(ours)
        with pytest.raises(ConnectionResetError):
            line.recv(10)
        line._read = worker.SLOWEST_BYTES_S * 3600
        theirs.sendall(b"on")
        assert line.recv(10) == b"on"
        monkeypatch.setattr(worker, "GRACE_S", 3600.0)
        line._began = time.monotonic() - 7200
        line._read = 0
        with pytest.raises(ConnectionResetError):
            line.recv(10)
        line.begin()
        theirs.sendall(b"next")
        assert line.recv(10) == b"next"
