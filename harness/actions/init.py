"""A new workspace for somebody's own system, from its OpenAPI document and its address.

Everything is looked at before anything is written: the document, the address where its
operations answer, the credentials. What is off is said in a sentence. Nothing is ever
overwritten, and no suite is started.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harness.adapters.credentials import headers_for
from harness.adapters.probing import Fetched, Tried, fetch_document, find_base, find_document
from harness.adapters.secrets import Secrets
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.new_workspace import on_many_lines, slug, workspace_files
from harness.formats.openapi import read_contract
from harness.model.contract import Contract
from harness.model.tier import ApiKey, Auth, Basic, Bearer, System
from harness.rules.bases import origin, readable

Ask = Callable[[str], bool]
Tell = Callable[[str], None]

_REFUSED = frozenset((401, 403))
_MAY_EXIST = ".gitignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for. `openapi` is an address or a file, `url` the base of the system, `yes` answers ahead."""

    folder: Path
    openapi: str | None = None
    url: str | None = None
    name: str | None = None
    auth: Auth | None = None
    yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport:
    """What was made. `sentences` say what was found and what was off; `todo` are the next commands."""

    folder: Path
    system: str
    base_url: str
    contract: str
    dialect: str
    operations: int
    written: tuple[str, ...]
    sentences: tuple[str, ...]
    todo: tuple[str, ...]


@dataclass(slots=True)
class _Document:
    """The document with every file it is made of, by path below its own folder."""

    name: str
    address: str | None
    files: dict[str, bytes] = field(default_factory=dict)


def init(wish: Wish, *, environ: Mapping[str, str], tell: Tell, ask: Ask | None = None) -> InitReport:
    """Look, ask if need be, write. `ask` is None where nobody can be asked; HarnessError says what is wrong."""
    sentences: list[str] = []

    def say(sentence: str) -> None:
        sentences.append(sentence)
        tell(sentence)

    url = _address(wish.url) if wish.url else None
    headers = _headers(wish, url, environ)
    document = _document(wish, url, headers)
    contract = _contract(document)
    say(
        f"{document.address or document.name} is {contract.dialect}: "
        f"{contract.title or 'without a title'}, {len(contract.operations)} operations"
    )
    for part in contract.quarantined:
        say(f"set aside: {part.where}: {part.why}")
    base = _base(contract, url, document.address, headers, wish.auth, say)
    system = wish.name or slug(contract.title)
    _confirm(wish, base, ask)
    written, path = _write(wish, contract, document, system, base)
    if ".gitignore" not in written:
        say("there is a .gitignore already: add `.harness/` to it")
    where = "" if wish.folder.resolve() == Path.cwd().resolve() else f"cd {wish.folder} && "
    return InitReport(
        folder=wish.folder,
        system=system,
        base_url=base,
        contract=path,
        dialect=str(contract.dialect),
        operations=len(contract.operations),
        written=written,
        sentences=tuple(sentences),
        todo=(f"{where}harness check", f"{where}harness run test"),
    )


def _address(url: str) -> str:
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


def _headers(wish: Wish, url: str | None, environ: Mapping[str, str]) -> dict[str, str]:
    """Credentials for looking; they are resolved now, so that a missing variable is told before anything else."""
    if wish.auth is None:
        return {}
    system = System(name="the system", base_url=url or "", auth=wish.auth)
    return headers_for(system, url or "", Secrets(environ, wish.folder))


def _document(wish: Wish, url: str | None, headers: Mapping[str, str]) -> _Document:
    if wish.openapi is None:
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
    if wish.openapi.startswith(("http://", "https://")):
        same = url is None or origin(url) == origin(wish.openapi)
        return _fetched(fetch_document(_document_address(wish.openapi), headers if same else {}))
    return _from_disk(Path(wish.openapi))


def _document_address(url: str) -> str:
    if urlsplit(url).username:
        raise AskedWrongly("an address must not hold credentials", hint="use --auth-basic USER --password-env VARIABLE")
    return url


def _fetched(found: Fetched) -> _Document:
    kind = "json" if found.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "yaml"
    return _Document(name=f"openapi.{kind}", address=found.url, files={f"openapi.{kind}": found.body})


def _from_disk(path: Path) -> _Document:
    """A file, and the files it refers to (they are read when the contract is)."""
    if not path.is_file():
        raise AskedWrongly(f"there is no file {path}", place=Place(file=str(path)))
    root = path.resolve().parent
    document = _Document(name=path.name, address=None)

    def read(name: str) -> bytes:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            raise AskedWrongly(f"`{name}` leads out of {root.name}/")
        document.files[name] = file.read_bytes()
        return document.files[name]

    read_contract(path.name, read, strict=False)
    return document


def _contract(document: _Document) -> Contract:
    def read(name: str) -> bytes:
        if name not in document.files:
            raise AskedWrongly("it was not fetched; save it beside the document and give the file")
        return document.files[name]

    return read_contract(document.name, read, strict=False)


def _base(
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


def _confirm(wish: Wish, base: str, ask: Ask | None) -> None:
    """Test suites change data: somebody has to want that, unless the address is this machine's own."""
    host = urlsplit(base).hostname or ""
    if wish.yes or _is_loopback(host):
        return
    sentence = f"test suites create, change and delete data at {base}"
    if ask is None:
        raise AskedWrongly(sentence, hint="add --yes if that is meant; use an address where that does no harm")
    if not ask(f"{sentence}. Make it the test tier?"):
        raise AskedWrongly("nothing was written", hint="give the address of a system whose data may be changed")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _write(wish: Wish, contract: Contract, document: _Document, system: str, base: str) -> tuple[tuple[str, ...], str]:
    """Write every file, or none: what is there already is named and left alone."""
    path = f"contracts/{system}.openapi{Path(document.name).suffix or '.yaml'}"
    quiet = readable(contract.operations)
    texts = workspace_files(
        title=contract.title or system,
        system=system,
        base_url=base,
        contract=path,
        auth=wish.auth,
        reading=quiet[0] if quiet else None,
    )
    files = {name: text.encode() for name, text in texts.items()}
    document.files[document.name] = on_many_lines(document.files[document.name])
    files |= {path if name == document.name else f"contracts/{name}": body for name, body in document.files.items()}
    there = [name for name in files if (wish.folder / name).exists() and name != _MAY_EXIST]
    if there:
        raise AskedWrongly(
            f"already here: {', '.join(sorted(there))}",
            place=Place(file=str(wish.folder)),
            hint="nothing was written; make the workspace in an empty folder: harness init … DIR",
        )
    written = [name for name in sorted(files) if not (wish.folder / name).exists()]
    for name in written:
        file = wish.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(files[name])
    return tuple(written), path
