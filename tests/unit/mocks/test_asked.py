"""What is kept of the last interactions is bounded, and the newest comes first."""

from harness.mocks.asked import Asked
from harness.mocks.messages import Reply, Request, Source


def noted(asked: Asked, count: int, body: bytes = b"") -> Asked:
    for index in range(count):
        asked.note(Request("GET", f"/{index}", "", (), body), f"/{index}", Reply(status=200, source=Source.STUB), index)
    return asked


def test_the_newest_comes_first() -> None:
    assert [one.path for one in noted(Asked(), 3)] == ["/2", "/1", "/0"]


def test_only_the_last_are_kept() -> None:
    asked = noted(Asked(), 1500)
    assert len(asked) == 1000
    assert next(iter(asked)).path == "/1499"


def test_large_bodies_push_older_ones_out() -> None:
    asked = noted(Asked(), 100, b"x" * 1024 * 1024)
    assert 20 < len(asked) < 40


def test_one_may_be_forgotten_or_all() -> None:
    asked = noted(Asked(), 3)
    newest = next(iter(asked))
    asked.forget(frozenset((newest.id,)))
    assert [one.path for one in asked] == ["/1", "/0"]
    asked.forget()
    assert len(asked) == 0
