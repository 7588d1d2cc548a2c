"""`harness gate --release R --to TIER`: may it go on? `harness gate [RUN]`: the verdict of one stored run, again."""

import argparse
from pathlib import Path

from harness.actions.acceptances import kept_checkpoints
from harness.actions.gating import rule_on
from harness.adapters.host import Host
from harness.adapters.portal import Portal, portal_at
from harness.adapters.run_directory import find_run
from harness.adapters.workspace_files import find_root
from harness.cli import gate_replay, gate_selftest
from harness.cli.asking import Out
from harness.cli.publish import TOKEN, token_for
from harness.cli.showing import STATUS, show_run
from harness.errors import AskedWrongly
from harness.formats.gate_sentences import cure, say_cause, topic_of
from harness.formats.ruling_text import change_text, ruling_junit, ruling_markdown, ruling_text, why_not_text
from harness.formats.shape import to_json
from harness.model.gate import Cause, Ruling
from harness.rules.curing import changes_for


def arguments(parser: argparse.ArgumentParser) -> None:
    """Release, tier, evidence; or a run."""
    parser.add_argument(
        "run",
        nargs="?",
        help="a run id, its beginning, or a folder (default: the newest); selftest: prove that the gate can say no;"
        " replay: what another policy would have said",
    )
    parser.add_argument("--release", metavar="R", help="the declared release that wants to go on")
    parser.add_argument("--to", metavar="TIER", help="the tier that it wants to enter")
    parser.add_argument(
        "--evidence",
        action="append",
        default=[],
        metavar="DIR|ZIP",
        help="runs from elsewhere: a run's folder or .zip, or a folder of these; repeatable (default: the runs here)",
    )
    parser.add_argument("--sign-offs", metavar="FILE|URL", help="the bundle that the portal exported, or the portal")
    parser.add_argument(
        "--checkpoints", metavar="FILE", help="what a witness kept of the portal's log: shows one that was put back"
    )
    parser.add_argument("--token-file", metavar="FILE", help=f"where its token is, chmod 600 (default: {TOKEN})")
    parser.add_argument("--policy", metavar="FILE", help="with replay: the policy that is to be tried")
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="with replay: how many releases (default: 20)"
    )
    parser.add_argument("--why-not", action="store_true", help="the smallest set of changes that would open the gate")
    parser.add_argument(
        "--as", dest="form", choices=("text", "junit", "markdown"), default="text", help="default: text"
    )


def act(args: argparse.Namespace, out: Out) -> int:
    """Exit 0, 1 or 3 by the ruling or verdict; evidence that is missing or changed is exit 3."""
    if args.run == "selftest":
        return gate_selftest.act(find_root(Path.cwd()), args.to, args.release, out)
    if args.run == "replay":
        evidence = tuple(Path(one) for one in args.evidence)
        return gate_replay.act(find_root(Path.cwd()), args.policy, args.to, args.last, evidence, out)
    if args.policy:
        raise AskedWrongly("--policy is for trying one", hint="harness gate replay --policy FILE")
    if args.release or args.to:
        return _ruled(args, out)
    if args.evidence or args.sign_offs or args.why_not or args.form != "text":
        raise AskedWrongly("the gate needs --release and --to for that", hint="harness gate --release R --to TIER")
    folder = Path(args.run) if args.run else None
    root = folder if folder is not None and (folder / "plan.json").is_file() else find_root(Path.cwd())
    return show_run(out, root, find_run(root, args.run), report=False)


def _ruled(args: argparse.Namespace, out: Out) -> int:
    if not (args.release and args.to) or args.run:
        raise AskedWrongly("the gate needs a release and a tier", hint="harness gate --release R --to TIER")
    ruling = rule_on(
        Host(),
        find_root(Path.cwd()),
        args.release,
        args.to,
        evidence=tuple(Path(one) for one in args.evidence),
        signoffs=_signoffs(args),
        anchors=kept_checkpoints(Path(args.checkpoints)) if args.checkpoints else (),
    )
    if out.json:
        out.document("ruling", **_document(ruling, out.language))
    elif args.form == "junit":
        out.result(ruling_junit(ruling, out.language))
    elif args.form == "markdown":
        out.result(ruling_markdown(ruling, out.language))
    else:
        out.result(ruling_text(ruling, out.language))
        if args.why_not:
            out.result("\n" + why_not_text(ruling, out.language))
    return int(STATUS[ruling.decision])


def _signoffs(args: argparse.Namespace) -> Path | Portal | None:
    if "://" in (args.sign_offs or ""):
        return portal_at(args.sign_offs, token_for(Host(), find_root(Path.cwd()), args.token_file))
    return Path(args.sign_offs) if args.sign_offs else None


def _document(ruling: Ruling, language: str) -> dict[str, object]:
    return {
        **to_json(ruling),
        "failures": [_cause(one, language) for one in ruling.failures],
        "doubts": [_cause(one, language) for one in ruling.doubts],
        "changes": [
            {"remedy": one.remedy.value, "target": one.target, "sentence": change_text(one, ruling, language)}
            for one in changes_for(ruling)
        ],
    }


def _cause(cause: Cause, language: str) -> dict[str, object]:
    return {
        "about": cause.about,
        "tier": cause.tier,
        "code": cause.reason.code.value,
        "sentence": say_cause(cause, language),
        "what-to-do": cure(cause, language),
        "help": f"harness help {topic_of(cause)}",
        "values": dict(cause.reason.values),
    }
