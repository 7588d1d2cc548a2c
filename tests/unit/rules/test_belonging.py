"""Production's servers are production's: whoever points another tier at them is refused, whatever he calls them."""

from dataclasses import replace

import pytest

from harness.model.secret import SecretRef
from harness.model.tier import ClientCredentials, Dependency, LoadCap, Mocks, Policy, Suite, System, Tier
from harness.rules.belonging import allows_more, must_be_looked_up, wrong_targets

LOAD = LoadCap(rate_per_s=10.0, users=5, for_s=60.0)
LOADS = ("rate_per_s", "users", "for_s")
READS = Policy(
    suites=(Suite.UAT,),
    hosts=("{systems}",),
    methods=("GET", "HEAD"),
    rate_per_s=5.0,
    body_bytes=2**16,
    who=("ann",),
    load=LOAD,
    confirm=True,
)
SIGN_IN = ClientCredentials(
    token_url="https://login.example/token", client_id="h", client_secret=SecretRef(kind="env", at="X")
)
PROD = Tier(
    name="prod",
    systems=(System(name="orders", base_url="https://orders.example", auth=SIGN_IN),),
    dependencies=(Dependency(name="erp", real="http://10.0.0.7:8080"),),
    policy=READS,
)
ADDRESSES = {
    "orders.example": frozenset({"192.0.2.1"}),
    "www.orders.example": frozenset({"192.0.2.1", "192.0.2.9"}),
    "192.0.2.1": frozenset({"192.0.2.1"}),
    "orders.test.example": frozenset({"192.0.2.2"}),
}


def tier(url: str, policy: Policy | None = None, name: str = "test", **more: object) -> Tier:
    return Tier(name=name, systems=(System(name="orders", base_url=url, **more),), policy=policy or Policy())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "https://orders.example",
        "https://ORDERS.example.:443/v2",
        "https://www.orders.example",  # another name of the same machine
        "https://192.0.2.1",
        "https://login.example",  # where production signs in
        "http://10.0.0.7:8080",  # what production depends on
    ],
)
def test_a_server_of_production_in_another_tier_is_refused_with_its_owner(url: str) -> None:
    (problem,) = wrong_targets(tier(url), (PROD,), ADDRESSES)
    assert "of prod, which allows less than test does" in problem.message
    assert url in problem.message
    assert str(problem.place).startswith("environments/test.toml")


@pytest.mark.parametrize(
    "url",
    [
        "https://orders.test.example",
        "https://orders.example:8443",
        "http://127.0.0.1:{port}",
        "https://unknown.example",
    ],
)
def test_control_another_server_is_not(url: str) -> None:
    assert wrong_targets(tier(url), (PROD,), ADDRESSES) == ()


def test_a_dependency_and_a_sign_in_are_looked_at_too() -> None:
    erp = Tier(name="test", dependencies=(Dependency(name="erp", real="https://orders.example/erp"),))
    assert len(wrong_targets(erp, (PROD,), {})) == 1
    signing = tier("http://127.0.0.1:{port}", auth=SIGN_IN)
    assert "token-url" in wrong_targets(signing, (PROD,), {})[0].message


def test_production_itself_and_whoever_allows_no_more_may_name_its_servers() -> None:
    url = "https://orders.example"
    test = tier(url, Policy(suites=tuple(Suite), hosts=("{systems}", "{dependencies}"), mocks=Mocks.ALLOWED))
    assert len(wrong_targets(test, (PROD,), {})) == 1
    assert wrong_targets(PROD, (test,), {}) == ()
    assert wrong_targets(tier(url, READS, name="canary"), (PROD,), {}) == ()
    assert wrong_targets(PROD, (PROD,), {}) == ()


@pytest.mark.parametrize(
    "more",
    [
        replace(READS, methods=()),
        replace(READS, methods=("GET", "POST")),
        replace(READS, operations=("createOrder",)),
        replace(READS, rate_per_s=None),
        replace(READS, rate_per_s=6.0),
        replace(READS, confirm=False),
        replace(READS, suites=(Suite.UAT, Suite.LOAD)),
        replace(READS, who=()),
        replace(READS, who=("ann", "bob")),
        replace(READS, body_bytes=2**16 + 1),
        replace(READS, hosts=("{systems}", "cdn.example")),
        replace(READS, mocks=Mocks.DECLARED),
        replace(READS, mocks=Mocks.ALLOWED),
        replace(READS, load=None),
        *(replace(READS, load=replace(LOAD, **{one: more})) for one in LOADS for more in (None, 99)),
    ],
)
def test_every_limit_that_is_laxer_counts(more: Policy) -> None:
    assert allows_more(tier("https://a.example", more), PROD)
    assert not allows_more(tier("https://a.example", READS), PROD)


@pytest.mark.parametrize(
    "less",
    [
        replace(READS, suites=(), hosts=(), body_bytes=100),
        replace(READS, load=LoadCap(rate_per_s=1.0, users=1, for_s=1.0)),
        replace(READS, methods=("GET",), rate_per_s=1.0, concurrency=1),
    ],
)
def test_control_whoever_is_bound_more_tightly_allows_no_more(less: Policy) -> None:
    assert not allows_more(tier("https://a.example", less), PROD)
    assert allows_more(PROD, tier("https://a.example", less))


def test_who_may_run_and_what_it_bears_decide_though_nothing_else_differs() -> None:
    for bound in (replace(Policy(), who=("ann",)), replace(Policy(), load=LOAD)):
        other = tier("https://orders.example", bound, name="prod")
        assert len(wrong_targets(tier("https://orders.example"), (other,), {})) == 1


def test_names_are_looked_up_only_where_somebody_could_be_hurt() -> None:
    assert must_be_looked_up(tier("https://a.example"), (PROD,)) >= {"a.example", "orders.example"}
    assert must_be_looked_up(tier("http://127.0.0.1:8000"), (PROD,)) == frozenset()
    assert must_be_looked_up(tier("https://a.example"), (tier("https://b.example", name="preprod"),)) == frozenset()
