"""Coverage per promise: proved by what was exercised, else the reason why not."""

from harness.model.contract import Operation
from harness.rules.contract_coverage import HOLLOW, Kind, below, coverage, hollow, shares, undocumented

MAKE = Operation(id="make", method="POST", path="/items", statuses=("201", "4XX"))
READ = Operation(id="read", method="GET", path="/items/{id}", statuses=("200",))
CELLS = (
    ("POST /items", "parameter", "query dry"),
    ("POST /items", "keyword", "body /price minimum"),
    ("POST /items", "keyword", "body /price type"),
    ("POST /items", "example", "application/json tea"),
    ("POST /items", "answer", "201 application/json"),
    ("GET /items/{id}", "parameter", "path id"),
)
STATES = {CELLS[0]: "proved", CELLS[1]: "accepted", CELLS[3]: "refused"}
SEEN = {"POST /items": {"201": 3, "400": 2, "500": 1}}


def told() -> dict[tuple[str, str], str]:
    clean = {"POST /items": {"201": 0, "400": 2}}
    return {(one.kind, one.name): one.why for one in coverage((MAKE, READ), CELLS, STATES, SEEN, clean)}


def test_every_promise_is_proved_or_says_why_not() -> None:
    assert told() == {
        ("status", "201"): "answered, but never as its schema says",
        ("status", "4XX"): "",
        ("parameter", "query dry"): "",
        ("keyword", "body /price minimum"): "broken by itself, and not refused",
        ("keyword", "body /price type"): "no request broke this and nothing else",
        ("example", "application/json tea"): "sent in a legal request, which was never accepted",
        ("answer", "201 application/json"): "the status came, but never in this media type and as its schema says",
        ("status", "200"): "the operation was never reached",
        ("parameter", "path id"): "the operation was never reached",
    }


def test_a_keyword_whose_refusals_all_had_other_reasons_says_so() -> None:
    states = dict.fromkeys(CELLS, "refused")
    whys = {one.kind: one.why for one in coverage((MAKE,), CELLS, states, SEEN, SEEN)}
    assert "a status that has other reasons" in whys[Kind.KEYWORD]
    assert "never accepted" in whys[Kind.EXAMPLE]


def test_a_floor_that_is_not_reached_is_named_with_its_share() -> None:
    promised = coverage((MAKE, READ), CELLS, STATES, SEEN, SEEN)
    assert shares(promised)[Kind.KEYWORD] == (0, 2)
    assert below(promised, (("keyword", 0.5), ("parameter", 0.5), ("media type", 1.0))) == (("keyword", 0.0, 0.5),)


def test_an_operation_whose_answers_promise_nothing_is_named_and_lowers_the_share() -> None:
    nothing = (READ.label, "answer", HOLLOW)
    promised = coverage((MAKE, READ), (*CELLS, nothing), STATES, SEEN, SEEN)
    assert hollow(promised) == ("read",)
    assert shares(promised)[Kind.ANSWER] == (0, 2)
    assert "says nothing" in next(one.why for one in promised if one.name == HOLLOW)
    alone = coverage((READ,), (nothing,), {}, {READ.label: {"200": 5}}, {READ.label: {"200": 5}})
    assert below(alone, (("answer", 0.1),)) == (("answer", 0.0, 0.1),), "whatever was answered"


def test_answers_that_nobody_documents_are_listed() -> None:
    assert undocumented((MAKE, READ), SEEN) == (("make", "500", 1),)
