"""The walkthrough server with a worker that is played here: nothing said is lost, nobody waits, nobody else gets in."""

import base64
import contextlib
import http.client
import json
import re
import socket
import struct
import threading
import zlib

import pytest

from harness.adapters.host import Host
from harness.adapters.walk import journal as journal_module
from harness.adapters.walk.server import WalkServer
from harness.model.criteria import Text
from harness.model.walk import Answer, Item, Phase
from harness.rules.redacting import redactor_for

ITEM = Item(
    node="t.py::t",
    criterion="ORD-3",
    version="c" * 64,
    title=Text(en="It works", zh="它可用"),
    statement=Text(en="It is so.", zh="如此。"),
)


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


class Worker:
    """What a worker would say."""

    def __init__(self, told, key=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(told["socket"])
        self.stream = self.socket.makefile("rb")
        self.tell("hello", session=told["session"], key=key or told["key"])

    def tell(self, event, body=b"", **values):
        head = json.dumps({"event": event, "size": len(body), **values}).encode()
        self.socket.sendall(struct.pack(">I", len(head)) + head + body)

    def heard(self):
        size = self.stream.read(4)
        return json.loads(self.stream.read(struct.unpack(">I", size)[0])) if size else None

    def to_the_question(self):
        self.tell("began", node="t.py::t[chromium]")
        self.tell("step-coming", step=1, title={"en": "Open", "zh": "打开"}, see={})
        self.tell("step-done", step=1, outcome="passed")
        self.tell("asking")

    def die(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.stream.close()
        self.socket.close()


class Person:
    """What a browser would send."""

    def __init__(self, link):
        self.port = int(link.rpartition(":")[2].partition("/")[0])
        self.path = "/" + link.partition("://")[2].partition("/")[2]
        status, body, self.headers = self.ask("GET", self.path)
        self.entered = status
        self.key = re.search(rb'walk-key" content="([^"]*)"', body)[1].decode()

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read(), dict(reply.getheaders())

    def do(self, do, key="k" * 16, origin=None, session="s1", **values):
        body = json.dumps({"key": key, "do": do, **values})
        headers = {"X-Walk-Key": self.key, "Origin": origin or f"http://127.0.0.1:{self.port}"}
        status, reply, _ = self.ask("POST", f"/api/{session}/do", body, **headers)
        return status, (json.loads(reply) if reply[:1] == b"{" else {})

    def state(self, version=0, frame=0, session="s1"):
        status, body, _ = self.ask(
            "GET", f"/api/{session}/next?state={version}&frame={frame}", **{"X-Walk-Key": self.key}
        )
        assert status == 200, status
        size = struct.unpack(">I", body[:4])[0]
        return json.loads(body[4 : 4 + size]), body[8 + size :]


class Stand:
    def __init__(self, folder, **more):
        self.folder = folder
        self.server = WalkServer(Host(), folder, **more)
        redactor = redactor_for({"TOKEN": "planted-secret-value"}, key=b"k" * 32)
        self.session, self.told = self.server.open((ITEM,), folder, redactor)
        self.worker = Worker(self.told)

    def until(self, holds):
        version = 0
        for _ in range(50):
            if holds(self.session.items[0]):
                return self.session.items[0]
            state, _ = self.session.wait(version, 10**9, 0.2)
            version = state["version"] if state else version
        raise AssertionError(self.session.items)

    @property
    def journal(self):
        file = self.folder / journal_module.FILE
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def stand(tmp_path):
    stand = Stand(tmp_path)
    yield stand
    stand.worker.die()
    stand.server.close()


def test_an_answer_is_on_disk_before_the_person_is_told_and_is_taken_once(stand, monkeypatch):
    stand.worker.to_the_question()
    stand.until(lambda one: one.phase is Phase.ASKING)
    person = Person(stand.server.link())
    synced = []
    monkeypatch.setattr(journal_module.os, "fsync", lambda number: synced.append(len(stand.journal)))
    assert person.do("answer", answer="yes") == (200, {"taken": True, "why": None})
    assert synced == [1]
    assert person.do("answer", answer="yes") == (200, {"taken": True, "why": None})
    assert person.do("answer", key="other-key-0123456", answer="yes")[0] == 200
    assert person.do("answer", key="another-key-12345", answer="no") == (409, {"taken": False, "why": "answered"})
    assert [(one["event"], one["answer"]) for one in stand.journal] == [("answer", "yes")]
    assert stand.worker.heard() == {"do": "answered"}


def test_a_worker_that_dies_in_mid_step_stops_the_demonstration_and_no_answer_is_taken(stand):
    stand.worker.tell("began", node="t.py::t[chromium]")
    stand.worker.tell("step-coming", step=1, title={"en": "Open"}, see={})
    stand.worker.tell("step-acting", step=1)
    stand.until(lambda one: one.phase is Phase.ACTING)
    stand.worker.die()
    stand.until(lambda one: one.phase is Phase.STOPPED)
    person = Person(stand.server.link())
    assert person.do("answer", answer="yes") == (409, {"taken": False, "why": "stopped"})
    assert person.do("answer", key="k" * 17, answer="no")[1]["why"] == "stopped"
    assert [one["event"] for one in stand.journal] == ["stopped"]


def test_what_was_answered_before_the_worker_died_is_kept(stand):
    stand.worker.to_the_question()
    stand.until(lambda one: one.phase is Phase.ASKING)
    person = Person(stand.server.link())
    assert person.do("answer", answer="no", words="the total", picture=base64.b64encode(png()).decode())[0] == 200
    stand.worker.die()
    item = stand.until(lambda one: one.phase is Phase.FINISHED)
    assert (item.answer, item.words) == (Answer.NO, "the total")
    assert [one["event"] for one in stand.journal] == ["answer", "report"]
    assert (stand.folder / journal_module.PICTURES / item.picture).read_bytes().startswith(b"\x89PNG")
    [report] = stand.session.kept.reports
    assert (report.words, report.kind.value, report.picture) == ("the total", "does-not-work", item.picture)


def test_a_viewer_that_stalls_keeps_nobody_waiting_and_then_finds_the_newest_frame(stand):
    person = Person(stand.server.link())
    stalled = socket.create_connection(("127.0.0.1", person.port))
    head = f"Host: 127.0.0.1:{person.port}\r\nX-Walk-Key: {person.key}\r\n\r\n"
    stalled.sendall(f"GET /api/s1/next?state=0&frame=0 HTTP/1.1\r\n{head}".encode())
    for number in range(1, 400):
        stand.worker.tell("frame", b"x" * 60_000, number=number, captured=number, width=10, height=10)
        if number % 100 == 0:
            stand.worker.tell("beat", number=number // 100)
    stand.worker.to_the_question()
    stand.until(lambda one: one.phase is Phase.ASKING)
    head, body = person.state()
    assert (head["frame"]["number"], len(body)) == (399, 60_000)
    assert (stand.session.frames.came, stand.session.beats) == (399, 3)
    assert sum(len(one.body) for one in stand.session.frames.again()) <= 9 * 1024**2
    stalled.close()


def test_a_link_works_once_and_a_session_link_opens_that_session_alone(stand):
    link = stand.server.link(stand.session)
    first, second = Person(link), Person(link)
    assert (first.entered, second.entered, second.key) == (200, 403, "")
    assert first.do("still-here")[0] == 200
    assert second.do("still-here")[0] == 403
    other, _ = stand.server.open((ITEM,), stand.folder, redactor_for({}, key=b"k" * 32))
    assert first.do("still-here", session=other.name)[0] == 404
    assert Person(stand.server.link()).do("still-here", session=other.name)[0] == 200


def test_of_several_who_look_at_one_session_each_answer_and_report_names_who_took_its_link(stand):
    stand.worker.to_the_question()
    stand.until(lambda one: one.phase is Phase.ASKING)
    li = Person(stand.server.link() + "?by=Li+Wei%0A")
    ana = Person(stand.server.link() + "?by=Ana+planted-secret-value")
    here = Person(stand.server.link())
    assert here.do("report", key="k" * 17, words="slow", kind="question", hurts="could", by="Li Wei")[0] == 200
    assert ana.do("report", key="k" * 18, words="late", kind="question", hurts="could", by="Li Wei")[0] == 200
    assert li.do("answer", answer="no", words="the total", by="Ana")[0] == 200
    told = [(one["event"], one["by"]) for one in stand.journal]
    assert told[0] == ("report", ""), "who came by no portal is not named, whatever the page says"
    assert told[1][1].startswith("Ana ") and "planted" not in told[1][1]
    assert told[2:] == [("answer", "Li Wei"), ("report", "Li Wei")]


def test_nobody_acts_from_another_page_by_another_name_or_without_the_key(stand):
    person = Person(stand.server.link())
    assert person.do("still-here", origin="http://127.0.0.1:1")[0] == 403
    assert person.ask("GET", "/api/s1/next", **{"X-Walk-Key": "guess"})[0] == 403
    assert person.ask("GET", "/", Host="rebound.example")[0] == 421
    assert person.do("still-here", key="short")[0] == 400
    assert person.ask("POST", "/api/s1/do", "{}", **{"Content-Length": "99999999"})[0] == 413
    intruder = Worker(stand.told, key="guess")
    assert intruder.heard() is None
    intruder.die()


def test_the_page_runs_no_script_but_ours_and_stands_in_no_frame_but_the_portals(tmp_path, stand):
    policy = Person(stand.server.link()).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    embedding = WalkServer(Host(), tmp_path, ancestors="https://portal.example")
    assert "frame-ancestors https://portal.example" in Person(embedding.link()).headers["Content-Security-Policy"]
    embedding.close()


def test_no_secret_of_the_run_is_kept_or_shown(stand):
    secret = "planted-secret-value"
    stand.worker.tell("began", node="t.py::t[chromium]")
    stand.worker.tell("step-coming", step=1, title={"en": f"Open {secret}"}, see={"en": secret})
    stand.worker.tell("text", text=f"token {secret}", controls=[])
    stand.until(lambda one: one.phase is Phase.READY)
    person = Person(stand.server.link())
    assert person.do("report", words=f"I saw {secret}", kind="question", hurts="could")[0] == 200
    assert secret not in json.dumps(person.state()[0])
    assert secret not in json.dumps(stand.journal)
    assert [one["event"] for one in stand.journal] == ["report"]


def test_who_does_nothing_is_warned_and_then_the_demonstration_ends_without_an_answer(tmp_path):
    stand = Stand(tmp_path, idle_s=2.0)
    stand.worker.to_the_question()
    stand.until(lambda one: one.phase is Phase.ASKING)
    assert stand.worker.heard() == {"do": "end", "why": "nobody answered for a long time"}
    assert stand.session.wait(0, 0, 1)[0]["ends-in-s"] == 0
    stand.worker.die()
    assert stand.until(lambda one: one.phase is Phase.STOPPED).answer is None
    stand.server.close()


def test_with_more_sessions_each_gets_fewer_frames_and_one_too_many_waits(tmp_path):
    stand = Stand(tmp_path, most=2)
    key = b"k" * 32
    second, _ = stand.server.open((ITEM,), tmp_path, redactor_for({}, key=key))
    assert (stand.session.attention.shares, second.attention.shares) == (2, 2)
    opened = []
    waiting = threading.Thread(
        target=lambda: opened.append(stand.server.open((ITEM,), tmp_path, redactor_for({}, key=key)))
    )
    waiting.start()
    waiting.join(0.3)
    assert opened == []
    stand.server.over(second, "it ended")
    waiting.join(10)
    assert len(opened) == 1
    stand.worker.die()
    stand.server.close()
