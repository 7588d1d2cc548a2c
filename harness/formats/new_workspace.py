"""The files of a new workspace, as text: a tier that runs at once, and room for the suites that come later."""

import json
import re
from collections.abc import Mapping

from harness.model.contract import Operation
from harness.model.tier import ApiKey, Auth, Basic, Bearer, SecretRef

_GITIGNORE = "# what runs leave behind; the evidence to keep is archived by the gate\n.harness/\n__pycache__/\n"
_FEW_LINES = 10


def slug(title: str) -> str:
    """A name for a system out of a document's title: `Order hub (v2)` → `order-hub-v2`."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:30].strip("-") or "api"


def workspace_files(
    *, title: str, system: str, base_url: str, contract: str, auth: Auth | None, reading: Operation | None
) -> Mapping[str, str]:
    """Every file of our own by its path; `reading` is an operation that load and UAT examples may use."""
    path = reading.path if reading else "/"
    name = reading.id if reading else "GET /"
    return {
        "harness.toml": f"name = {_text(title)}\n",
        "environments/test.toml": _tier(system, base_url, contract, auth),
        ".gitignore": _GITIGNORE,
        "load/README.md": _LOAD.format(system=system, path=_text(path), name=_text(name)),
        "uat/README.md": _UAT.format(path=_text(path)),
    }


def on_many_lines(document: bytes) -> bytes:
    """A document that is one endless line of JSON, with a line for every key, so that a finding has a place in it."""
    if document.count(b"\n") > _FEW_LINES or document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return document
    return json.dumps(json.loads(document), indent=1, ensure_ascii=False).encode() + b"\n"


def _tier(system: str, base_url: str, contract: str, auth: Auth | None) -> str:
    return _TIER.format(
        system=system, base_url=_text(base_url), contract=_text(f"../{contract}"), auth=_auth(system, auth)
    )


def _auth(system: str, auth: Auth | None) -> str:
    match auth:
        case Bearer(token=token):
            return _table(system, kind='"bearer"', token=_reference(token))
        case Basic(user=user, password=password):
            return _table(system, kind='"basic"', user=_text(user), password=_reference(password))
        case ApiKey(header=header, value=value):
            return _table(system, kind='"api-key"', header=_text(header), value=_reference(value))
        case _:
            return _NO_AUTH.format(system=system)


def _table(system: str, **values: str) -> str:
    return "\n".join([f"[systems.{system}.auth]", *(f"{key} = {value}" for key, value in values.items())]) + "\n"


def _reference(secret: SecretRef) -> str:
    return f"{{ {secret.kind} = {_text(secret.at)} }}"


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_TIER = """\
# The test tier: suites create, change and delete data at this address.
order   = 1
purpose = "every suite, on every change"

[systems.{system}]
base-url = {base_url}
contract = {contract}
# health = "GET /health"                 # asked before anything else, if there is such a thing

{auth}
[policy]
suites = ["contract"]                    # "load" and "uat" once load/ and uat/ hold something; see their README.md
mocks  = "forbidden"
hosts  = ["{{systems}}"]                   # nothing else is ever called
# contract-examples = 30                 # more finds more and takes longer
"""

_NO_AUTH = """\
# [systems.{system}.auth]                # who we are there; a secret is always a reference, never a value
# kind  = "bearer"                       # or: "basic" with user and password, "api-key" with header and value
# token = {{ env = "API_TOKEN" }}
"""

_LOAD = """\
# Load

Two files make a load job: who calls (a Locust script) and how much, with the limits that must hold.
Save these, then add `"load"` to `suites` in `environments/test.toml`.

`load/reading.py`

```python
from locust import task

from harness.kit.load import ApiUser


class Reading(ApiUser):
    @task
    def read(self) -> None:
        self.client.get({path}, name={name})
```

`load/reading.toml`

```toml
users  = "reading.py:Reading"
system = "{system}"

[profiles.smoke]
arrivals = "5 /s for 20 s"

[limits]
all = ["p95 < 500 ms", "errors < 1 %"]
{name} = ["p99 < 1 s"]

[tiers]
test = "smoke"
```
"""

_UAT = """\
# User acceptance

Criteria say what the business will judge; a demonstration shows each one. Save these, then add `"uat"` to
`suites` in `environments/test.toml`.

`uat/criteria.toml`

```toml
[[criteria]]
id            = "FIRST-1"
title         = {{ en = "The system can be reached", zh = "系统可以访问" }}
statement     = {{ en = "When I ask for it, I get an answer.", zh = "当我请求时，会得到应答。" }}
priority      = "must"
owner         = "product-owner"
judged        = "automatic"
demonstration = "test_first.py::test_it_answers"
tiers         = ["test"]
```

`uat/test_first.py`

```python
from harness.kit.uat import Api, check, step


def test_it_answers(api: Api) -> None:
    with step("I ask for it", zh="我请求它"):
        answer = api.get({path})
    check(answer.ok, "it answers")
```
"""
