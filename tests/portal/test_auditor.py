"""What an auditor reads: who was asked and did not answer, names and not numbers, each deed in words, to the second."""

import html
import re
from pathlib import Path

import pytest

import harness.portal
from harness.portal.models import Audit
from harness.portal.words import WORDS, say


def test_who_was_asked_and_did_not_answer_is_named_beside_who_did(portal):
    li, ana, code = portal.ready()
    otto = portal.person("Otto Audit", "qa", "auditor")
    assert li.accept(code, "order-desk").status_code == 200
    page = otto.get(f"/audit/packages/{code}").text
    rows = dict(re.findall(r"<li><span><strong>([\w-]+)</strong>(.*?)</li>", page, re.DOTALL))
    assert "Li Wei" in rows["order-desk"] and say("en", "audit.signed") in rows["order-desk"]
    assert "Ana Ruiz" in rows["finance"] and say("en", "audit.no-answer") in rows["finance"]
    assert say("en", "audit.unopened") in rows["finance"], "she never looked"
    ana.get(f"/packages/{code}")
    assert say("en", "audit.unopened") not in otto.get(f"/audit/packages/{code}").text


def test_people_are_named_in_the_table_of_rules(portal):
    li, _, code = portal.ready()
    otto = portal.person("Otto Audit", "qa", "auditor")
    li.accept(code, "order-desk")
    page = html.unescape(otto.get(f"/audit/packages/{code}").text)
    assert portal.who("Li Wei").id not in page
    assert page.count("<td>Li Wei</td>") == 1, "whose passkey it is"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_trail_is_in_words_of_the_reader_and_to_the_second(portal, language):
    li, _, code = portal.ready()
    otto = portal.person("Otto Audit", "qa", "auditor")
    li.accept(code, "order-desk")
    otto.get("/audit")
    otto.post("/language", language=language, next="/audit")
    page = otto.get("/audit").text
    shown = set(re.findall(r"<td>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC</td><td>.*?</td><td>(.*?)</td>", page, re.DOTALL))
    assert shown and shown <= {say(language, key) for key in WORDS if key.startswith("did.")}


@pytest.mark.parametrize(("language", "wanted"), [("en", "1 more who had a hand in it"), ("zh", "新增 1 名参与者")])
def test_who_was_named_late_is_told_in_the_readers_language(portal, language, wanted):
    portal.ready()
    portal.publish(acts=({"kind": "deployer", "person": "li@example.org", "about": "x"},))
    Audit.objects.create(who="x", what="hands", about="run", why="1 more, 1 packages told")
    otto = portal.person("Otto Audit", "qa", "auditor")
    otto.get("/audit")
    otto.post("/language", language=language, next="/audit")
    page = otto.get("/audit").text
    assert wanted in page and "people=" not in page
    assert "1 more, 1 packages told" in page, "what was noted in words stays as it was noted"


def test_an_act_of_an_older_portal_is_shown_as_it_was_written(portal):
    otto = portal.person("Otto Audit", "qa", "auditor")
    Audit.objects.create(who="", what="forgotten-deed")
    assert "<td>forgotten-deed</td>" in otto.get("/audit").text


def test_each_deed_that_the_portal_writes_down_has_its_words():
    found = set()
    for file in Path(harness.portal.__file__).parent.rglob("*.py"):
        found |= set(re.findall(r'(?:\bnote\(\s*request,\s*|what=)"([a-z-]+)"', file.read_text()))
    assert len(found) > 25
    assert {one for one in found if f"did.{one}" not in WORDS} == set()


def test_what_is_signed_names_each_thing_by_its_title(portal):
    li, _, code = portal.ready()
    li.answer_all(code, "order-desk")
    li.decide(code, "order-desk", "accept")
    assert "ORD-1: an order shows the right total (ORD-1)" in li.get(f"/packages/{code}/order-desk/sign").text


def test_who_freezes_keeps_the_way_to_the_board(portal):
    portal.ready()
    page = portal.browsers["Quinn Asare"].get("/board/order-hub/2.4.1/preprod").text
    assert '<a href="/board"' in page.split("</nav>")[0]
