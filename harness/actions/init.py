"""A new workspace for somebody's own system, from its OpenAPI document and its address.

An address that is not this machine's own is asked about before the first byte is sent there. Then everything is
looked at before anything is written: the document, the address where its operations answer, the credentials.
What is off is said in a sentence. Nothing is ever overwritten, and no suite is started.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.actions.init_looking import (
    Document,
    Tell,
    base_address,
    base_of,
    contract_in,
    document_address,
    find,
    sign_in,
)
from harness.errors import AskedWrongly, Place
from harness.formats.new_workspace import on_many_lines, slug, workspace_files
from harness.formats.terminal_words import counted
from harness.model.contract import Contract
from harness.model.tier import Auth
from harness.rules.bases import is_loopback, origin, readable

Ask = Callable[[str], bool]
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


def init(wish: Wish, *, environ: Mapping[str, str], tell: Tell, ask: Ask | None = None) -> InitReport:
    """Look, ask if need be, write. `ask` is None where nobody can be asked; HarnessError says what is wrong."""
    sentences: list[str] = []

    def say(sentence: str) -> None:
        sentences.append(sentence)
        tell(sentence)

    url = base_address(wish.url) if wish.url else None
    _confirm(wish, url, ask)
    headers = sign_in(wish.auth, wish.folder, url, environ)
    document = find(wish.openapi, url, headers)
    contract = contract_in(document)
    say(
        f"{document.address or document.name} is {contract.dialect}: "
        f"{contract.title or 'without a title'}, {counted('operation', len(contract.operations))}"
    )
    for part in contract.quarantined:
        say(f"set aside: {part.where}: {part.why}")
    base = base_of(contract, url, document.address, headers, wish.auth, say)
    system = slug(wish.name or contract.title)
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


def _confirm(wish: Wish, url: str | None, ask: Ask | None) -> None:
    """Looking is a few requests, and test suites change data: somebody has to want both before anything is sent.

    The system is where `--url` says, else where its document is. This machine's own addresses need no word.
    """
    where = url or origin(document_address(wish.openapi))
    if wish.yes or not where or is_loopback(where):
        return
    sentence = f"test suites create, change and delete data at {where}"
    if ask is None:
        raise AskedWrongly(
            f"{sentence}; nothing was sent there yet",
            hint="add --yes if that is meant; use an address where that does no harm",
        )
    if not ask(f"{sentence}. Look at it with a few GET requests, and make it the test tier?"):
        raise AskedWrongly(
            "nothing was sent and nothing was written", hint="give the address of a system whose data may be changed"
        )


def _write(wish: Wish, contract: Contract, document: Document, system: str, base: str) -> tuple[tuple[str, ...], str]:
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
