"""Who may call: tokens, scopes, and what is told to those who may not."""

import jwt
import pytest

from harness.sample.tokens import CLIENTS
from tests.sample.conftest import SECRET, Desk

FORM = {"grant_type": "client_credentials", "client_id": "harness", "client_secret": SECRET}


def test_client_credentials_buy_a_token_that_works(desk: Desk) -> None:
    bought = desk.ask("POST", "/auth/token", who=None, data=FORM)
    assert bought.status_code == 200
    assert bought.headers["cache-control"] == "no-store"
    headers = {"Authorization": f"Bearer {bought.json()['access_token']}"}
    assert desk.ask("GET", "/orders", who=None, headers=headers).status_code == 200


@pytest.mark.parametrize("wrong", [{"client_secret": "guess"}, {"client_id": "nobody"}, {"client_secret": "public"}])
def test_wrong_credentials_buy_nothing(desk: Desk, wrong: dict[str, str]) -> None:
    refused = desk.ask("POST", "/auth/token", who=None, data={**FORM, **wrong})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_a_token_request_that_is_none_is_told_so_in_the_words_of_oauth(desk: Desk) -> None:
    refused = desk.ask("POST", "/auth/token", who=None, data={**FORM, "grant_type": "password"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


def test_every_protected_operation_refuses_callers_without_a_valid_token(desk: Desk) -> None:
    foreign = jwt.encode({"sub": "harness", "tenant": "sandbox", "scope": "orders:read", "exp": 4e9}, "k" * 32)
    unsigned = jwt.encode({"sub": "harness", "tenant": "sandbox", "scope": "orders:read", "exp": 4e9}, "", "none")
    paths = [("GET", "/products"), ("GET", "/orders"), ("POST", "/orders"), ("GET", "/orders/ord-000000000001")]
    paths += [("GET", "/customers"), ("PUT", "/customers/x"), ("POST", "/webhooks/erp/stock")]
    for method, path in paths:
        for header in (None, "Bearer", "Bearer nonsense", f"Bearer {foreign}", f"Bearer {unsigned}", "Basic aGk6aGk="):
            headers = {"Authorization": header} if header else {}
            refused = desk.ask(method, path, who=None, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_token_that_is_over_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.sample.tokens.LIFETIME_S", -1)
    assert desk.ask("GET", "/orders").status_code == 401


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("catalogue-reader", "GET", "/orders"),
        ("acme", "GET", "/customers"),
        ("crm", "POST", "/webhooks/erp/stock"),
        ("erp", "GET", "/products"),
    ],
)
def test_a_token_without_the_scope_is_forbidden(open_hub, who: str, method: str, path: str) -> None:
    desk = open_hub()
    secret = "public" if CLIENTS[who].public else SECRET
    token = desk.hub.tokens.issue(desk.hub.tokens.client(who, secret))
    refused = desk.ask(method, path, who=None, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403


def test_clients_can_have_secrets_of_their_own(open_hub) -> None:
    tokens = open_hub(SAMPLE_CLIENTS="crm=another").hub.tokens
    assert tokens.client("crm", "another") is not None
    assert tokens.client("crm", SECRET) is None
    assert tokens.client("erp", SECRET) is not None
