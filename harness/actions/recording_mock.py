"""`harness mock record FOLDER --upstream URL`: a mock made from what a real system answers.

Every interaction is on disk before its client has the answer, so that one that was acknowledged survives whatever ends
us: the next start goes on from there, and the mappings are made from all of them.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.actions.init_looking import base_address
from harness.adapters.host import Host
from harness.adapters.mock_server.recorder import Recorder, record
from harness.errors import AskedWrongly, Place
from harness.formats.shape import ShapeError, from_json
from harness.mocks.inferring import inferred
from harness.mocks.recording import mappings_from
from harness.model.uses import Use
from harness.rules.bases import is_loopback
from harness.rules.redacting import redactor_for

LOG = "recorded.ndjson"
MAPPINGS = "mappings/recorded.json"
Ask = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMock:
    """What was made. `left_out` are interactions that could not be kept, each with the reason."""

    folder: Path
    interactions: int
    mappings: int
    operations: int
    left_out: tuple[tuple[str, str], ...]


def record_mock(
    host: Host,
    folder: Path,
    upstream: str,
    *,
    port: int = 0,
    openapi: Path | None = None,
    yes: bool = False,
    ask: Ask | None = None,
    ready: Callable[[str, int], None],
    tell: Callable[[str], None] = lambda _line: None,
) -> RecordedMock:
    """Stand in front of `upstream` until told to stop, then write the mappings; `openapi` names a document to infer.

    `ready` is told the address and how many interactions are there from before.
    """
    url = base_address(upstream)
    _must_be_meant(url, yes, ask)
    _must_be_ours(folder, openapi)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / LOG
    before = _read(log)
    written(folder, before, openapi)
    recorder = Recorder(url, log, redactor_for({}, key=host.new_key()), lambda use: tell(_line(use)))
    try:
        record(recorder, port, lambda at: ready(at, len(before)))
    finally:
        recorder.close()
    return written(folder, _read(log), openapi)


def written(folder: Path, uses: tuple[Use, ...], openapi: Path | None) -> RecordedMock:
    """Mappings, settings and the document, made from everything that was recorded."""
    made = mappings_from(uses)
    document = inferred(uses, folder.name) if openapi is not None else None
    if uses:
        _whole(folder / MAPPINGS, made)
        settings = folder / "mock.toml"
        if not settings.exists():
            settings.write_text("# Recorded from a real system; give it a `contract` and its answers are checked.\n")
        if openapi is not None:
            _whole(openapi, document)
    return RecordedMock(
        folder=folder,
        interactions=len(uses),
        mappings=len(made["mappings"]),
        operations=sum(len(one) for one in document["paths"].values()) if document is not None else 0,
        left_out=tuple((f"{use.method} {use.path}", use.withheld) for use in uses if use.withheld),
    )


def _must_be_meant(url: str, yes: bool, ask: Ask | None) -> None:
    """Whatever a client asks here is asked there: beyond this machine somebody has to want that."""
    if yes or is_loopback(url):
        return
    sentence = f"whatever is asked of the recorder is carried out at {url}"
    if ask is None:
        raise AskedWrongly(
            f"{sentence}; nothing was sent there yet", hint="add --yes if that is meant; record where it does no harm"
        )
    if not ask(f"{sentence}. Record there?"):
        raise AskedWrongly("nothing was sent and nothing was written", hint="give the address of a test system")


def _must_be_ours(folder: Path, openapi: Path | None) -> None:
    """What somebody else wrote is never written over."""
    if (folder / LOG).exists():
        return
    for path in (folder / MAPPINGS, openapi):
        if path is not None and path.exists():
            raise AskedWrongly(
                f"{path} is there already, and no recording of ours made it",
                place=Place(file=str(path)),
                hint="record into a folder of its own, or move the file away",
            )


def _read(log: Path) -> tuple[Use, ...]:
    """What was recorded so far; half a line is what nobody was told of."""
    return tuple(_uses(log.read_bytes())) if log.exists() else ()


def _uses(body: bytes) -> Iterator[Use]:
    for line in body.splitlines(keepends=True):
        if line.endswith(b"\n"):
            try:
                yield from_json(Use, json.loads(line))
            except (ValueError, ShapeError) as error:
                raise AskedWrongly(f"{LOG} can't be read: {error}", hint="move it away to begin anew") from error


def _whole(path: Path, document: object) -> None:
    """One file whole: a temporary name first, then its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def _line(use: Use) -> str:
    return f"{use.method} {use.path}   {use.status}" + (f"   not kept: {use.withheld}" if use.withheld else "")
