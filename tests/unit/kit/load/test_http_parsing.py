"""Heads and bodies of answers: read right however they are cut up, and refused where they are not HTTP."""

import gzip
import itertools
import zlib

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.kit.load.http_body import ByLength, InChunks, TooLarge, UntilClose, body_for, decoded
from harness.kit.load.http_head import Heads, NotHttp, parse_head

LIMIT = 1 << 20


def head(*lines: str, status: str = "HTTP/1.1 200 OK"):
    return parse_head("\r\n".join([status, *lines]).encode("latin-1"))


def test_a_head_says_status_fields_and_how_the_body_ends():
    found = head("Content-Type: application/json", "Content-Length:  12 ", "X-Empty:")
    assert (found.status, found.reason, found.length, found.chunked, found.keep_alive) == (200, "OK", 12, False, True)
    assert found.field("content-type") == "application/json"
    assert found.field("x-empty") == ""
    assert found.field("x-none") is None


def test_a_reason_may_be_missing():
    assert head(status="HTTP/1.1 204").reason == ""
    assert head(status="HTTP/1.1 404 ").status == 404


@pytest.mark.parametrize(
    ("status", "lines", "kept"),
    [
        ("HTTP/1.1 200 OK", (), True),
        ("HTTP/1.1 200 OK", ("Connection: close",), False),
        ("HTTP/1.1 200 OK", ("Connection: Keep-Alive, Close",), False),
        ("HTTP/1.0 200 OK", (), False),
        ("HTTP/1.0 200 OK", ("Connection: keep-alive",), True),
    ],
)
def test_a_connection_is_kept_as_the_version_and_the_header_say(status, lines, kept):
    assert head(*lines, status=status).keep_alive is kept


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/2 200 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"http/1.1 200 OK",
        b"HTTP/1.1  200 OK",
        b"SSH-2.0-OpenSSH_9.2",
        b"HTTP/1.1 200 OK\r\nno colon",
        b"HTTP/1.1 200 OK\r\nName : value",
        b"HTTP/1.1 200 OK\r\n folded: value",
        b"HTTP/1.1 200 OK\r\nName: a\nb: c",
        b"HTTP/1.1 200 OK\r\nName: a\rb",
        b"HTTP/1.1 200 OK\r\nName: a\0b",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
        "HTTP/1.1 200 OK\r\nContent-Length: ٣".encode(),
    ],
)
def test_what_is_not_a_head_of_http_is_refused(raw):
    with pytest.raises(NotHttp):
        parse_head(raw)


def test_a_length_said_twice_the_same_is_one_length():
    assert head("Content-Length: 5", "Content-Length: 5").length == 5


@given(st.binary(max_size=200))
@example(b"HTTP/1.1 200 \x80\r\nA: \xff")
def test_any_bytes_are_a_head_or_refused(raw):
    try:
        found = parse_head(raw)
    except NotHttp as refused:
        assert str(refused)
    else:
        assert 100 <= found.status <= 999


def test_a_remembered_head_is_the_same_and_the_memory_is_bounded():
    heads = Heads()
    first = heads.read(b"HTTP/1.1 200 OK")
    assert heads.read(b"HTTP/1.1 200 OK") is first
    for index in range(2000):
        assert heads.read(b"HTTP/1.1 200 OK\r\nX: %d" % index).field("x") == str(index)
    assert len(heads._known) <= 512


BODIES = st.lists(st.binary(min_size=1, max_size=50), max_size=5)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def cut(raw: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(raw), *(one for one in cuts if one < len(raw))})
    return [raw[begin:end] for begin, end in itertools.pairwise(at)]


def chunked(parts: list[bytes], trailer: bytes = b"") -> bytes:
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailer + b"\r\n"


@given(BODIES, CUTS, st.sampled_from([b"", b"X-Sum: 1\r\n"]), st.binary(max_size=10))
def test_a_chunked_body_is_the_same_wherever_it_is_cut(parts, cuts, trailer, after):
    body = InChunks(LIMIT)
    for piece in cut(chunked(parts, trailer) + after, cuts):
        if body.done:
            body.rest += piece
        else:
            body.feed(piece)
    assert body.done
    assert body.content() == b"".join(parts)
    assert body.rest == after


@given(BODIES, st.integers(0, 300))
def test_a_chunked_body_cut_off_is_never_whole(parts, at):
    raw = chunked(parts)
    body = InChunks(LIMIT)
    body.feed(raw[: min(at, len(raw) - 1)])
    assert not body.done
    assert not body.ended()


@given(st.binary(max_size=100))
def test_any_bytes_in_place_of_chunks_are_a_body_or_refused(raw):
    body = InChunks(1000)
    try:
        body.feed(raw)
    except (NotHttp, TooLarge):
        return
    assert len(body.content()) <= 1000


@pytest.mark.parametrize(
    "raw", [b"zz\r\n", b"-1\r\n", b"0x5\r\n", b"5\r\nabcdefgh", b"1\r\nab\r\n", b" 5\r\n", b"\r\n"]
)
def test_a_broken_chunk_is_refused(raw):
    with pytest.raises(NotHttp):
        InChunks(LIMIT).feed(raw)


class Peer:
    """The same answer as httptools reads it."""

    def __init__(self, raw: bytes) -> None:
        self.fields: list[tuple[str, str]] = []
        self.content = b""
        self.whole = False
        self.parser = httptools.HttpResponseParser(self)
        self.parser.feed_data(raw)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.decode().lower(), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self.content += body

    def on_message_complete(self) -> None:
        self.whole = True


TOKENS = st.text("abcdefghXYZ-_", min_size=1, max_size=12).map(lambda name: f"x-{name}")
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@given(
    st.integers(200, 599).filter(lambda status: status not in {204, 304}),
    st.lists(st.tuples(TOKENS, VALUES), max_size=5),
    st.binary(max_size=80),
    st.booleans(),
)
def test_an_independent_parser_reads_the_same(status, fields, content, in_chunks):
    framing = "Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {len(content)}"
    lines = [f"HTTP/1.1 {status} Word", *(f"{name}: {value}" for name, value in fields), framing]
    first = "\r\n".join(lines).encode("latin-1")
    wire = chunked([content] if content else []) if in_chunks else content
    peer = Peer(first + b"\r\n\r\n" + wire)
    ours = parse_head(first)
    body = body_for(ours, to_head=False, limit=LIMIT)
    if wire:
        body.feed(wire)
    assert (ours.status, body.content(), body.done) == (peer.parser.get_status_code(), peer.content, peer.whole)
    assert list(ours.fields) == peer.fields


@pytest.mark.parametrize("status", ["HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 100 Continue"])
def test_some_statuses_have_no_body_whatever_they_say(status):
    body = body_for(head("Content-Length: 5", status=status), to_head=False, limit=LIMIT)
    assert body.done


def test_an_answer_to_head_has_no_body_whatever_it_says():
    assert body_for(head("Content-Length: 5"), to_head=True, limit=LIMIT).done


def test_a_body_without_length_ends_with_the_connection():
    body = body_for(head(), to_head=False, limit=LIMIT)
    assert isinstance(body, UntilClose)
    body.feed(b"half")
    assert not body.done
    assert body.ended()


def test_a_body_shorter_than_its_length_is_not_whole():
    body = ByLength(5, LIMIT)
    body.feed(b"1234")
    assert not body.ended()


def test_what_comes_after_a_body_is_kept_apart():
    body = ByLength(2, LIMIT)
    body.feed(b"okHTTP/1.1")
    assert (body.content(), body.rest, body.done) == (b"ok", b"HTTP/1.1", True)


def test_no_kind_of_body_grows_beyond_its_limit():
    with pytest.raises(TooLarge):
        ByLength(11, 10)
    with pytest.raises(TooLarge):
        UntilClose(10).feed(b"12345678901")
    with pytest.raises(TooLarge):
        InChunks(10).feed(b"b\r\n")


@pytest.mark.parametrize(
    ("coding", "code"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda raw: zlib.compress(raw, wbits=-15))],
)
def test_a_compressed_body_is_read(coding, code):
    assert decoded(code(b"hello" * 100), coding, LIMIT) == b"hello" * 100


def test_a_bomb_is_refused_before_it_is_whole():
    with pytest.raises(TooLarge):
        decoded(gzip.compress(b"\0" * 10_000_000), "gzip", 1_000_000)


@given(st.binary(min_size=1, max_size=60))
def test_what_is_not_compressed_as_said_is_refused(raw):
    try:
        decoded(raw, "gzip", LIMIT)
    except NotHttp as refused:
        assert "gzip coding is broken" in str(refused)


def test_a_cut_off_gzip_is_refused():
    with pytest.raises(NotHttp):
        decoded(gzip.compress(b"hello" * 100)[:-4], "gzip", LIMIT)


def test_a_coding_that_was_not_asked_for_is_refused():
    with pytest.raises(NotHttp):
        decoded(b"x", "br", LIMIT)
