"""The kit's own judgement, without a browser: whose fault a trouble is, what counts, what is foreign."""

import pytest
from playwright.sync_api import Error

from harness.kit.uat.browsers import NoBrowser, browser_environment, resolver_rules
from harness.kit.uat.deadline import Overdue
from harness.kit.uat.expectations import check, count_assert, until
from harness.kit.uat.journal import Journal
from harness.kit.uat.made import Made
from harness.kit.uat.pages import _is_foreign
from harness.kit.uat.session import kind_of
from harness.kit.uat.stage import Stage, enter
from harness.kit.uat.steps import step


@pytest.fixture
def stage(tmp_path):
    made = Stage(folder=tmp_path, journal=Journal(tmp_path / "events.ndjson"), acting=True)
    enter(made)
    yield made
    enter(None)
    made.journal.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AssertionError("it was 3"), "assertion"),
        (AssertionError("strict mode violation: resolved to 2 elements"), "script"),
        (ExceptionGroup("soft", [ValueError("x"), AssertionError("y")]), "assertion"),
        (ExceptionGroup("others", [ValueError("x")]), "script"),
        (NoBrowser("none"), "no-browser"),
        (Overdue("late"), "overdue"),
        (Error("Target page, context or browser has been closed"), "browser-died"),
        (Error("page.goto: net::ERR_CONNECTION_REFUSED at http://x"), "unreachable"),
        (ConnectionError("[Errno 111] ECONNREFUSED"), "unreachable"),
        (Error("Timeout 100ms exceeded"), "script"),
        (ValueError("net::ERR_CONNECTION_REFUSED"), "script"),
    ],
)
def test_each_trouble_is_told_apart(error, kind):
    assert kind_of(error) == kind


@pytest.mark.parametrize(("expression", "counts"), [("True", 0), ("1", 0), ("'text'", 0), ("total == 3", 1)])
def test_an_assert_that_cannot_fail_is_not_counted(stage, expression, counts):
    count_assert(expression)
    assert stage.shown == counts


def test_nothing_counts_while_the_body_is_not_running(stage):
    stage.acting = False
    check(True, "prepared")
    assert stage.shown == 0


def test_until_gives_up_in_words_and_counts_once(stage):
    with pytest.raises(AssertionError, match="the light is on \\(not within 0 s\\)"):
        until(lambda: False, "the light is on", within_s=0)
    until(lambda: True, "the light is on")
    assert stage.shown == 1


def test_steps_nest_and_say_how_they_ended(stage):
    with pytest.raises(AssertionError), step("Outer"), step("Inner", zh="内"):
        raise AssertionError
    told = stage.journal.path.read_text("utf-8")
    assert told.count('"outcome": "failed"') == 2
    assert '"parent": 1' in told and '"zh": "内"' in told


def test_steps_outside_a_run_do_no_harm():
    with step("Alone"):
        check(True, "fine")


def test_what_was_made_is_removed_last_first_and_a_failure_stops_nothing(stage):
    order = []
    made = Made(tag="u1", stage=stage)
    made.cleaned_by("first", lambda: order.append("first"))
    made.cleaned_by("second", lambda: 1 / 0)
    made.cleaned_by("third", lambda: order.append("third"))
    made.clean_up()
    assert order == ["third", "first"]
    assert '"left-behind"' in stage.journal.path.read_text("utf-8")
    assert made.name("Ann") != made.name("Ann")


@pytest.mark.parametrize(
    ("text", "language", "foreign"),
    [
        ("Place order", "zh", True),
        ("提交订单", "zh", False),
        ("绿茶 100 克 – 4.50 EUR", "zh", False),
        ("ord-kbx1pdtbyuhh", "zh", False),
        ("Acme Catering", "zh", False),
        ("€38.70", "zh", False),
        ("提交", "en", True),
        ("Place order", "en", False),
    ],
)
def test_words_of_another_language_are_noticed(text, language, foreign):
    assert _is_foreign(text, language, ("Acme Catering",)) is foreign


def test_the_browser_resolves_the_tiers_hosts_and_no_others():
    assert resolver_rules(("127.0.0.1", "shop")) == "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE shop"


def test_the_browser_inherits_no_secret_and_a_short_folder():
    environ = {"PATH": "/bin", "CRM_TOKEN": "s3cr3t", "HARNESS_RUN": "r", "TMPDIR": "/" + "x" * 200}
    got = browser_environment(environ)
    assert "CRM_TOKEN" not in got
    assert (got["PATH"], got["HARNESS_RUN"]) == ("/bin", "r")
    assert browser_environment({**environ, "TMPDIR": "/tmp/x"})["TMPDIR"] == "/tmp/x"
