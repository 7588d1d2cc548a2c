"""What `harness init` looks at before it writes: the document, the address, who is let in.

Each thing that is off becomes a sentence, or an error with the way out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harness.adapters.credentials import headers_for
from harness.adapters.probing import Fetched, Tried, fetch_document, find_base, find_document
from harness.adapters.secrets import Secrets
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.openapi import read_contract
from harness.model.contract import Contract
from harness.model.tier import ApiKey, Auth, Basic, Bearer, System
from harness.rules.bases import is_loopback, origin, readable

Tell = Callable[[str], None]

_REFUSED = frozenset((401, 403))


@dataclass(slots=True)
class Document:
    """The document with every file it is made of, by path below its own folder."""

    name: str
    address: str | None
    files: dict[str, bytes] = field(default_factory=dict)


def base_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AskedWrongly(f"`{url}` is not an address", hint="an address begins with http:// or https://")
    if parts.username or parts.password:
        raise AskedWrongly(
            "an address must not hold credentials: they would be written into a file",
            hint="use --auth-basic USER --password-env VARIABLE",
        )
    if parts.query or parts.fragment:
        raise AskedWrongly(f"`{url}` is not a base address", hint="leave out what follows `?` or `#`")
    return url.rstrip("/")


def sign_in(auth: Auth | None, folder: Path, url: str | None, environ: Mapping[str, str]) -> dict[str, str]:
    """Credentials for looking; they are resolved now, so that a missing variable is told before anything else."""
    if auth is None:
        return {}
    system = System(name="the system", base_url=url or "", auth=auth)
    return headers_for(system, url or "", Secrets(environ, folder), now_s=0.0)


def find(openapi: str | None, url: str | None, headers: Mapping[str, str]) -> Document:
    if openapi is None:
        if url is None:
            raise AskedWrongly(
                "there is nothing to begin with", hint="harness init --openapi <document> --url <base address>"
            )
        found = find_document(url, headers)
        if found is None:
            raise AskedWrongly(
                f"no OpenAPI document at the usual places below {url}", hint="say where: --openapi <address or file>"
            )
        return _fetched(found)
    address = document_address(openapi)
    if address is None:
        return _from_disk(Path(openapi))
    same = url is None or origin(url) == origin(address)
    # elsewhere, only the document itself was asked for: nobody agreed to a search there
    return _fetched(fetch_document(address, headers if same else {}, nearby=same or is_loopback(address)))


def document_address(openapi: str | None) -> str | None:
    """The address of a document; None for a file, or for nothing."""
    if openapi is None or not openapi.startswith(("http://", "https://")):
        return None
    if "@" in urlsplit(openapi).netloc:
        raise AskedWrongly("an address must not hold credentials", hint="use --auth-basic USER --password-env VARIABLE")
    return openapi


def _fetched(found: Fetched) -> Document:
    kind = "json" if found.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "yaml"
    return Document(name=f"openapi.{kind}", address=found.url, files={f"openapi.{kind}": found.body})


def _from_disk(path: Path) -> Document:
    """A file, and the files it refers to (they are read when the contract is)."""
    if not path.is_file():
        raise AskedWrongly(f"there is no file {path}", place=Place(file=str(path)))
    root = path.resolve().parent
    document = Document(name=path.name, address=None)

    def read(name: str) -> bytes:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            raise AskedWrongly(f"`{name}` leads out of {root.name}/")
        document.files[name] = file.read_bytes()
        return document.files[name]

    read_contract(path.name, read, strict=False)
    return document


def contract_in(document: Document) -> Contract:
    def read(name: str) -> bytes:
        if name not in document.files:
            raise AskedWrongly("it was not fetched; save it beside the document and give the file")
        return document.files[name]

    return read_contract(document.name, read, strict=False)


def base_of(
    contract: Contract,
    url: str | None,
    document_address: str | None,
    headers: Mapping[str, str],
    auth: Auth | None,
    say: Tell,
) -> str:
    """Where the operations answer, with a sentence for everything that is not as the document or the person said."""
    if url is None and document_address is None:
        named = ", ".join(contract.servers) or "none"
        raise AskedWrongly(
            "a file does not say where the system is that you mean",
            hint=f"add --url <base address>; the document itself names: {named}",
        )
    here = document_address if url is None or origin(url) == origin(document_address) else None
    tried = find_base(contract, url, here, headers)
    best = tried[0]
    if all(one.silent for one in tried):
        raise CouldNotTell(
            f"{origin(url or document_address)} does not answer: {best.silent}",
            hint="is the server running, and is it that port?",
        )
    if not readable(contract.operations):
        say("no operation can be asked without filling something in, so the base address was not tried")
        return tried[0].base
    if best.score < 1:
        seen = "; ".join(f"{one.base}: {', '.join(map(str, one.statuses))}" for one in tried[:4])
        raise CouldNotTell(
            f"the operations of {contract.title or contract.path} answer under none of the addresses tried ({seen})",
            hint="give the base address that goes in front of the document's paths: --url",
        )
    _say_what_is_off(contract, url, best, say)
    _say_who_is_let_in(best, auth, say)
    return best.base


def _say_what_is_off(contract: Contract, url: str | None, best: Tried, say: Tell) -> None:
    path = urlsplit(best.base).path or "/"
    named = {urlsplit(server).path.rstrip("/") for server in contract.servers}
    if url is not None and best.base == url:
        say(f"its operations answer at {best.base}")
    elif not contract.servers:
        say(f"the document names no server; its operations answer under {path}")
    elif urlsplit(best.base).path.rstrip("/") in named:
        say(f"the document puts its operations under {path}, and they answer there: {best.base}")
    else:
        say(f"the document names {', '.join(contract.servers)}; its operations answer under {path}")


def _say_who_is_let_in(best: Tried, auth: Auth | None, say: Tell) -> None:
    refused = [status for status in best.statuses if status in _REFUSED]
    if refused and len(refused) == len(best.statuses):
        if auth is None:
            say(f"every operation tried answered {refused[0]}: it asks for credentials; name them below [auth]")
        else:
            say(f"every operation tried answered {refused[0]} with the credentials given: they are not accepted")
    elif refused:
        say(f"{len(refused)} of {len(best.statuses)} operations tried answered {refused[0]}")
    elif auth is not None:
        say(f"the credentials were sent and nothing was refused ({_kind(auth)})")


def _kind(auth: Auth) -> str:
    match auth:
        case Bearer():
            return "bearer token"
        case Basic(user=user):
            return f"basic, user {user}"
        case ApiKey(header=header):
            return f"key in {header}"
        case _:
            return "OAuth 2 client credentials"
