"""Which ways to sign in ask somebody, and where: a guard has to let exactly that request through."""

from dataclasses import replace
from urllib.parse import urljoin

from harness.model.auth import Login
from harness.model.tier import Auth, ClientCredentials


def sign_in_request(auth: Auth | None, base_url: str) -> tuple[str, str] | None:
    """(method, address) of the request that signs in at a system; None where none is sent."""
    match auth:
        case ClientCredentials(token_url=url):
            return "POST", urljoin(base_url + "/", url)
        case Login(method=method, url=url):
            return method, url if "//" in url else base_url + url
        case _:
            return None


def asking_at(auth: Auth, url: str) -> Auth:
    """The same way to sign in, its request sent to another address."""
    match auth:
        case ClientCredentials():
            return replace(auth, token_url=url)
        case Login():
            return replace(auth, url=url)
        case _:
            return auth
