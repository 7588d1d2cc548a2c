"""Whole bodies: what can be rewritten is, what can't is withheld, and nothing a run knows as secret gets through."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.formats import redact_body as door
from harness.formats.redact_body import redact_body
from harness.formats.redact_scan import scan, survivors
from harness.rules.redacting import Redactor, redactor_for

CANARY = "c4n4ry/Value+42"
HIDES = redactor_for({"CANARY": CANARY, "PIN": "4711x"}, key=b"key")
PLAIN = b'{"note": "nothing secret", "total": 0.1000000000000000055}\n'


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return target.getvalue()


def unzipped(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")
    parts = (head, *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


WRITTEN: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "text": ("log.txt", lambda secret: b"before " + secret + b" after"),
    "json": ("a.json", lambda secret: json.dumps({"x": [{"y": secret.decode()}]}).encode()),
    "ndjson": ("a.ndjson", lambda secret: b'{"a": 1}\n' + json.dumps({"b": secret.decode()}).encode() + b"\n"),
    "cut-off ndjson": ("a.ndjson", lambda secret: b'{"a": 1}\n{"b": "' + secret),
    "json with a base64 body": (
        "a.ndjson",
        lambda secret: json.dumps({"b": _b64(b'{"e": "' + secret + b'"}')}).encode(),
    ),
    "json with a gzipped base64 body": (
        "a.json",
        lambda secret: json.dumps({"b": _b64(gzip.compress(secret))}).encode(),
    ),
    "yaml with a gzipped base64 body": (
        "cassette.yaml",
        lambda secret: b"body: " + _b64(gzip.compress(secret)).encode(),
    ),
    "gzip": ("a.gz", gzip.compress),
    "zlib": ("a.bin", zlib.compress),
    "gzip in gzip": ("a.gz", lambda secret: gzip.compress(gzip.compress(secret))),
    "zip": ("trace.zip", lambda secret: zipped(**{"trace.trace": b'{"log": "' + secret + b'"}'})),
    "zip in zip": ("outer.zip", lambda secret: zipped(inner=zipped(a=secret))),
    "gzip in zip": ("outer.zip", lambda secret: zipped(inner=gzip.compress(secret))),
    "png text": ("a.png", lambda secret: png((b"tEXt", b"Comment\0" + secret))),
    "png compressed text": ("a.png", lambda secret: png((b"zTXt", b"Comment\0\0" + zlib.compress(secret)))),
    "after a png": ("a.png", lambda secret: png() + secret),
    "utf-16": ("a.txt", lambda secret: secret.decode().encode("utf-16")),
    "utf-16 without mark": ("a.txt", lambda secret: ("log: " + secret.decode()).encode("utf-16-le")),
    "binary": ("a.bin", lambda secret: bytes(range(256)) + secret + bytes(range(256))),
    "utf-16 in binary": ("a.bin", lambda secret: bytes(range(200, 256)) * 9 + secret.decode().encode("utf-16-le")),
    "base64 in binary": ("a.bin", lambda secret: bytes(range(256)) + _b64(b"x" + secret).encode()),
    "pdf": (
        "a.pdf",
        lambda secret: b"%PDF-1.7\n\xe2\xe3\nstream\n" + zlib.compress(b"(" + secret + b")") + b"\nendstream",
    ),
    "latin-1 text": ("a.txt", lambda secret: "M\xfcller ".encode("latin-1") + secret),
}


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def found(body: bytes) -> bool:
    return any(survivors(HIDES, body, "x"))


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_known_secret_leaves_no_body_alive(kind: str) -> None:
    name, write = WRITTEN[kind]
    body = write(CANARY.encode())
    result = redact_body(HIDES, body, "", name)
    assert result.body is None or not found(result.body)
    assert CANARY.encode() not in (result.body or b"")
    assert (result.body is None) == (result.withheld is not None)


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if not kind.startswith(("png", "after a png"))])
def test_without_redaction_the_search_finds_it_in_every_body(kind: str) -> None:
    assert found(WRITTEN[kind][1](CANARY.encode()))


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_body_redacted_twice_is_the_same(kind: str) -> None:
    name, write = WRITTEN[kind]
    once = redact_body(HIDES, write(CANARY.encode()), "", name)
    if once.body is not None:
        assert redact_body(HIDES, once.body, "", name).body == once.body


@pytest.mark.parametrize("kind", ["text", "json", "ndjson", "gzip", "zlib", "utf-16", "latin-1 text", "pdf", "binary"])
def test_a_body_without_secrets_stays_byte_for_byte(kind: str) -> None:
    name, write = WRITTEN[kind]
    body = write(b"harmless")
    assert redact_body(HIDES, body, "", name).body == body


def test_what_can_be_rewritten_is_not_withheld() -> None:
    withheld = {
        kind for kind, (name, write) in WRITTEN.items() if redact_body(HIDES, write(CANARY.encode()), "", name).withheld
    }
    assert withheld == {"binary", "utf-16 in binary", "base64 in binary", "pdf"}


def test_only_the_secret_string_of_a_json_document_changes() -> None:
    before = (
        b'{ "a" : 1.10, "a": 1e400,\n  "b": "x '
        + CANARY.replace("/", "\\/").encode()
        + b'", "c": [9007199254740993] }\n'
    )
    after = redact_body(HIDES, before, "application/json", "a.json").body
    assert after == b'{ "a" : 1.10, "a": 1e400,\n  "b": "x [redacted:CANARY]", "c": [9007199254740993] }\n'


HAR = {
    "request": {
        "url": "http://127.0.0.1/orders?token=abcdef&page=2",
        "headers": [
            {"name": "Authorization", "value": "Bearer unknown-to-the-run-1"},
            {"value": "by value first", "name": "X-Api-Key"},
            {"name": "Accept", "value": "application/json"},
        ],
        "cookies": [{"name": "lang", "value": "secret-ish"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "user=jane&password=hunter22"},
    },
    "response": {"headers": [{"name": "Set-Cookie", "value": "sid=abc123; Path=/; HttpOnly"}], "status": 200},
}


def test_a_har_loses_credentials_by_name_and_keeps_everything_else() -> None:
    after = json.loads(redact_body(HIDES, json.dumps(HAR).encode(), "application/json", "a.har").body or b"")
    request = after["request"]
    assert request["url"] == "http://127.0.0.1/orders?token=[redacted]&page=2"
    assert [header["value"] for header in request["headers"]] == ["Bearer [redacted]", "[redacted]", "application/json"]
    assert request["cookies"][0] == {"name": "lang", "value": "[redacted]"}
    assert request["postData"]["text"] == "user=jane&password=[redacted]"
    assert after["response"]["headers"][0]["value"] == "sid=[redacted]; Path=/; HttpOnly"


SCHEMA = {
    "required": ["password", "username"],
    "properties": {"password": {"type": "string", "minLength": 8}, "token": {"type": "string"}},
    "enum": ["token", "cookie"],
    "next_page_token": "abc123",
    "idempotency-key": "0b1f",
    "token_type": "Bearer",
}


def test_a_schema_that_speaks_of_passwords_is_not_touched() -> None:
    body = json.dumps(SCHEMA).encode()
    assert redact_body(HIDES, body, "application/json", "openapi.json").body == body


def test_pairs_and_lists_of_header_values_are_known_by_their_name() -> None:
    body = json.dumps([[["authorization", "Bearer abc"], ["accept", "x"]], {"Cookie": ["a=b", "c=d"]}]).encode()
    after = json.loads(redact_body(HIDES, body, "application/json", "a.json").body or b"")
    assert after == [
        [["authorization", "Bearer [redacted]"], ["accept", "x"]],
        {"Cookie": ["a=[redacted]", "c=[redacted]"]},
    ]


def test_a_playwright_trace_keeps_its_members_and_loses_what_was_typed_as_a_password() -> None:
    action = {"method": "fill", "params": {"selector": 'internal:label="Password"i', "value": "hunter22"}}
    snapshot = {"html": ["INPUT", {"type": "password", "__playwright_value_": "hunter22"}]}
    entry = {"type": "resource-snapshot", "snapshot": HAR}
    trace = zipped(
        **{
            "trace.trace": (json.dumps(action) + "\n" + json.dumps(snapshot) + "\n").encode(),
            "trace.network": json.dumps(entry).encode() + b"\n",
            "resources/0a1b.json": b'{"access_token": "' + CANARY.encode() + b'"}',
            "resources/page.jpeg": b"\xff\xd8\xff\xe0" + bytes(range(256)),
        }
    )
    result = redact_body(HIDES, trace, "application/zip", "trace.zip")
    members = unzipped(result.body or b"")
    assert set(members) == {"trace.trace", "trace.network", "resources/0a1b.json", "resources/page.jpeg"}
    assert not any(
        secret in body for body in members.values() for secret in (b"hunter22", CANARY.encode(), b"unknown-to")
    )
    assert len(members["trace.trace"].splitlines()) == 2


def test_what_was_typed_as_a_password_is_hidden_wherever_else_it_stands() -> None:
    action = {"method": "fill", "params": {"selector": "#password", "value": "hunter22"}}
    log = {"type": "log", "message": '  fill("hunter22")'}
    trace = zipped(
        **{"trace.trace": json.dumps(log).encode() + b"\n" + json.dumps(action).encode(), "src.txt": b"hunter22"}
    )
    members = unzipped(redact_body(HIDES, trace, "", "trace.zip").body or b"")
    assert not any(b"hunter22" in body for body in members.values())
    # control: typed into an ordinary field it is an ordinary word
    plain = trace_of({"method": "fill", "params": {"selector": "#name", "value": "hunter22"}})
    assert b"hunter22" in unzipped(redact_body(HIDES, plain, "", "trace.zip").body or b"")["trace.trace"]


def trace_of(action: object) -> bytes:
    return zipped(**{"trace.trace": json.dumps(action).encode()})


def test_a_member_that_cannot_be_rewritten_is_left_out_and_counted() -> None:
    body = zipped(good=b"fine", bad=bytes(range(256)) + CANARY.encode())
    result = redact_body(HIDES, body, "application/zip", "trace.zip")
    assert set(unzipped(result.body or b"")) == {"good"}
    assert dict(result.counts)["withheld-member"] == 1


def lying_zip() -> bytes:
    body = zipped(a=b"x" * 1000)
    return body.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


HOSTILE = {
    "zstd": b"\x28\xb5\x2f\xfd" + b"\0" * 20,
    "xz": b"\xfd7zXZ\x00" + b"\0" * 20,
    "tar": b"a" * 257 + b"ustar" + b"\0" * 300,
    "climbing names": zipped(**{"../../etc/cron.d/x": b"x"}),
    "absolute names": zipped(**{"/etc/passwd": b"x"}),
    "a zip that lies about its sizes": lying_zip(),
    "a damaged zip": zipped(a=b"x" * 50)[:-10],
    "a damaged png": png()[:-6],
    "gzip of nothing but itself": gzip.compress(
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))))
    ),
    "a cut-off gzip": gzip.compress(b"some text" * 100)[:-12],
    "the secret as a name": zipped(**{"c4n4ry/Value+42": b"x"}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_cannot_be_looked_through_is_withheld_with_a_sentence(kind: str) -> None:
    result = redact_body(HIDES, HOSTILE[kind], "", "evidence.bin")
    assert result.body is None
    assert result.withheld
    assert "Traceback" not in result.withheld


def test_a_bomb_is_refused_before_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.formats.redact_zip.MOST_BYTES", 10_000)
    result = redact_body(HIDES, zipped(a=b"0" * 20_000), "", "a.zip")
    assert result.withheld == "the archive is too large to look through"


def test_whatever_goes_wrong_nothing_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError(CANARY)

    monkeypatch.setattr(door, "decoded", broken)
    result = redact_body(HIDES, PLAIN, "text/plain", "a.txt")
    assert result.body is None
    assert result.withheld == "it could not be redacted (MemoryError)"


def test_a_redactor_that_misses_is_caught_by_the_search_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redactor, "redact_piece", lambda _self, text, _counts: text)
    result = redact_body(HIDES, b"log: " + CANARY.encode(), "text/plain", "a.txt")
    assert result.withheld == "a secret was found in it (CANARY, as text) and can't be taken out"


@settings(deadline=None, max_examples=60)
@given(body=st.binary(max_size=400))
def test_any_bytes_come_out_safe_or_not_at_all(body: bytes) -> None:
    result = redact_body(HIDES, body, "", "x")
    assert (result.body is None) != (result.withheld is None)
    if result.body is not None:
        assert redact_body(HIDES, result.body, "", "x").body == result.body


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=100)
@given(document=nested, ascii_only=st.booleans())
def test_json_stays_json_of_the_same_shape(document: object, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    result = redact_body(HIDES, body, "application/json", "a.json")
    if result.body is not None:
        assert shape(json.loads(result.body)) == shape(document)


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()} if value else {}
    return [shape(inner) for inner in value] if isinstance(value, list) else None


def test_scan_names_what_looks_like_a_credential_too() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s1gnatureS1gnature"
    hits = scan(HIDES, zipped(**{"a.txt": f"{token} and {CANARY}".encode()}), "run.zip")
    assert {(hit.name, hit.where) for hit in hits} == {("CANARY", "run.zip!a.txt"), ("jwt", "run.zip!a.txt")}
