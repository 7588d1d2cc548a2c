"""Certificate and report: everything that a signature must show, in both languages, and nothing that runs."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from harness.formats.acceptance_checking import check_acceptance
from harness.formats.acceptance_page_words import CHANGES, DECISIONS, GRADES, OUTCOMES, PRIORITIES, SAID, STATES, WORDS
from harness.formats.acceptance_pages import certificate_page, report_page
from harness.formats.acceptance_views import views
from harness.formats.manifest import statement_digest
from harness.model.acceptance import Change, Decision, Said, State
from harness.model.criteria import Priority
from harness.model.evidence import Outcome
from harness.model.signoff import Grade
from tests.unit.bundles import ANN_SIGNS, BUSINESS, LI, LI_SIGNS, PINNED, story

HAN = re.compile(r"[\u4e00-\u9fff]")
(VIEW,) = views(check_acceptance(story().bundle(), PINNED))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", [certificate_page, report_page])
def test_every_signature_shows_name_title_time_meaning_digest_and_number(page, language):
    text = page(VIEW, language).decode()
    for one in (LI_SIGNS, ANN_SIGNS):
        assert one.statement.name.replace("'", "&#x27;") in text
        assert one.statement.title in text and "UTC" in text and one.zone in text
        assert one.statement.text.partition("\n")[0].replace("'", "&#x27;") in text
        assert statement_digest(one.statement)[:32] in text
    assert BUSINESS.code in text and VIEW.sha256 in text
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text
    assert "mend it" in text and "Ann" in text


def test_how_it_stands_is_told_and_a_withdrawn_signature_says_so():
    assert VIEW.state is State.CONDITIONAL and "Accepted with conditions" in certificate_page(VIEW, "en").decode()
    (later,) = views(check_acceptance(story(LI_SIGNS, ANN_SIGNS, LI.withdraws(LI_SIGNS)).bundle(), PINNED))
    text = certificate_page(later, "en").decode()
    assert later.state is State.OPEN and "withdrawn later" in text and "mend it" not in text.partition("<h2>What")[0]


@pytest.mark.parametrize("page", [certificate_page, report_page])
def test_the_chinese_page_has_no_english_word_of_ours(page):
    found: list[str] = []
    reader = HTMLParser()
    reader.handle_data = found.append
    reader.feed(page(VIEW, "zh").decode())
    ours = {
        pair[0] for table in (WORDS, STATES, DECISIONS, SAID, OUTCOMES, PRIORITIES, CHANGES) for pair in table.values()
    }
    assert not {one.strip() for one in found} & ours


def test_nothing_in_a_page_runs_or_comes_from_elsewhere():
    evil = '<script>fetch("//x")</script><img src=x onerror=y>'
    criteria = (replace(BUSINESS.criteria[0], title=replace(BUSINESS.criteria[0].title, en=evil)),)
    view = replace(VIEW, package=replace(BUSINESS, release=evil, project=evil, criteria=criteria))
    text = report_page(view, "en").decode()
    assert "<script" not in text and "<img" not in text and "://" not in re.sub(r"<style>.*</style>", "", text)


@pytest.mark.parametrize(
    ("table", "of"),
    [
        (STATES, State),
        (DECISIONS, Decision),
        (SAID, Said),
        (PRIORITIES, Priority),
        (CHANGES, Change),
        (GRADES, Grade),
        (OUTCOMES, [*Outcome, None]),
    ],
)
def test_every_word_is_there_in_both_languages(table, of):
    assert set(table) == set(of)
    assert all(HAN.search(pair[1]) and not HAN.search(pair[0]) for pair in (*table.values(), *WORDS.values()))
