"""The contract suite on a real server: each fault is found by a named rule, a clean server is left in peace."""

import importlib.util
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.formats.openapi import flat_bytes, read_contract
from harness.model.evidence import Code, Observation, Observations, Outcome
from harness.model.plan import Check, ContractWork, Job, Promise
from harness.model.process import Surroundings, Target
from harness.model.tier import Suite
from harness.runners.contract import command, observe

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]


def _specimen() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_specimen", Path(__file__).with_name("specimen.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


specimen = _specimen()
PATH = "contracts/specimen.openapi.json"


def run(
    tmp_path: Path,
    base_url: str,
    *,
    seed: int = 1,
    token: str = specimen.TOKEN,
    deadline_s: float = 120.0,
    document: object = specimen.DOCUMENT,
    hooks: str | None = None,
) -> Observations:
    contract = read_contract(PATH, lambda _: json.dumps(document).encode())
    required = tuple(
        (operation.id, status)
        for operation in contract.operations
        for status in (operation.successes[0], *(("401",) if operation.secured else ()))
    )
    stems = [(f"contract:specimen/{operation.id}", Promise.OPERATION) for operation in contract.operations]
    stems += [(f"contract:specimen/{id_}@{status}", Promise.STATUS) for id_, status in required]
    work = ContractWork(
        system="specimen",
        contract=PATH,
        operations=contract.operations,
        required=required,
        max_examples=10,
        hooks=hooks,
    )
    job = Job(
        id="contract:specimen",
        suite=Suite.CONTRACT,
        work=work,
        checks=tuple(Check(id=id_, suite=Suite.CONTRACT, promise=promise, title=id_) for id_, promise in stems),
        seed=seed,
        deadline_s=deadline_s,
    )
    headers = {"Authorization": f"Bearer {token}"}
    around = Surroundings(
        run="r",
        tier="test",
        root=str(tmp_path),
        python=sys.executable,
        targets={"specimen": Target(name="specimen", base_url=base_url, headers=headers)},
        documents={PATH: flat_bytes(contract)},
    )
    processes = Processes(Host(), f"test-{tmp_path.name}", tmp_path / "scratch")
    try:
        return observe(job, around, processes.spawn(command(job, around), job.id))
    finally:
        processes.close()


def by_check(made: Observations) -> dict[str, Observation]:
    return {one.check.removeprefix("contract:specimen/"): one for one in made.observations}


def failed(made: Observations) -> dict[str, list[str]]:
    """For each failed operation the rules that were broken."""
    return {
        name: sorted({finding.rule for finding in one.findings if finding.severity != "opinion"})
        for name, one in by_check(made).items()
        if one.outcome is Outcome.FAILED and "@" not in name
    }


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Observations]:
    """What the suite says of a server with some faults, asked once; they are of different operations or rules."""

    @cache
    def asked(*faults: str) -> Observations:
        with specimen.serving(*faults) as (base_url, _):
            return run(tmp_path_factory.mktemp("faulty"), base_url)

    return asked


TOGETHER = (
    ("crash-on-limit", "html", "stale", "crash-on-nul"),
    ("undocumented-status", "wrong-type"),
    ("illegal-accepted", "limit-refused", "open-door"),
)
OF_FAULT = {
    "crash-on-limit": ("createItem", "not_a_server_error"),
    "wrong-type": ("listItems", "response_schema_conformance"),
    "undocumented-status": ("createItem", "status_code_conformance"),
    "illegal-accepted": ("createItem", "negative_data_rejection"),
    "open-door": ("listItems", "ignored_auth"),
    "limit-refused": ("createItem", "positive_data_acceptance"),
    "html": ("listItems", "content_type_conformance"),
    "stale": ("readItem", "use_after_free"),
    "crash-on-nul": ("readItem", "not_a_server_error"),
}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_server_that_keeps_its_contract_passes_every_check(tmp_path: Path, seed: int) -> None:
    with specimen.serving() as (base_url, _):
        made = run(tmp_path, base_url, seed=seed)
    told = [(one.check, one.reasons) for one in made.observations if one.outcome is not Outcome.PASSED]
    assert told == []


@pytest.mark.parametrize(("fault", "together"), [(fault, group) for group in TOGETHER for fault in group])
def test_a_fault_fails_its_operation_by_its_rule(
    faulty: Callable[..., Observations], fault: str, together: tuple[str, ...]
) -> None:
    operation, rule = OF_FAULT[fault]
    found = failed(faulty(*together))
    assert rule in found.get(operation, [])
    if "crash-on-nul" not in together:
        assert "deleteItem" not in found, "what has no fault is left in peace"


def test_a_rule_that_no_fault_breaks_is_not_told(faulty: Callable[..., Observations]) -> None:
    for together in TOGETHER:
        said = {rule for rules in failed(faulty(*together)).values() for rule in rules}
        follows = {"response_schema_conformance"} if "illegal-accepted" in together else set()
        assert said <= follows | {OF_FAULT[fault][1] for fault in together}, "a price below 0 is answered, too"


def test_a_finding_carries_a_line_that_shows_it_again_and_no_credential(faulty: Callable[..., Observations]) -> None:
    made = faulty(*TOGETHER[0])
    (finding,) = [one for one in by_check(made)["createItem"].findings if one.severity == "crash"]
    assert finding.curl.startswith("curl -gsi --path-as-is -X POST http://127.0.0.1:")
    assert ' -H "Authorization: Bearer $HARNESS_TOKEN" ' in finding.curl
    assert specimen.TOKEN not in str(made)


def test_a_server_that_refuses_everybody_is_undecided_and_never_green(tmp_path: Path) -> None:
    with specimen.serving("refuses-everybody") as (base_url, _):
        made = run(tmp_path, base_url)
    operations = {name: one for name, one in by_check(made).items() if "@" not in name}
    assert {one.outcome for one in operations.values()} == {Outcome.BROKEN}
    assert operations["listItems"].reasons[0].code is Code.NEVER_ACCEPTED
    assert any("the credentials of `specimen`" in note for note in made.notes)


def test_being_locked_out_on_the_way_is_told_and_not_held_against_the_product(tmp_path: Path) -> None:
    with specimen.serving("locks-out") as (base_url, _):
        made = run(tmp_path, base_url)
    assert failed(made) == {}
    assert any("were no longer accepted after" in note for note in made.notes)


def test_a_wrong_address_is_undecided_and_says_so(tmp_path: Path) -> None:
    with specimen.serving("wrong-base") as (base_url, _):
        made = run(tmp_path, base_url)
    assert {one.outcome for one in made.observations} == {Outcome.BROKEN}
    assert any("is probably not the base" in note for note in made.notes)


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with specimen.serving() as (base_url, _):
        pass
    made = run(tmp_path, base_url)
    assert {one.reasons[0].code for one in made.observations} == {Code.SYSTEM_UNREACHABLE}


def test_a_server_that_dies_in_mid_run_leaves_no_operation_proved(tmp_path: Path) -> None:
    with specimen.serving("dies") as (base_url, _):
        made = by_check(run(tmp_path, base_url))
    operations = [one for name, one in made.items() if "@" not in name]
    assert {one.outcome for one in operations} == {Outcome.BROKEN}
    assert {one.reasons[0].code for one in operations} == {Code.SYSTEM_DIED}


def test_a_connection_that_breaks_off_again_is_a_finding_and_the_others_go_on(tmp_path: Path) -> None:
    with specimen.serving("cuts-off") as (base_url, _):
        made = run(tmp_path, base_url)
    assert failed(made) == {"createItem": ["connection_dropped"]}
    (finding,) = [one for one in by_check(made)["createItem"].findings if one.rule == "connection_dropped"]
    assert finding.title.startswith("POST /items breaks the connection off: body")
    assert by_check(made)["listItems"].outcome is Outcome.PASSED


def test_an_answer_that_never_ends_does_not_hold_the_run_beyond_its_deadline(tmp_path: Path) -> None:
    with specimen.serving("drips") as (base_url, _):
        made = run(tmp_path, base_url, deadline_s=24.0)
    listing = by_check(made)["listItems"]
    assert listing.outcome is Outcome.BROKEN


def test_a_pattern_that_backtracks_for_ever_costs_its_own_operation_only_its_time(tmp_path: Path) -> None:
    document = json.loads(json.dumps(specimen.DOCUMENT))
    endless = {"name": "q", "in": "query", "schema": {"type": "string", "pattern": "^(a+)+$", "minLength": 40}}
    document["paths"]["/items"]["get"]["parameters"] = [endless]
    with specimen.serving() as (base_url, _):
        made = by_check(run(tmp_path, base_url, document=document, deadline_s=24.0))
    operations = [one for name, one in made.items() if "@" not in name]
    assert all(one.outcome in {Outcome.PASSED, Outcome.BROKEN} for one in operations)
    assert any(one.outcome is Outcome.BROKEN for one in operations)


def test_a_document_that_the_engine_cannot_use_is_undecided(tmp_path: Path) -> None:
    document = json.loads(json.dumps(specimen.DOCUMENT))
    document["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"] = {"type": "nonsense"}
    with specimen.serving() as (base_url, _):
        made = by_check(run(tmp_path, base_url, document=document))
    assert made["createItem"].outcome is Outcome.BROKEN
    assert made["listItems"].outcome is Outcome.PASSED


HOOKS = """
import schemathesis

@schemathesis.check
def every_answer_names_its_maker(ctx, response, case):
    if "x-maker" not in response.headers:
        raise AssertionError("no X-Maker")
"""


def test_a_check_that_the_workspace_brings_is_asked_of_every_answer(tmp_path: Path) -> None:
    (tmp_path / "own_hooks.py").write_text(HOOKS)
    with specimen.serving() as (base_url, _):
        made = run(tmp_path, base_url, hooks="own_hooks.py")
    assert set(failed(made)) == {"listItems", "createItem", "readItem", "deleteItem"}
    assert all(rules == ["every_answer_names_its_maker"] for rules in failed(made).values())
    assert {one.again for seen in made.observations for one in seen.findings} == {None}, "we do not judge it again"


def test_a_hooks_file_that_cannot_be_loaded_is_undecided_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "own_hooks.py").write_text("import nothing_of_that_name")
    with specimen.serving() as (base_url, _):
        made = run(tmp_path, base_url, hooks="own_hooks.py")
    assert {one.outcome for one in made.observations} == {Outcome.BROKEN}
    assert "nothing_of_that_name" in str(made.observations[0].reasons)
