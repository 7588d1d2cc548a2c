"""Going through a log-in once: what its answer gives is what every request then carries."""

import json
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

from harness.adapters.http import Answer, NoAnswerError, fetch
from harness.adapters.secrets import Secrets
from harness.errors import CouldNotTell
from harness.formats.json_pointer import pointed
from harness.model.auth import FieldsAs, Login
from harness.model.secret import SecretRef
from harness.model.tier import System
from harness.rules.signing_in import sign_in_request

_DEADLINE_S = 10.0


def logged_in(login: Login, system: System, base_url: str, secrets: Secrets) -> dict[str, str]:
    """The header that carries what the log-in gave; CouldNotTell where it gave nothing."""
    asks = sign_in_request(login, base_url)
    assert asks is not None  # a log-in is one of the ways that ask
    method, url = asks
    where = f"the auth of `{system.name}`"
    fields = {
        name: secrets.value(value, where=where) if isinstance(value, SecretRef) else value
        for name, value in login.fields
    }
    kind, body = _sent(login, fields)
    try:
        answer = fetch(url, method=method, headers={"Content-Type": kind}, body=body, deadline_s=_DEADLINE_S)
    except NoAnswerError as error:
        raise CouldNotTell(f"no log-in at {url}: {error}", hint="check `request` in the [auth] table") from error
    given = _given(login, answer)
    if given is None:
        what = f"the cookie `{login.cookie}`" if login.cookie else f"a text at `{login.token}`"
        raise CouldNotTell(
            f"no log-in at {url}: it answered {answer.status} without {what}",
            hint="check `fields`, what they refer to, and where the answer has its token",
        )
    secrets.learn(f"log-in-{system.name}", given)
    if login.cookie is not None:
        return {"Cookie": f"{login.cookie}={given}"}
    bearer = login.header.lower() == "authorization"
    return {login.header: f"Bearer {given}" if bearer else given}


def _sent(login: Login, fields: Mapping[str, str]) -> tuple[str, bytes]:
    match login.fields_as:
        case FieldsAs.JSON:
            return "application/json", json.dumps(fields).encode()
        case FieldsAs.FORM:
            return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _given(login: Login, answer: Answer) -> str | None:
    """The token or the cookie's value; None where the answer refuses, or has neither."""
    if not 200 <= answer.status < 400:
        return None
    if login.cookie is not None:
        return _cookie(login.cookie, answer.cookies)
    try:
        at = pointed(json.loads(answer.body), login.token or "")
    except ValueError:
        return None
    return at if isinstance(at, str) and at else None


def _cookie(name: str, lines: tuple[str, ...]) -> str | None:
    for line in lines:
        try:
            jar = SimpleCookie(line)
        except CookieError:
            continue
        if name in jar and jar[name].value:
            return jar[name].value
    return None
