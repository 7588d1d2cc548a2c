"""The summary page: whole, in one language, and harmless whatever stands in a run."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.report_page import report_page
from harness.model.report import Account
from tests.unit.formats.report.conftest import chapter


def text_of(page: bytes) -> str:
    return page.decode()


def test_the_page_tells_verdict_reason_way_out_limit_and_signature(account):
    page = text_of(report_page(account))
    for expected in ("FAIL", "412 ms", "p95 &lt; 300 ms", "was promised and never reported", "not signed", "wont"):
        assert expected in page


@pytest.mark.parametrize(("language", "tongue"), [("en", "en"), ("zh", "zh-CN")])
def test_the_page_says_in_which_language_it_is(account, language, tongue):
    assert f'<html lang="{tongue}">' in text_of(report_page(account, language))


def test_the_page_asks_nobody_for_anything(account):
    page = text_of(report_page(account))
    for outside in ("<script", "<link", "<img", "<iframe", "http:", "https:", "url("):
        assert outside not in page


@given(st.text(max_size=60))
def test_what_a_run_holds_never_becomes_markup(name):
    one = chapter()
    hostile = Account(chapters=(replace(one, plan=replace(one.plan, left_out=((name, name),))),))
    page = report_page(hostile).decode()
    plain = Account(chapters=(replace(one, plan=replace(one.plan, left_out=(("x", "x"),))),))
    assert [tag.tag for tag in ET.fromstring(_xml(page)).iter()] == [
        tag.tag for tag in ET.fromstring(_xml(report_page(plain).decode())).iter()
    ]


def _xml(page: str) -> str:
    return page.replace("<!DOCTYPE html>\n", "").replace('<meta charset="utf-8">', "")
