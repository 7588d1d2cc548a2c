"""References to secrets and how a harness signs in, as tier files write them: never a value, always where it is."""

from harness.formats.toml_table import Table
from harness.model.secret import SecretRef
from harness.model.tier import ApiKey, Auth, Basic, Bearer, ClientCredentials

KEPT_IN = ("env", "file", "command", "keyring")


def read_secret(table: Table, key: str) -> SecretRef | None:
    """A reference: `{ env = "X" }`, `{ file = "…" }`, `{ command = […] }`, `{ keyring = "…/…" }`; no bare value."""
    value = table.raw(key)
    if isinstance(value, str):
        table.wrong(
            key,
            f"`{key}` holds a secret itself; a secret is always a reference",
            f'write {key} = {{ env = "NAME" }} and set NAME in the environment',
        )
        return None
    inner = table.table(key)
    if inner is None:
        table.missing(key, 'a reference such as { env = "NAME" }')
        return None
    default = inner.optional_text("default")
    found = [kind for kind in KEPT_IN if kind in inner]
    if len(found) != 1:
        table.wrong(key, f"`{key}` must refer to exactly one of {', '.join(KEPT_IN)}")
        return None
    kind = found[0]
    argv = inner.texts("command") if kind == "command" else ()
    at = " ".join(argv) if argv else inner.text(kind)
    if kind == "keyring" and not all(at.partition("/")[::2]):
        inner.wrong(kind, f"`{at}` is no entry of a keyring", 'write "service/account"')
    inner.finish()
    return SecretRef(kind=kind, at=at, argv=argv, default=default)


def read_auth(table: Table) -> Auth | None:
    auth = table.table("auth")
    if auth is None:
        return None
    kind = auth.text("kind")
    made: Auth | None = None
    match kind:
        case "bearer":
            made = Bearer(token=_needed(auth, "token"))
        case "basic":
            made = Basic(user=auth.text("user"), password=_needed(auth, "password"))
        case "api-key":
            made = ApiKey(header=auth.text("header"), value=_needed(auth, "value"))
        case "oauth2-client-credentials":
            made = ClientCredentials(
                token_url=auth.text("token-url"),
                client_id=auth.text("client-id"),
                client_secret=_needed(auth, "client-secret"),
                scope=auth.optional_text("scope"),
            )
        case _:
            known = "bearer, basic, api-key, oauth2-client-credentials"
            auth.wrong("kind", f"unknown kind of auth `{kind}`", f"known kinds: {known}")
            return None
    auth.finish()
    return made


def _needed(table: Table, key: str) -> SecretRef:
    return read_secret(table, key) or SecretRef(kind="env", at="")
