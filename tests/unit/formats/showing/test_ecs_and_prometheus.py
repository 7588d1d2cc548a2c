"""A run for log stores and metrics: every promise has its place there, and nothing is greener than the verdict."""

import json
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.ecs import write_ecs
from harness.formats.prometheus import _escaped, write_prometheus
from harness.model.verdict import Decision

SAMPLE = re.compile(r'[a-z_]+\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\} -?[0-9.e+-]+')


def lines(shown):
    return [json.loads(line) for line in write_ecs(shown.plan, shown.record, shown.verdict).splitlines()]


def metrics(shown):
    text = write_prometheus(shown.plan, shown.record, shown.verdict)
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_every_promise_and_the_verdict_have_a_line(shown):
    told = Counter(line["event"]["action"] for line in lines(shown))
    assert set(told) == {*(check.id for check in shown.plan.checks), "verdict"}


def test_only_what_passed_is_a_success(shown):
    by_outcome = {line["event"]["action"]: line["event"]["outcome"] for line in lines(shown)}
    assert by_outcome["contract:orders/createOrder"] == "failure"
    assert by_outcome["contract:orders/listOrders"] == "unknown"
    assert by_outcome["uat:orders/ORD-3"] == "unknown"
    assert by_outcome["verdict"] == "failure"


def test_a_run_without_a_record_is_no_success_anywhere(shown):
    text = write_ecs(shown.plan, None, shown.verdict)
    assert "success" not in {json.loads(line)["event"]["outcome"] for line in text.splitlines()}


def test_where_all_passed_everything_is_a_success(shown):
    """The control."""
    assert {line["event"]["outcome"] for line in lines(shown.all_passed())} == {"success"}


def test_each_line_has_time_level_message_and_where_it_belongs(shown):
    for line in lines(shown):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["@timestamp"])
        assert line["log"]["level"] in {"info", "warn", "error"}
        assert line["message"]
        assert line["labels"]["tier"] == "preprod"


@pytest.mark.parametrize("decision", list(Decision))
def test_one_decision_is_one_and_the_others_are_none(shown, decision):
    told = {key: value for key, value in metrics(shown).items() if key.startswith("harness_verdict")}
    assert float(told[f'harness_verdict{{tier="preprod",release="",decision="{decision.value}"}}']) == (
        decision is Decision.FAIL
    )


def test_checks_are_counted_by_their_worst_outcome_and_silence_is_one(shown):
    told = metrics(shown)
    assert told['harness_checks{tier="preprod",release="",suite="uat",outcome="unreported"}'] == "1.0"
    assert sum(float(value) for key, value in told.items() if key.startswith("harness_checks")) == len(
        shown.plan.checks
    )


def test_every_sample_is_one_that_a_collector_reads(shown):
    text = write_prometheus(shown.plan, shown.record, shown.verdict)
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert samples
    assert all(SAMPLE.fullmatch(line) for line in samples)


@given(st.text())
def test_no_name_ends_its_label(name):
    assert re.fullmatch(r'(?:[^"\\\n]|\\["\\n])*', _escaped(name))
