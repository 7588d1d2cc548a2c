"""A summary page on which names stay names."""

from typing import Any

import pytest

from harness.formats.markdown import code, plain, write_markdown
from harness.model.evidence import Code, Outcome, Reason


def test_the_summary_has_verdict_table_reasons_and_ways_out(shown: Any) -> None:
    text = write_markdown(shown.plan, shown.record, shown.verdict, evidence=".harness/runs/r1")
    assert text.startswith("## ❌ FAIL: preprod\n")
    assert "| contract:orders | 1 | 1 | 1 | 1 |  | 12.4 |" in text
    assert "- **load:checkout/errors**: errors was 2.1 %, the limit is 0.1 %" in text
    assert "`reproduce: curl -X POST" in text
    assert text.endswith("evidence: `.harness/runs/r1`\n")


HOSTILE = [
    "![x](http://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "@everyone see #1",
    "[click](javascript:alert(1))",
    "line\n## heading\n- item",
    "http://evil.example www.evil.example",
    "`code` ``more``",
    "\x1b[31mred",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_a_hostile_name_makes_no_link_no_picture_no_row_and_no_html(shown: Any, said: str) -> None:
    failing = shown.with_reason(Reason.of(Code.ASSERTION_FAILED, message=said), Outcome.FAILED)
    clean = shown.with_reason(Reason.of(Code.ASSERTION_FAILED, message="x"), Outcome.FAILED)
    text = write_markdown(failing.plan, failing.record, failing.verdict)
    assert len(text.splitlines()) == len(write_markdown(clean.plan, clean.record, clean.verdict).splitlines())
    assert said not in text
    assert "<img" not in text
    assert "](" not in text.replace("\\](", "").replace("]\\(", "")
    assert "\x1b" not in text


@pytest.mark.parametrize("text", ["a`b", "``", "`", "plain", "a``b`c"])
def test_a_code_span_holds_any_backticks(text: str) -> None:
    span = code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert fence not in text or not fence
    assert text in span


def test_plain_text_stays_readable() -> None:
    assert plain("p95 was 412 ms, the limit is 300 ms") == "p95 was 412 ms, the limit is 300 ms"
