"""A load ends when its condition says so, holds answers against the contract, and believes the system's own count."""

import dataclasses
import itertools
import json

import pytest

from harness.formats.limit_sentences import read_abort
from harness.model.evidence import Code
from harness.model.load import ClosedModel, OpenModel, Stage, Watch

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

OPEN = OpenModel(stages=(Stage(rate_per_s=40, for_s=8),))
CLOSED = ClosedModel(users=3, ramp_per_s=3, for_s=8)
ONE = """
from locust import task, constant
from harness.kit.load import ApiUser

class It(ApiUser):
    wait_time = constant(0.05)

    @task
    def one(self):
        self.client.get("{path}", name="one")
"""
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "it", "version": "1"},
    "paths": {
        "/item": {
            "get": {
                "operationId": "item",
                "responses": {
                    "200": {
                        "description": "an item",
                        "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}},
                    }
                },
            }
        }
    },
}


@pytest.mark.parametrize("model", [OPEN, CLOSED], ids=["open", "closed"])
def test_a_load_ends_when_most_answers_are_errors(engine, wire, model):
    ended = dataclasses.replace(engine, work={"aborts": (read_abort("errors > 50 % for 2 s"),)})
    ran = ended.run(ONE.format(path="/500"), wire.url, model, limits=("p95 < 1 s", "errors < 1 %"))
    assert ran.figures.aborted[0] == "errors > 50 % for 2 s"
    assert 2 <= ran.figures.aborted[1] < 6
    assert ran.figures.window_s < 6
    assert ran.outcomes["errors"] == "failed"
    assert len(wire.asked) < 40 * 6


def test_the_same_load_goes_on_to_its_end_where_answers_are_right(engine, wire):
    short = OpenModel(stages=(Stage(rate_per_s=40, for_s=3),))
    calm = dataclasses.replace(engine, work={"aborts": (read_abort("errors > 50 % for 2 s"),)})
    ran = calm.run(ONE.format(path="/ok"), wire.url, short, limits=("errors < 1 %",))
    assert ran.figures.aborted is None
    assert ran.outcomes == {"errors": "passed"}


@pytest.mark.parametrize(("body", "outcome"), [('{"id": 1}', "passed"), ('{"ident": 1}', "failed")])
def test_a_share_of_the_answers_is_held_against_the_contract(engine, wire, body, outcome):
    (engine.folder / "contracts").mkdir()
    (engine.folder / "contracts" / "it.json").write_text(json.dumps(DOCUMENT))
    wire.serve("/item", body)
    checking = dataclasses.replace(engine, work={"contract": "contracts/it.json", "checked_share": 0.25})
    short = OpenModel(stages=(Stage(rate_per_s=40, for_s=2),))
    ran = checking.run(ONE.format(path="/item"), wire.url, short, limits=("contract-errors = 0", "errors = 0"))
    assert ran.outcomes == {"contract-errors": outcome, "errors": "passed"}
    assert ran.figures.answers.checked == 20


@pytest.mark.parametrize(("hidden", "outcome"), [(0, "passed"), (9, "broken")], ids=["agrees", "hides nine"])
def test_a_count_that_the_system_disagrees_with_is_not_used(engine, wire, hidden, outcome):
    readings = itertools.count(1)

    def count() -> str:
        """As a system would tell it: every request so far, this one included, but for the last ones hidden."""
        return json.dumps({"requests": len(wire.asked) - (hidden if next(readings) > 2 else 0)})

    wire.serve("/count", count)
    told = dataclasses.replace(engine, work={"served": Watch(name="served", path="/count", field="requests")})
    short = OpenModel(stages=(Stage(rate_per_s=40, for_s=2),))
    ran = told.run(ONE.format(path="/ok"), wire.url, short, limits=("errors = 0",))
    assert ran.outcomes == {"errors": outcome}
    codes = [reason.code for one in ran.observations.observations for reason in one.reasons]
    assert codes == ([Code.COUNTS_DIFFER] if hidden else [])
