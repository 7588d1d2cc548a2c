"""From a path to an operation."""

import pytest

from harness.mocks.routing import Router


def router() -> Router[str]:
    made: Router[str] = Router()
    for method, template in [
        ("GET", "/"), ("GET", "/orders"), ("POST", "/orders"), ("GET", "/orders/{id}"), ("GET", "/orders/open"),
        ("DELETE", "/orders/{orderId}"), ("GET", "/files/{name}.json"), ("GET", "/files/{name}"),
        ("GET", "/a/{x}/c"), ("GET", "/a/b/{y}"),
    ]:  # fmt: skip
        made.add(method, template, f"{method} {template}")
    return made


@pytest.mark.parametrize(
    ("method", "path", "target", "parameters"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/orders", "GET /orders", {}),
        ("GET", "/orders/7", "GET /orders/{id}", {"id": "7"}),
        ("GET", "/orders/open", "GET /orders/open", {}),
        ("DELETE", "/orders/open", "DELETE /orders/{orderId}", {"orderId": "open"}),
        ("GET", "/orders/a%2Fb", "GET /orders/{id}", {"id": "a%2Fb"}),
        ("GET", "/files/x.json", "GET /files/{name}.json", {"name": "x"}),
        ("GET", "/files/x.txt", "GET /files/{name}", {"name": "x.txt"}),
        ("GET", "/a/b/c", "GET /a/b/{y}", {"y": "c"}),
        ("GET", "/a/z/c", "GET /a/{x}/c", {"x": "z"}),
        ("GET", "/%6Frders", "GET /orders", {}),
    ],
)
def test_a_path_leads_to_an_operation(method: str, path: str, target: str, parameters: dict[str, str]) -> None:
    routed = router().find(method, path)
    assert routed is not None
    assert (routed.target, routed.parameters) == (target, parameters)


@pytest.mark.parametrize("path", ["/nothing", "/orders/", "/orders/7/", "//orders", "", "orders", "*", "/orders/7/8"])
def test_a_path_that_fits_no_template_leads_nowhere(path: str) -> None:
    assert router().find("GET", path) is None


def test_a_known_path_with_an_unknown_method_says_what_is_allowed() -> None:
    routed = router().find("PUT", "/orders/7")
    assert routed is not None
    assert routed.target is None
    assert set(routed.allowed) == {"GET", "DELETE"}
