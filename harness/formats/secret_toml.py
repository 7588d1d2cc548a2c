"""References to secrets and how a harness signs in, as tier files write them: never a value, always where it is."""

from harness.formats import units
from harness.formats.toml_secrets import may_hold_a_secret
from harness.formats.toml_table import Table
from harness.model.auth import Algorithm, Claim, FieldsAs, Login, MintedToken
from harness.model.secret import SecretRef
from harness.model.tier import ApiKey, Auth, Basic, Bearer, ClientCredentials
from harness.rules.redacting_names import sounds_secret

KEPT_IN = ("env", "file", "command", "keyring")


def read_secret(table: Table, key: str) -> SecretRef | None:
    """A reference: `{ env = "X" }`, `{ file = "…" }`, `{ command = […] }`, `{ keyring = "…/…" }`; no bare value."""
    value = table.raw(key)
    if value is not None and not isinstance(value, dict):
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
        case "jwt":
            made = _minted(auth)
        case "login":
            made = _login(auth)
        case _:
            known = "bearer, basic, api-key, oauth2-client-credentials, jwt, login"
            auth.wrong("kind", f"unknown kind of auth `{kind}`", f"known kinds: {known}")
            return None
    auth.finish()
    return made


def _minted(auth: Table) -> MintedToken:
    claims: list[tuple[str, Claim]] = []
    written = auth.table("claims")
    for key in written.keys() if written is not None else ():
        value = written.raw(key) if written is not None else None
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            claims.append((key, tuple(value)))
        elif isinstance(value, str | int | float):
            claims.append((key, value))
        elif written is not None:
            written.wrong(key, f"a claim must be a text, a number, true, false or a list of texts, not {value!r}")
    return MintedToken(
        key=_needed(auth, "key"),
        algorithm=auth.one_of("algorithm", Algorithm, Algorithm.HS256) or Algorithm.HS256,
        claims=tuple(claims),
        key_id=auth.optional_text("key-id"),
        lives_s=auth.quantity("for", units.seconds, 3600.0) or 3600.0,
    )


def _login(auth: Table) -> Login:
    method, _, url = auth.text("request").partition(" ")
    if "request" in auth and (not url or not method.isupper()):
        auth.wrong("request", f"`{method} {url}` is no request".replace(" `", "`"), 'write request = "POST /login"')
    fields: list[tuple[str, str | SecretRef]] = []
    written = auth.table("fields")
    if written is None:
        auth.missing("fields", 'what is sent, such as { user = "tester", password = { env = "NAME" } },')
    for key in written.keys() if written is not None else ():
        value = written.raw(key) if written is not None else None
        if isinstance(value, str) and not _speaks_of_a_secret(key):
            fields.append((key, value))
        elif written is not None and (reference := read_secret(written, key)) is not None:
            fields.append((key, reference))
    made = Login(
        method=method,
        url=url,
        fields=tuple(fields),
        fields_as=auth.one_of("fields-as", FieldsAs, FieldsAs.JSON) or FieldsAs.JSON,
        token=auth.optional_text("token"),
        header=auth.text("header", "Authorization"),
        cookie=auth.optional_text("cookie"),
    )
    if (made.token is None) == (made.cookie is None):
        auth.wrong(
            None,
            "a log-in gives exactly one of `token` and `cookie`",
            'write token = "/access_token" (where its answer has it) or cookie = "session"',
        )
    if made.token is not None and not made.token.startswith("/"):
        auth.wrong("token", f"`{made.token}` is no JSON pointer", f'write token = "/{made.token}"')
    return made


def _speaks_of_a_secret(key: str) -> bool:
    """Whether a field of a log-in is by its name no place for a plain text."""
    return sounds_secret(key) or may_hold_a_secret(key, (key,))


def _needed(table: Table, key: str) -> SecretRef:
    return read_secret(table, key) or SecretRef(kind="env", at="")
