"""The terminal: `harness <verb> [thing]`.

Only the module of the verb that was asked for is imported, and help costs no import at all.
The result goes to stdout, narration and errors to stderr.
"""

import sys

VERBS: dict[str, str] = {
    "init": "make a workspace for your own system, from its OpenAPI document",
    "doctor": "what is here, what is missing and how to get it",
    "check": "every problem in the workspace",
    "config": "every setting of a tier and where it came from",
    "plan": "what a run would do; nothing is started",
    "release": "release add R: declare what is being released, so that evidence is bound to it",
    "run": "carry it out on a tier and say pass, fail or undecided, and why",
    "stop": "the kill switch: end all traffic of what runs here, within a second",
    "show": "a run that was, its verdict and reasons",
    "runs": "the runs that are here; --prune removes what killed ones left",
    "merge": "join the shards of a run",
    "diff": "what broke, what was mended, what is slower between two runs",
    "gate": "may a release enter a tier, and why not; or the verdict of a stored run again",
    "attest": "sign a run, or the gate's answer for a release, as in-toto statements",
    "verify": "check offline what was signed: by whom, about what",
    "report": "the Allure report of a run",
    "secrets": "secrets scan RUN: whether any byte of a run holds what looks like a secret",
    "uat": "acceptance criteria: walk a person through, record, findings, lint, export, import, matrix",
    "publish": "bring a run to the portal, so that the business can be asked about it",
    "contract": "findings by cause, what is accepted, probes for production; diff OLD NEW: what breaks for whom",
    "replay": "send a finding of the contract suite again: does it still come?",
    "load": "load capacity TIER: the highest rate at which every limit holds",
    "mock": "stand in for a dependency; judge, record, confirm the mock, try failures",
    "portal": "portal start: the sign-off portal; trust: the gate believes it; user add: its first accounts",
    "help": "the manual, by topic",
}

HELP = """\
usage: harness <verb> [thing] [options]

For one release and one tier: may this go on, and why?

{verbs}

  harness <verb> --help    the options of a verb
  harness --version        the version

options of every verb: --json   --color auto|always|never   -q   -v
exit status: 0 passed · 1 the product failed · 2 asked wrongly · 3 undecided · 70 a bug of ours · 130 interrupted
"""


def main(argv: list[str] | None = None) -> int:
    """Run one verb; gives the exit status."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in {"-h", "--help"}:
        sys.stdout.write(HELP.format(verbs="\n".join(f"  {verb:<8} {said}" for verb, said in VERBS.items())))
        return 0 if words else 2
    if words[0] in {"--version", "-V"}:
        from harness import __version__

        sys.stdout.write(f"harness {__version__}\n")
        return 0
    from harness.cli.asking import ask

    return ask(words)
