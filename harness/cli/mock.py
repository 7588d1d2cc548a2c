"""`harness mock serve|verify|confirm`: stand in for a dependency, judge the mock, or hold it against the real one."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from harness.actions.mock import Serving, reaches_beyond, serve_mock
from harness.adapters.host import Host
from harness.cli.asking import Out
from harness.cli.mock_live import hearing
from harness.errors import Exit
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import counted


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to serve and where, or what to judge."""
    parser.add_argument(
        "what",
        choices=("serve", "verify", "confirm", "matrix", "record"),
        help="serve: answer until told to stop; verify: have the contract engine judge the mock; "
        "confirm: ask the real dependency what a run asked its mock; "
        "matrix: ask the system while the mock fails in every way; record: make a mock from a real system's answers",
    )
    parser.add_argument(
        "target",
        type=Path,
        help="an OpenAPI document, or a mock folder with mock.toml; confirm, matrix: the dependency's name",
    )
    parser.add_argument("--port", type=int, default=0, help="default: a free one, which is printed")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine alone")
    parser.add_argument("--contract", type=Path, default=None, help="instead of the contract that mock.toml names")
    parser.add_argument(
        "--journal", type=Path, default=None, metavar="FILE", help="write each interaction down (NDJSON)"
    )
    parser.add_argument(
        "--uses", type=Path, default=None, metavar="FILE", help="serve: keep whole interactions, to confirm them later"
    )
    parser.add_argument("--upstream", default=None, metavar="URL", help="record: the real system to stand in front of")
    parser.add_argument(
        "--openapi", type=Path, default=None, metavar="FILE", help="record: infer a document from what was seen"
    )
    parser.add_argument("--yes", action="store_true", help="record: agree that requests are carried out at --upstream")
    parser.add_argument(
        "--tier", default=None, help="confirm: where the real dependency stands; matrix: where its mock does"
    )
    parser.add_argument("--run", default=None, help="confirm: what that run relied on (default: the newest that did)")
    parser.add_argument(
        "--confirm", metavar="TIER", help="confirm, matrix: the tier's name once more, where its policy wants that"
    )
    parser.add_argument("--faults", action="store_true", help="serve: play failures on demand (harness mock matrix)")
    parser.add_argument(
        "--admin", action="store_true", help="serve: WireMock's admin API also while a journal is written"
    )
    parser.add_argument(
        "--seed", type=int, default=None, help="verify, matrix: repeat its choices (default: a new one)"
    )
    parser.add_argument(
        "--certificate",
        type=Path,
        default=None,
        metavar="FILE",
        help="verify: write it there (default: the mock's folder)",
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """serve: exit 0 when told to stop. verify: 0 it keeps its contract, 1 it does not, 3 that could not be told.

    confirm: 0 the real dependency answers as the mock did, 1 otherwise, 3 that could not be told. matrix: 0 the system
    survived every failure, 1 it did not, 3 a failure never reached it.
    """
    if args.what == "record":
        from harness.cli.mock_record import record_from

        return record_from(args, out)
    if args.what == "matrix":
        from harness.cli.mock_matrix import try_matrix

        return try_matrix(args, out)
    if args.what == "confirm":
        # here, so that a mock that is only served starts fast
        from harness.cli.mock_confirm import confirm_mock

        return confirm_mock(args, out)
    return _verify(args, out) if args.what == "verify" else _serve(args, out)


def _verify(args: argparse.Namespace, out: Out) -> int:
    # here, so that a mock that is only served starts fast
    from harness.actions.verifying_mock import certificate_file, verify_mock
    from harness.formats.documents import write_document

    out.say(f"asking {args.target} what a system under test would ask")
    certificate = verify_mock(Host(), args.target, contract=args.contract, seed=args.seed, tell=out.say)
    holds = certificate.holds
    file = args.certificate or certificate_file(args.target)
    if file is not None:
        file.write_bytes(write_document(certificate))
        out.say(f"certificate: {file}")
    if out.json:
        out.document("mock-certificate", holds=holds, **asdict(certificate))
    else:
        said = {True: "keeps its contract", False: "breaks its contract", None: "could not be judged"}[holds]
        answered = f"{counted('answer', certificate.requests)}, {counted('operation', certificate.operations)}"
        out.result(f"{certificate.mock} {said}   {answered}   seed {certificate.seed}")
        for finding in certificate.findings:
            out.result(f"  broken    {finding}")
        for check in certificate.unproved:
            out.result(f"  unproved  {check}: no legal request was answered")
        for note in certificate.notes:
            out.say(f"note: {note}")
    return int({True: Exit.PASSED, False: Exit.FAILED, None: Exit.UNDECIDED}[holds])


def _serve(args: argparse.Namespace, out: Out) -> int:
    shown = hearing(out) if args.journal is None else None

    def ready(serving: Serving) -> None:
        if out.json:
            told = {"ready": True, "url": serving.url, "instance": serving.instance, "name": serving.name}
            out.stdout.write(json.dumps(told) + "\n")
        else:
            counts = f"{counted('operation', serving.operations)}, {counted('stub', serving.stubs)}"
            out.result(f"{serving.name} stands in at {serving.url}   {counts}   Ctrl-C ends it")
        for gap in serving.gaps:
            out.say(f"note: {gap}")
        out.stdout.flush()
        if shown is not None:
            shown.begin()

    if reaches_beyond(args.host):
        out.say(f"warning: {args.host} can be reached from other machines")
    try:
        served = serve_mock(
            Host(),
            args.target,
            address=args.host,
            port=args.port,
            contract=args.contract,
            journal=args.journal,
            admin=args.admin,
            faults=args.faults,
            uses=args.uses,
            hear=shown.hear if shown is not None else None,
            tell=lambda line: out.say(tame(line)),
            ready=ready,
        )
    finally:
        if shown is not None:
            shown.end()
    out.say(f"{served.interactions} requests answered")
    if served.unused and served.interactions:
        out.say(f"stubs that no request used: {tame(', '.join(served.unused))}")
    for label, times in served.unmatched:
        out.say(f"nothing answers {tame(label)} ({times} x)")
    return 0
