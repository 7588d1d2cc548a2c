"""From a system's `auth` to the headers that carry it. What is fetched here counts as secret at once."""

import base64
import json
from urllib.parse import urlencode, urljoin

from harness.adapters.http import NoAnswerError, fetch
from harness.adapters.logging_in import logged_in
from harness.adapters.minting import minted_token
from harness.adapters.secrets import Secrets
from harness.errors import CouldNotTell
from harness.model.auth import Login, MintedToken
from harness.model.tier import ApiKey, Basic, Bearer, ClientCredentials, SecretRef, System


def headers_for(system: System, base_url: str, secrets: Secrets, *, now_s: float) -> dict[str, str]:
    """Headers that sign a request in; CouldNotTell where a token can't be had. `now_s`: when a token is made."""
    where = f"the auth of `{system.name}`"
    match system.auth:
        case None:
            return {}
        case Bearer(token=reference):
            return {"Authorization": f"Bearer {secrets.value(reference, where=where)}"}
        case Basic(user=user, password=reference):
            pair = f"{user}:{secrets.value(reference, where=where)}"
            encoded = base64.b64encode(pair.encode()).decode()
            secrets.learn(f"basic-{system.name}", encoded)
            return {"Authorization": f"Basic {encoded}"}
        case ApiKey(header=header, value=reference):
            return {header: secrets.value(reference, where=where)}
        case ClientCredentials() as credentials:
            token = _token(credentials, base_url, secrets.value(credentials.client_secret, where=where))
            secrets.learn(f"token-{system.name}", token)
            return {"Authorization": f"Bearer {token}"}
        case MintedToken() as minted:
            token = minted_token(minted, secrets.value(minted.key, where=where), now_s)
            secrets.learn(f"token-{system.name}", token)
            return {"Authorization": f"Bearer {token}"}
        case Login() as login:
            return logged_in(login, system, base_url, secrets)


def shown_for(system: System) -> dict[str, str]:
    """How a person signs in with curl, by lower-case header name: arguments that name variables and no secret."""
    match system.auth:
        case Bearer(token=reference):
            return {"authorization": f'-H "Authorization: Bearer {_named(reference)}"'}
        case Basic(user=user, password=reference):
            return {"authorization": f'-u "{user}:{_named(reference)}"'}
        case ApiKey(header=header, value=reference):
            return {header.lower(): f'-H "{header}: {_named(reference)}"'}
        case _:
            return {}


def _named(reference: SecretRef) -> str:
    match reference.kind:
        case "env":
            return f"${reference.at}"
        case "file":
            return f"$(cat {reference.at})"
        case _:
            return f"$({reference.at})"


def _token(credentials: ClientCredentials, base_url: str, secret: str) -> str:
    url = urljoin(base_url + "/", credentials.token_url)
    form = {"grant_type": "client_credentials", "client_id": credentials.client_id, "client_secret": secret}
    if credentials.scope:
        form["scope"] = credentials.scope
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = fetch(url, method="POST", headers=headers, body=urlencode(form).encode(), deadline_s=10.0)
    except NoAnswerError as error:
        raise CouldNotTell(f"no token from {url}: {error}", hint="check `token-url` in the [auth] table") from error
    try:
        token = json.loads(answer.body)["access_token"]
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotTell(
            f"no token from {url}: it answered {answer.status}",
            hint=f"check `client-id` ({credentials.client_id}) and what `client-secret` refers to",
        ) from error
    return str(token)
