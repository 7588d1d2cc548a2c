"""From words on a command line to one action, and from whatever it raises to a sentence and an exit status."""

import argparse
import difflib
import importlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

from harness.cli import VERBS
from harness.cli.telling import report_bug, tell_error
from harness.errors import AskedWrongly, Exit, HarnessError


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """Where to write and how. `width` in columns."""

    stdout: TextIO
    stderr: TextIO
    json: bool
    color: bool
    quiet: bool
    verbose: bool
    width: int
    interactive: bool
    language: str

    def result(self, text: str) -> None:
        """The result, on stdout."""
        self.stdout.write(text if text.endswith("\n") else text + "\n")

    def document(self, kind: str, **content: Any) -> None:
        """The result as one versioned document, on stdout."""
        body = {"kind": f"harness/{kind}", "version": 1, **content}
        self.stdout.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")

    def say(self, text: str) -> None:
        """Narration, on stderr."""
        if not self.quiet:
            self.stderr.write(text + "\n")


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are ours: one sentence, the way out, exit 2."""

    def error(self, message: str) -> NoReturn:
        raise AskedWrongly(message, hint=f"{self.prog} --help")


def ask(words: list[str]) -> int:
    """Run the verb that `words` begin with; gives the exit status, whatever happens."""
    plain = "--json" in words
    try:
        return _acted(words)
    except HarnessError as error:
        tell_error(error, json_wanted=plain)
        return int(error.exit)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output went away; nothing more can be said
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.ASKED_WRONGLY)
    except SystemExit as wanted:  # argparse's --help
        return int(wanted.code or 0)
    except Exception as error:  # noqa: BLE001 - the last door: anything else is our bug and says so
        report_bug(error, words)
        return int(Exit.BUG)


def _acted(words: list[str]) -> int:
    verb = words[0]
    if verb not in VERBS:
        raise AskedWrongly(f"there is no verb `{verb}`", hint=_nearest(verb))
    module = importlib.import_module(f"harness.cli.{verb}")
    parser = _Parser(prog=f"harness {verb}", description=VERBS[verb])
    module.arguments(parser)
    _common(parser)
    args = parser.parse_args(words[1:])
    status = int(module.act(args, _out(args)))
    sys.stdout.flush()
    return status


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one versioned JSON document on stdout")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    parser.add_argument("--lang", choices=("en", "zh"), help="language of sentences (default: HARNESS_LANG, else en)")
    loud = parser.add_mutually_exclusive_group()
    loud.add_argument("-q", "--quiet", action="store_true", help="no narration")
    loud.add_argument("-v", "--verbose", action="store_true", help="more narration")


def _out(args: argparse.Namespace) -> Out:
    environ = os.environ
    interactive = sys.stderr.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"
    color = args.color == "always" or (args.color == "auto" and sys.stdout.isatty() and not environ.get("NO_COLOR"))
    try:
        width = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        width = 100
    return Out(
        stdout=sys.stdout,
        stderr=sys.stderr,
        json=args.json,
        color=color,
        quiet=args.quiet,
        verbose=args.verbose,
        width=width,
        interactive=interactive,
        language=args.lang or ("zh" if environ.get("HARNESS_LANG", "").startswith("zh") else "en"),
    )


def _nearest(verb: str) -> str:
    close = difflib.get_close_matches(verb, VERBS, n=1)
    return f"did you mean `harness {close[0]}`?" if close else f"verbs: {', '.join(VERBS)}"
