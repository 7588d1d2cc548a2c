"""What may leave: allowed by name or refused, whatever way a request is spelled."""

from dataclasses import replace

import pytest

from harness.model.auth import Login
from harness.model.contract import Contract, Dialect, Operation
from harness.model.guard import Asked, Origin
from harness.model.tier import ClientCredentials, Dependency, Policy, Probe, SecretRef, Suite, System, Tier
from harness.rules.guarding import (
    is_browsers_own,
    is_limited,
    kept_back,
    origins_for,
    own_origin,
    refusal,
    sign_in_origin,
)

OPERATIONS = (
    Operation(id="listOrders", method="GET", path="/orders"),
    Operation(id="purge", method="GET", path="/orders/{id}/purge", safe=False),
    Operation(id="search", method="POST", path="/orders/search"),
    Operation(id="createOrder", method="POST", path="/orders"),
    Operation(id="deleteOrder", method="DELETE", path="/orders/{id}", safe=True),
)
SYSTEM = System(
    name="orders",
    base_url="https://shop.example/api",
    contract="contracts/orders.yaml",
    health=Probe(method="GET", path="/health"),
    auth=ClientCredentials(token_url="/token", client_id="x", client_secret=SecretRef(kind="env", at="X")),
)
POLICY = Policy(
    hosts=("{systems}", "cdn.example", "assets.example:8443"),
    methods=("GET", "HEAD"),
    operations=("search", "deleteOrder"),
)
TIER = Tier(name="prod", systems=(SYSTEM,), policy=POLICY)
CONTRACT = Contract(
    path="contracts/orders.yaml",
    dialect=Dialect.OPENAPI_31,
    title="",
    version="",
    sha256="",
    document={},
    operations=OPERATIONS,
)
ORIGINS = origins_for(TIER, {"orders": "https://shop.example/api"}, {"contracts/orders.yaml": CONTRACT})
SHOP = ORIGINS[0]


def asked(method: str, path: str, **how: object) -> Asked:
    bare, _, query = path.partition("?")
    whole = {"scheme": "https", "host": "shop.example", "port": 443, "query": query, **how}
    return Asked(method=method, path=bare, **whole)


def why(one: Asked, origin: Origin | None = SHOP) -> str | None:
    return refusal(one, origin, most_bytes=1000)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/orders"), ("HEAD", "/api/orders"), ("GET", "/app/logo.png"), ("POST", "/api/orders/search")],
)
def test_what_methods_or_the_owners_list_allow_may_leave(method, path):
    assert why(asked(method, path)) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "OPTIONS", "get"])
def test_every_other_method_is_refused(method):
    assert why(asked(method, "/api/orders")) == f"the policy does not allow {method}"


def test_a_contract_cannot_make_a_delete_safe_and_a_list_of_ids_cannot_either():
    assert why(asked("DELETE", "/api/orders/7")) == "the policy does not allow DELETE"
    assert why(asked("DELETE", "/api/orders/7"), replace(SHOP, methods=("DELETE",))) is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/orders/7/purge",
        "/api/orders/7/purge/",
        "/api/orders/7/%70urge",
        "/api//orders/7/purge",
        "/api/x/../orders/7/purge",
        "/api/orders/7/purge;a=b",
        "/api/orders/7/.%2fpurge",
        "/api/orders/7/PURGE",
        "/api/orders/7/purge.json",
        "/api/orders/7/purge%20",
        "/api/orders/7/purge.%00",
        "/API/orders/7/%2550urge",
    ],
)
def test_what_the_contract_calls_unsafe_is_refused_however_it_is_spelled(path):
    assert why(asked("GET", path)) == "the contract calls this operation unsafe"
    assert why(asked("HEAD", path)) == "the contract calls this operation unsafe"


ERP = replace(
    CONTRACT, path="contracts/erp.yaml", operations=(Operation(id="drop", method="GET", path="/drop", safe=False),)
)


@pytest.mark.parametrize(
    ("name", "path", "may"),
    [
        ("https://shop.example", "/api/orders/7/purge", False),
        ("http://shop.example", "/api/orders/7/purge", False),
        ("customers", "/api/orders/7/purge", False),
        ("customers", "/api/orders", True),
        ("erp", "/v1/drop", False),
        ("erp", "/drop", True),
        ("https://cdn.example", "/api/orders/7/purge", True),  # control: another host is another server
    ],
)
def test_what_a_contract_calls_unsafe_is_so_by_whatever_door_one_comes(name, path, may):
    customers = replace(SYSTEM, name="customers", contract=None, auth=None)
    tier = replace(
        TIER,
        systems=(SYSTEM, customers),
        dependencies=(Dependency(name="erp", contract=ERP.path),),
        policy=replace(POLICY, hosts=(*POLICY.hosts, "{dependencies}", "shop.example")),
    )
    urls = {"orders": "https://shop.example/api", "customers": "https://shop.example", "erp": "https://erp.example/v1"}
    found = {one.name: one for one in origins_for(tier, urls, {CONTRACT.path: CONTRACT, ERP.path: ERP})}[name]
    place = {"scheme": found.scheme, "host": found.host, "port": found.port}
    assert why(asked("GET", path, **place), found) == (None if may else "the contract calls this operation unsafe")


@pytest.mark.parametrize("path", ["/api/orders", "/api/orders/7/purged", "/api/orders/7/purge/x", "/api/purge"])
def test_control_what_only_looks_like_it_may_leave(path):
    assert why(asked("GET", path)) is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/orders/search/..",
        "/api/orders/../orders/search",
        "/api/orders%2fsearch",
        "/api/orders/SEARCH",
        "/api/orders/search.json",
    ],
)
def test_a_grant_is_for_its_own_path_alone(path):
    assert why(asked("POST", path)) == "the policy does not allow POST"


@pytest.mark.parametrize(
    ("part", "may"),
    [
        ("7", True),
        ("a%20b", True),
        ("a;v=1", True),
        ("%2e%2e", False),
        ("%252e%252e", False),
        (".%2e;x", False),
        ("%2e", False),
        (";x", False),
        ("7%2f..", False),
        ("7%5c..%5c8", False),
        ("7%252f8", False),
    ],
)
def test_a_grant_with_a_gap_is_not_filled_with_the_way_to_another_path(part, may):
    granted = replace(SHOP, granted=(("POST", "/orders/{id}/notes"),))
    assert (why(asked("POST", f"/api/orders/{part}/notes"), granted) is None) is may


@pytest.mark.parametrize("path", ["/", "/api", "/api/"])
def test_the_root_and_the_base_are_paths_too(path):
    base = "" if path == "/" else "/api"
    granted = replace(SHOP, base_path=base, granted=(("POST", "/" if path != "/api" else ""),))
    assert why(asked("POST", path), granted) is None


@pytest.mark.parametrize("name", ["x-original-url", "x-rewrite-url", "x_rewrite_url"])
def test_a_header_that_turns_one_path_into_another_is_refused(name):
    found = why(asked("POST", "/api/orders/search", headers={name: ("/api/orders",)}))
    assert found == "it asks the server to take it for another path"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-http-method-override": ("DELETE",)},
        {"x-http-method": ("GET",)},
        {"x-method-override": ("PUT",)},
        {"x_http_method_override": ("DELETE",)},
        {"X-HTTP_Method": ("DELETE",)},
    ],
)
def test_a_header_that_turns_one_method_into_another_is_refused(headers):
    assert why(asked("GET", "/api/orders", headers=headers)) == "it asks the server to take it for another method"


def test_a_query_that_turns_one_method_into_another_is_refused():
    for query in (
        "_method=DELETE",
        "a=b&_METHOD=delete",
        "%5fmethod=DELETE",
        "a;_method=PUT",
        ".method=PUT",
        "+_method=PUT",
        "%255fmethod=PUT",
    ):
        assert why(asked("GET", f"/api/orders?{query}")) == "it asks the server to take it for another method"


@pytest.mark.parametrize("where", [{"host": "evil.example"}, {"port": 8443}, {"scheme": "http", "port": 80}])
def test_another_host_port_or_scheme_is_another_server(where):
    assert why(asked("GET", "/api/orders", **where)) == "the policy names no such host"
    assert why(asked("GET", "/api/orders", **where), None) == "the policy names no such host"


def test_a_body_may_not_be_larger_than_the_policy_says_nor_hide_in_a_get():
    assert why(asked("POST", "/api/orders/search", body_bytes=1001)) == "its body is larger than 1000 bytes"
    assert why(asked("GET", "/api/orders", body_bytes=5)) == "GET carries a body"


def test_a_websocket_must_be_granted_by_its_operation():
    upgrade = {"upgrade": ("WebSocket",)}
    assert "must name its operation" in str(why(asked("GET", "/api/feed", headers=upgrade)))
    assert why(asked("GET", "/api/feed", headers=upgrade), replace(SHOP, granted=(("GET", "/feed"),))) is None
    assert why(asked("GET", "/api/feed", headers=upgrade), replace(SHOP, methods=())) is None


def test_hosts_that_the_policy_names_are_reached_at_their_usual_ports_or_the_one_it_says():
    assert [origin.url for origin in ORIGINS[1:]] == [
        "http://cdn.example",
        "https://cdn.example",
        "http://assets.example:8443",
        "https://assets.example:8443",
    ]
    assert all(origin.methods == ("GET", "HEAD") for origin in ORIGINS[1:])


def test_the_harness_itself_asks_for_health_version_and_its_token_alone():
    own = own_origin(SYSTEM, SHOP)
    assert why(asked("GET", "/api/health"), own) is None
    assert why(asked("GET", "/api/orders"), own) == "the harness asks only for health, version and sign-in"
    signing = sign_in_origin(SYSTEM, SHOP, ORIGINS)
    assert signing is not None
    assert why(asked("POST", "/token"), replace(signing, only=(("POST", "/token"),))) is None
    assert why(asked("POST", "/api/orders"), signing) == "the harness asks only for health, version and sign-in"


def test_a_token_is_had_from_no_host_that_the_policy_does_not_name():
    elsewhere = replace(SYSTEM, auth=replace(SYSTEM.auth, token_url="https://evil.example/token"))
    assert sign_in_origin(elsewhere, SHOP, ORIGINS) is None


def test_a_log_in_goes_below_the_base_and_nothing_else_goes_with_it():
    login = Login(method="POST", url="/log-in", fields=(("user", "t"),), cookie="sid")
    signing = sign_in_origin(replace(SYSTEM, auth=login), SHOP, ORIGINS)
    assert signing is not None
    assert why(asked("POST", "/api/log-in"), signing) is None
    assert why(asked("POST", "/api/orders"), signing) == "the harness asks only for health, version and sign-in"
    elsewhere = replace(login, url="https://evil.example/log-in")
    assert sign_in_origin(replace(SYSTEM, auth=elsewhere), SHOP, ORIGINS) is None


@pytest.mark.parametrize(
    "policy",
    [
        Policy(methods=("GET",)),
        Policy(rate_per_s=5),
        Policy(concurrency=2),
        Policy(confirm=True),
        Policy(operations=("a",)),
        Policy(body_bytes=64 * 1024),
        Policy(body_bytes=0),
        Policy(body_bytes=32 * 1024**2),
    ],
)
def test_a_tier_that_limits_more_than_hosts_is_guarded(policy):
    assert is_limited(Tier(name="x", policy=policy))
    assert not is_limited(Tier(name="x", policy=Policy(hosts=("a.example",))))


def test_no_generator_runs_where_methods_are_limited():
    assert "generator" in kept_back(TIER)[Suite.CONTRACT]
    assert kept_back(Tier(name="test", policy=Policy(rate_per_s=5))) == {}


def test_what_a_browser_asks_by_itself_is_known_by_its_whole_name():
    assert is_browsers_own("update.googleapis.com")
    assert not is_browsers_own("storage.googleapis.com")
    assert not is_browsers_own("update.googleapis.com.evil.example")


def test_an_operation_that_no_contract_describes_is_granted_as_it_is_written():
    tier = replace(TIER, policy=replace(POLICY, operations=("POST /sign-in", "DELETE /all")))
    origin = origins_for(tier, {"orders": "https://shop.example/api"}, {})[0]
    assert why(asked("POST", "/api/sign-in"), origin) is None
    assert why(asked("DELETE", "/api/all"), origin) == "the policy does not allow DELETE"
