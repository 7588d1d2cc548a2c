"""Every promise by name before anything starts, and nothing dropped in silence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.auth import Login
from harness.model.contract import Contract, Dialect, Operation
from harness.model.criteria import Criterion, Judged, Priority, Text
from harness.model.load import Limit, LoadSpec, OpenModel, Profile, Stage
from harness.model.plan import ContractWork, LoadWork, UatWork
from harness.model.tier import Bearer, ClientCredentials, Dependency, Mocks, Policy, SecretRef, Suite, System, Tier
from harness.model.workspace import Workspace
from harness.rules.contract_jobs import required_statuses
from harness.rules.permitting import allowed_hosts, refusals
from harness.rules.planning import plan_for

LIST = Operation(id="listOrders", method="GET", path="/orders", statuses=("200", "401"), secured=True, line=7)
CREATE = Operation(
    id="createOrder", method="POST", path="/orders", statuses=("400", "201", "202", "401", "409"), secured=True
)
HEALTH = Operation(id="health", method="GET", path="/health", statuses=("200",))
CONTRACT = Contract(
    path="contracts/orders.yaml",
    dialect=Dialect.OPENAPI_31,
    title="Orders",
    version="1",
    sha256="0" * 64,
    document={},
    operations=(LIST, CREATE, HEALTH),
)
LOAD = LoadSpec(
    name="checkout",
    path="load/checkout.toml",
    users_file="load/checkout.py",
    users_class="Checkout",
    system="",
    profiles=(Profile(name="smoke", model=OpenModel(stages=(Stage(rate_per_s=1.0, for_s=20.0),)), warm_up_s=5.0),),
    limits=(
        Limit(subject="all", measure="p95", relation="<", value=300.0, text="p95 < 300 ms"),
        Limit(subject="createOrder", measure="p95", relation="<", value=400.0, text="p95 < 400 ms"),
    ),
    profile_by_tier=(("test", "smoke"),),
)


def criterion(name: str, **more: object) -> Criterion:
    values = {"priority": Priority.MUST, "demonstration": f"test_orders.py::test_{name.lower()}", **more}
    return Criterion(id=name, title=Text(en=f"Title of {name}"), statement=Text(en="…"), **values)


SIGNED = Bearer(token=SecretRef(kind="env", at="T"))
TIER = Tier(
    name="test",
    systems=(System(name="orders", base_url="http://127.0.0.1:1", contract=CONTRACT.path, auth=SIGNED),),
    dependencies=(
        Dependency(name="erp", mock="mocks/erp", contract="contracts/erp.yaml"),
        Dependency(name="crm", real="https://crm.example"),
    ),
    policy=Policy(
        suites=(Suite.CONTRACT, Suite.LOAD, Suite.UAT),
        mocks=Mocks.ALLOWED,
        hosts=("{systems}", "{dependencies}"),
        statuses=("success", "401"),
    ),
)
WORKSPACE = Workspace(
    root="/w",
    name="w",
    tiers=("test",),
    contracts={CONTRACT.path: CONTRACT},
    loads=(LOAD,),
    criteria=(criterion("ORD-1"), criterion("ORD-2", demonstration="test_page.py::test_it[chromium]")),
    scripts={
        "test_orders.py": ("test_orders.py::test_ord-1", "test_orders.py::TestMore::test_extra"),
        "test_page.py": ("test_page.py::test_it",),
    },
    digests={"contracts/orders.yaml": "0" * 64, "contracts/orders_hooks.py": "1" * 64},
)


def planned(tier: Tier = TIER, workspace: Workspace = WORKSPACE, **more: object):
    return plan_for(workspace, tier, run="r", seed=7, **more)


def test_every_promise_has_its_name():
    assert [check.id for check in planned().checks] == [
        "contract:orders/listOrders",
        "contract:orders/listOrders@200",
        "contract:orders/listOrders@401",
        "contract:orders/createOrder",
        "contract:orders/createOrder@2XX",
        "contract:orders/createOrder@401",
        "contract:orders/health",
        "contract:orders/health@200",
        "uat:orders/ORD-1",
        "uat:orders/TestMore.test_extra",
        "uat:page/ORD-2",
        "load:checkout/p95",
        "load:checkout/createOrder/p95",
        "mock:erp/requests",
        "mock:erp/answers",
    ]


def test_a_plan_is_the_same_for_the_same_workspace_tier_and_seed():
    assert planned() == planned()
    assert {job.seed for job in planned().jobs} == {7}


def test_each_job_knows_its_work():
    jobs = {job.id: job for job in planned().jobs}
    contract, load, page = jobs["contract:orders"].work, jobs["load:checkout"].work, jobs["uat:page"].work
    assert isinstance(contract, ContractWork)
    assert contract.hooks == "contracts/orders_hooks.py"
    assert contract.required[0] == ("listOrders", "200")
    assert isinstance(load, LoadWork)
    assert (load.system, load.profile.name) == ("orders", "smoke")
    assert isinstance(page, UatWork)
    assert [one.id for one in page.criteria] == ["ORD-2"]
    assert jobs["load:checkout"].alone
    assert jobs["load:checkout"].deadline_s == 85.0
    assert not jobs["contract:orders"].alone


def test_a_place_names_the_line_of_the_operation():
    places = {check.id: check.place for check in planned().checks}
    assert places["contract:orders/listOrders"] == "contracts/orders.yaml:7"
    assert places["contract:orders/health"] == "contracts/orders.yaml"


def test_the_plan_is_bound_to_everything_that_was_read():
    assert planned().digests == (
        ("tier", ""),
        ("contracts/orders.yaml", "0" * 64),
        ("contracts/orders_hooks.py", "1" * 64),
    )


# --- what is left out ---


@pytest.mark.parametrize("suite", [Suite.CONTRACT, Suite.LOAD, Suite.UAT])
def test_a_suite_that_the_policy_does_not_name_is_left_out_by_name(suite):
    suites = tuple(one for one in TIER.policy.suites if one is not suite)
    plan = planned(replace(TIER, policy=replace(TIER.policy, suites=suites)))
    assert suite not in {job.suite for job in plan.jobs}
    assert (suite.value, "the policy of test does not name this suite") in plan.left_out


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (criterion("ORD-9", priority=Priority.WONT), "its priority is `wont`"),
        (criterion("ORD-9", tiers=("preprod", "prod")), "it is for preprod, prod"),
        (
            criterion("ORD-9", demonstration=None, judged=Judged.BY_HAND, owner="desk"),
            "it is judged by-hand by desk, without a script",
        ),
        (
            criterion("ORD-9", demonstration=None, judged=Judged.ASSISTED),
            "it is judged assisted by its owner, without a script",
        ),
    ],
)
def test_a_criterion_that_is_not_tried_is_left_out_with_the_reason(one, why):
    plan = planned(workspace=replace(WORKSPACE, criteria=(one,)))
    assert ("uat:ORD-9", why) in plan.left_out
    assert "ORD-9" not in {check.id.rpartition("/")[2] for check in plan.checks}


def test_a_load_without_a_profile_for_the_tier_is_left_out_by_name():
    plan = planned(replace(TIER, name="prod"))
    assert ("load:checkout", "load/checkout.toml names no profile for prod") in plan.left_out


def test_a_system_without_a_contract_is_left_out_by_name():
    bare = System(name="legacy", base_url="http://127.0.0.1:2")
    plan = planned(replace(TIER, systems=(*TIER.systems, bare)))
    assert ("contract:legacy", "no `contract` is named for it") in plan.left_out


def test_an_empty_workspace_gives_an_empty_plan_that_says_why():
    empty = replace(WORKSPACE, contracts={}, loads=(), criteria=(), scripts={})
    plan = planned(replace(TIER, systems=(replace(TIER.systems[0], contract=None),), dependencies=()), empty)
    assert plan.checks == ()
    assert plan.left_out


# --- --only ---


@pytest.mark.parametrize(
    ("only", "checks"),
    [
        (("load",), ["load:checkout/p95", "load:checkout/createOrder/p95"]),
        (("load:checkout/createOrder",), ["load:checkout/createOrder/p95"]),
        (
            ("contract:orders/createOrder",),
            ["contract:orders/createOrder", "contract:orders/createOrder@2XX", "contract:orders/createOrder@401"],
        ),
        (("contract:orders/createOrder@401",), ["contract:orders/createOrder@401"]),
        (("uat:page", "mock:erp/answers"), ["uat:page/ORD-2", "mock:erp/answers"]),
        (("contract:order",), []),
        (("contract:orders/create",), []),
    ],
)
def test_only_keeps_what_it_names_and_says_so(only, checks):
    plan = planned(only=only)
    assert [check.id for check in plan.checks] == checks
    assert ("everything else", "--only " + " ".join(only)) in plan.left_out
    assert plan.only == only


def test_a_word_of_only_that_names_nothing_is_told():
    plan = planned(only=("load:checkout", "uat:pgae"))
    assert ("uat:pgae", "--only names nothing here") in plan.left_out
    assert "load:checkout" not in dict(plan.left_out)


def test_a_narrowed_job_is_asked_for_no_more_than_it_promises():
    (job,) = planned(only=("contract:orders/createOrder@401",)).jobs
    assert isinstance(job.work, ContractWork)
    assert [operation.id for operation in job.work.operations] == ["createOrder"]
    assert job.work.required == (("createOrder", "401"),)
    (job,) = planned(only=("uat:orders/ORD-1",)).jobs
    assert isinstance(job.work, UatWork)
    assert ([one.id for one in job.work.criteria], job.work.scripts) == (["ORD-1"], ())


ALL = tuple(check.id for check in planned().checks)


@given(only=st.lists(st.sampled_from((*ALL, "load", "uat:orders", "contract:orders", "x")), min_size=1).map(tuple))
def test_only_never_adds_a_promise_and_keeps_each_that_it_names(only):
    kept = [check.id for check in planned(only=only).checks]
    assert [name for name in ALL if name in kept] == kept
    assert set(only) & set(ALL) <= set(kept)


# --- statuses ---


@pytest.mark.parametrize(
    ("operation", "wanted", "credentials", "statuses"),
    [
        (LIST, ("success", "401"), True, ("200", "401")),
        (LIST, ("success", "401"), False, ("200",)),
        (CREATE, ("success",), True, ("2XX",)),
        (CREATE, ("409", "404"), True, ("409",)),
        (CREATE, ("createOrder@410",), True, ("410",)),
        (LIST, ("createOrder@410",), True, ()),
        (CREATE, ("201", "success", "201"), True, ("201", "2XX")),
        (HEALTH, ("401",), True, ()),
        (replace(LIST, statuses=("200", "403")), ("401",), True, ("403",)),
        (replace(LIST, statuses=("default",)), ("success", "401"), True, ()),
        (replace(LIST, statuses=("2XX",)), ("success",), True, ("2XX",)),
    ],
)
def test_which_statuses_a_tier_demands_to_see(operation, wanted, credentials, statuses):
    assert required_statuses(operation, wanted, has_credentials=credentials) == statuses


# --- policy ---


def test_a_tier_within_its_policy_is_not_refused():
    assert refusals(TIER) == ()
    assert allowed_hosts(TIER) == {"127.0.0.1", "crm.example"}


@pytest.mark.parametrize(
    ("hosts", "base_url", "refused"),
    [
        (("{systems}",), "https://anywhere.example", False),
        (("orders.example",), "https://ORDERS.example:8443/v1", False),
        (("Orders.Example",), "https://orders.example", False),
        (("orders.example",), "https://orders.example.evil.example", True),
        (("orders.example",), "https://evil.example/orders.example", True),
        (("127.0.0.1",), "http://127.0.0.1:{port}", False),
        (("::1",), "http://[::1]:8080", False),
        ((), "http://127.0.0.1", True),
    ],
)
def test_a_system_at_a_host_that_the_policy_does_not_name_is_refused(hosts, base_url, refused):
    system = System(name="orders", base_url=base_url)
    tier = replace(TIER, systems=(system,), dependencies=(), policy=replace(TIER.policy, hosts=hosts))
    problems = refusals(tier)
    assert bool(problems) == refused
    assert all(problem.hint and problem.place for problem in problems)


SECRET = SecretRef(kind="env", at="S")


def token_from(url):
    return ClientCredentials(token_url=url, client_id="c", client_secret=SECRET)


def log_in_at(url):
    return Login(method="POST", url=url, fields=(("password", SECRET),), cookie="sid")


SIGN_INS = [
    (("{systems}",), "/token", False),
    (("{systems}",), "https://shop.example:8443/token", False),
    (("{systems}",), "https://id.example/token", True),
    (("{systems}", "id.example"), "https://ID.example/token", False),
    (("{systems}", "id.example:8443"), "https://id.example:8443/token", False),
    (("{systems}", "id.example:8443"), "https://id.example/token", True),
    (("{systems}",), "//id.example/token", True),
    (("{systems}",), "https://shop.example@id.example/token", True),
]


@pytest.mark.parametrize("auth", [token_from, log_in_at])
@pytest.mark.parametrize(("hosts", "url", "refused"), SIGN_INS)
def test_a_secret_is_sent_to_no_host_that_the_policy_does_not_name(auth, hosts, url, refused):
    shop = System(name="shop", base_url="https://shop.example/api", auth=auth(url))
    tier = replace(TIER, systems=(shop,), dependencies=(), policy=replace(TIER.policy, hosts=hosts))
    told = [problem.message for problem in refusals(tier)]
    assert told == (["`shop` signs in at id.example, which the policy of test does not allow"] if refused else [])


@pytest.mark.parametrize("auth", [token_from, log_in_at])
def test_a_dependency_signs_in_only_where_the_policy_allows_and_a_mock_nowhere(auth):
    crm = Dependency(name="crm", real="https://crm.example", auth=auth("https://id.example/token"))
    (problem,) = refusals(replace(TIER, dependencies=(crm,)))
    assert problem.message == "`crm` signs in at id.example, which the policy of test does not allow"
    assert refusals(replace(TIER, dependencies=(replace(crm, auth=auth("/token")),))) == ()
    assert refusals(replace(TIER, dependencies=(replace(crm, real=None, mock="mocks/crm"),))) == ()


def test_a_log_in_can_not_be_moved_to_another_host_by_what_is_put_before_its_path():
    shop = System(name="shop", base_url="https://shop.example", auth=log_in_at("@id.example/token"))
    tier = replace(TIER, systems=(shop,), dependencies=(), policy=replace(TIER.policy, hosts=("{systems}",)))
    assert [problem.message for problem in refusals(tier)] == [
        "`shop` signs in at id.example, which the policy of test does not allow"
    ]


def test_a_mock_where_mocks_are_forbidden_is_refused_by_name():
    (problem,) = refusals(replace(TIER, policy=replace(TIER.policy, mocks=Mocks.FORBIDDEN)))
    assert problem.message == "`erp` is answered by a mock, and the policy of test forbids mocks"
    assert problem.hint


def test_where_methods_are_limited_no_generator_runs_and_only_what_names_the_tier_is_shown():
    tier = replace(TIER, name="prod", policy=replace(TIER.policy, methods=("GET",), rate_per_s=5.0))
    meant, other = criterion("ORD-1", tiers=("prod",)), criterion("ORD-2")
    workspace = Workspace(
        root="/w",
        tiers=("prod",),
        digests={},
        name="x",
        contracts={CONTRACT.path: CONTRACT},
        loads=(),
        criteria=(meant, other),
        scripts={
            "test_orders.py": ("test_orders.py::test_ord-1", "test_orders.py::test_ord-2", "test_orders.py::test_x")
        },
    )
    plan = plan_for(workspace, tier, run="r", seed=1)
    assert [check.id for check in plan.checks if check.suite is not Suite.MOCK] == ["uat:orders/ORD-1"]
    assert {"contract", "uat:ORD-2", "uat:test_orders.py::test_x"} <= {name for name, _ in plan.left_out}
