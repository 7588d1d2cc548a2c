"""What the redactor promises about text: known secrets go in every encoding, ordinary text stays."""

import base64
import html
import json
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from harness.rules.redacting import Redactor, redactor_for

KEY = b"a run's key"

ENCODERS: dict[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: (
        quote(text, safe="").lower() if text.isascii() and text.islower() else quote(text)
    ),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "every byte percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "json": json.dumps,
    "json beyond ascii": lambda text: json.dumps(text, ensure_ascii=False),
    "json in json": lambda text: json.dumps(json.dumps({"inner": text})),
    "json in json in json": lambda text: json.dumps(json.dumps(json.dumps(text))),
    "every character \\u": lambda text: "".join(f"\\u{unit:04x}" for unit in _utf16(text)),
    "html": html.escape,
    "numbered entities": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "hex entities": lambda text: "".join(f"&#x{ord(character):X};" for character in text),
    "json in html": lambda text: html.escape(json.dumps(text)),
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 after one byte": lambda text: _base64("x" + text),
    "base64 after two bytes": lambda text: _base64("xy" + text + "z"),
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 of base64": lambda text: _base64("Basic " + _base64("user:" + text)),
    "base64 of json": lambda text: _base64(json.dumps({"error": text})),
    "base64 over several lines": lambda text: base64.encodebytes(("x" * 50 + text + "y" * 50).encode()).decode(),
    "python's repr": repr,
}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _utf16(text: str) -> list[int]:
    raw = text.encode("utf-16-be")
    return [raw[at] << 8 | raw[at + 1] for at in range(0, len(raw), 2)]


def redactor(*values: str) -> Redactor:
    return redactor_for({f"SECRET_{at}": value for at, value in enumerate(values)}, key=KEY)


canaries = st.text(
    st.characters(min_codepoint=33, max_codepoint=126) | st.sampled_from("äß密钥é "), min_size=8, max_size=40
).filter(lambda text: text == text.strip() and len(set(text)) > 4)
before_it = st.sampled_from(["", " ", "x=", "&a=", '"', "<p>", "\n", ": ", ",", "(", "/", "a/path:"])
after_it = st.sampled_from(["", " ", "&b=", '"', "</p>", "\n", ",", ")", ";"])


@pytest.mark.parametrize("encoding", ENCODERS)
@settings(deadline=None, max_examples=40)
@given(canary=canaries, before=before_it, after=after_it)
@example(canary='p"a\\s/s+w&o<r>d', before="", after="")
def test_a_known_secret_survives_in_no_encoding(encoding: str, canary: str, before: str, after: str) -> None:
    written = ENCODERS[encoding](canary)
    text = before + written + after
    hides = redactor(canary)
    result = hides.redact_text(text)
    # the very characters are gone, and what looks for secrets by other means finds none
    assert written not in result
    assert not list(hides.survivors(result, "here"))


@pytest.mark.parametrize("encoding", ENCODERS)
@settings(deadline=None, max_examples=40)
@given(canary=canaries)
def test_without_redaction_the_search_finds_the_secret_in_every_encoding(encoding: str, canary: str) -> None:
    assert list(redactor(canary).survivors(f"a {ENCODERS[encoding](canary)} b", "here"))


@settings(deadline=None, max_examples=40)
@given(secrets=st.lists(canaries, min_size=1, max_size=4, unique=True), data=st.data())
def test_redacting_twice_changes_nothing(secrets: list[str], data: st.DataObject) -> None:
    hides = redactor(*secrets)
    pieces = data.draw(st.lists(st.sampled_from([*ENCODERS]), max_size=4))
    text = " ".join(ENCODERS[name](data.draw(st.sampled_from(secrets))) for name in pieces)
    once = hides.redact_text(text)
    assert hides.redact_text(once) == once


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(codec="utf-8"), max_size=300), secret=canaries)
def test_any_text_comes_out_and_stays_as_it_came_out(text: str, secret: str) -> None:
    hides = redactor(secret)
    once = hides.redact_text(text)
    assert hides.redact_text(once) == once


ORDINARY = [
    "order ORD-20261120-0001 of customer c-1017 was cancelled",
    "5f3c2f4e-1111-4111-8111-411111111111",
    "2026-11-20T17:03:01.123456+08:00 took 412 ms",
    "1732122181301 1732122181301123 1732122181301123456",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '{"id": "ORD-1", "total": 0.4111111111111111, "lines": [{"sku": "A-1", "quantity": 3}], "etag": "W/\\"7\\""}',
    "GET /orders?page=2&page_size=50&cursor=eyJpZCI6IDQyfQ== answered 200",
    "the password must have at least 8 characters; a token is needed",
    "Basic authentication is off, bearer tokens are on",
    "token_type: Bearer, expires_in: 3600",
    "latest tests attest it",
    "curl -H 'Authorization: Bearer $HARNESS_TOKEN' http://127.0.0.1:8000/orders",
    "icon@2x.png and jane@example.com and 订单已取消",
    "uat/test_orders.py::test_cancelled_order_leaves_the_open_list",
    "aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBwZXJmZWN0bHkgZmluZSB0ZXh0",
    "+08:00 -0500 1e+12 100 % 3/4",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_not_touched(text: str) -> None:
    counts: Counter[str] = Counter()
    assert redactor("s3cr3t-value-42", "test").redact_text(text, counts) == text
    assert not counts


def test_a_short_secret_is_hidden_as_a_word_and_leaves_other_words_alone() -> None:
    hides = redactor("test")
    assert (
        hides.redact_text("password=test&x=1; the latest tests") == "password=[redacted:SECRET_0]&x=1; the latest tests"
    )
    assert hides.redact_text("user%3Dtest") == "user%3D[redacted:SECRET_0]"


def test_a_tiny_secret_is_hidden_where_it_can_be_told_and_a_note_says_so() -> None:
    hides = redactor("ab")
    assert hides.redact_text("pin ab, cab, dab") == "pin [redacted:SECRET_0], cab, dab"
    assert "SECRET_0 has only 2 characters" in hides.notes[0]
    assert not redactor("abcd").notes


def test_an_empty_secret_hides_nothing_and_is_named() -> None:
    hides = redactor("")
    assert hides.redact_text("anything") == "anything"
    assert hides.notes == ("the secret SECRET_0 is empty: there is nothing to hide",)


def test_the_name_that_stands_for_a_secret_never_shows_another() -> None:
    hides = redactor_for({"hunter22-token": "s3cr3t-value", "other": "hunter22"}, key=KEY)
    assert "hunter22" not in hides.redact_text("s3cr3t-value hunter22")


def test_the_password_inside_a_connection_string_is_a_secret_of_its_own() -> None:
    hides = redactor("postgresql://app:p%40ss-w0rd@db:5432/orders")
    assert "p@ss-w0rd" not in hides.redact_text("FATAL: authentication failed with p@ss-w0rd")


def test_each_long_line_of_a_secret_of_several_lines_is_hidden_alone() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----"
    assert "MIIEvQIBADANBgkqhkiG9w0B" not in redactor(key).redact_text("log: MIIEvQIBADANBgkqhkiG9w0B")


def test_what_was_hidden_is_counted_by_kind_and_not_kept() -> None:
    counts: Counter[str] = Counter()
    redactor("s3cr3t-value").redact_text("s3cr3t-value s3cr3t-value jane@corp.cn\nCookie: a=b", counts)
    assert counts == {"value:SECRET_0": 2, "name:cookie": 1, "person": 1}


@settings(deadline=None, max_examples=40)
@given(secret=canaries, other=canaries)
def test_a_secret_that_is_not_there_is_not_found(secret: str, other: str) -> None:
    assume(secret not in other and other not in secret)
    assume(not list(redactor(secret).survivors(other, "here")))
    assert redactor(secret).redact_text("an ordinary line") == "an ordinary line"


def test_a_secret_full_of_backslashes_is_looked_for_without_trying_every_way_to_share_them_out() -> None:
    secret = "a" + "\\" * 12 + "b/c" + "\\" * 9
    hides = redactor(secret)
    text = "a" + "\\" * 200
    assert hides.redact_text(f"{text} {json.dumps(secret)}") == f'{text} "[redacted:SECRET_0]"'
