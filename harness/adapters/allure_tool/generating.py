"""Draw a report from a folder of result files.

It appears whole or not at all, has one writer at a time, shows as many results as there are files,
and calls nobody: the page-view counter that the tool writes into every report is taken out.
"""

import base64
import fcntl
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.adapters.allure_tool.installing import AllureTool
from harness.adapters.host import Host
from harness.adapters.tools import ask
from harness.errors import CouldNotTell
from harness.formats.allure_config import ReportConfig, to_allurerc

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
_COUNTER = re.compile(
    rb"<script[^>]*googletagmanager[^>]*>\s*</script>\s*<script>(?:(?!</script>).)*?gtag\((?:(?!</script>).)*?</script>",
    re.DOTALL,
)
# the tool scrolls to the first result that did not pass; what stands above the list is what a reader came for
_FROM_THE_TOP = b"""<script>(() => {
  let ours = !location.hash;
  const theirs = () => { ours = false; };
  for (const event of ["wheel", "keydown", "pointerdown", "touchstart"]) addEventListener(event, theirs, true);
  setTimeout(theirs, 8000);
  addEventListener("scroll", event => {
    const scrolled = event.target === document ? document.scrollingElement : event.target;
    if (ours && scrolled) scrolled.scrollTop = 0;
  }, true);
})()</script>
"""
_STATISTIC = re.compile(rb'd\("widgets/statistic\.json"\s*,\s*"([A-Za-z0-9+/=]+)"\)')


def generate(tool: AllureTool, host: Host, results: Path, out: Path, config: ReportConfig) -> Path:
    """Make the report `out` (a folder, replaced if it is there) and give its `index.html`.

    CouldNotTell where the tool failed or left results out; the history then stays as it was.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".report-", dir=out.parent, ignore_cleanup_errors=True) as folder,
        _alone(config.history),
    ):
        draft = Path(folder) / "report"
        before = _kept_history(config.history)
        try:
            _run(tool, host, results, draft, config)
            _silence(draft)
            _nothing_left_out(draft, results)
        except CouldNotTell:
            _cut_back(config.history, before)
            raise
        shutil.rmtree(out, ignore_errors=True)
        draft.rename(out)
    return out / "index.html"


def _run(tool: AllureTool, host: Host, results: Path, draft: Path, config: ReportConfig) -> None:
    """Run the tool in a folder of its own with next to nothing of our environment."""
    workdir = draft.parent / "work"
    workdir.mkdir()
    settings = workdir / "allurerc.mjs"
    settings.write_bytes(to_allurerc(config, str(draft)))
    environment = {key: host.environ[key] for key in _KEPT if key in host.environ}
    environment |= {"HOME": str(workdir), "TMPDIR": str(workdir), "NO_COLOR": "1"}
    argv = (tool.node, tool.cli, "generate", "--config", settings, "--cwd", workdir, results.absolute())
    said = ask(argv, deadline_s=600, env=environment, cwd=workdir)
    if not said.well or not (draft / "index.html").is_file():
        raise CouldNotTell(f"the report tool made no report: {said.last_words}", hint=_way_out(tool))


def _silence(draft: Path) -> None:
    """Take the page-view counter out of every page; a page where that does not work is not handed out.

    And let it begin at its top.
    """
    for page in draft.rglob("*.html"):
        body = _COUNTER.sub(b"", page.read_bytes())
        if b"googletagmanager" in body:
            raise CouldNotTell(
                f"the report's page {page.name} calls a page-view counter that could not be taken out",
                hint="this is ours to mend: please report it with the version that `harness doctor` shows",
            )
        page.write_bytes(body.replace(b"</head>", _FROM_THE_TOP + b"</head>", 1))


def _nothing_left_out(draft: Path, results: Path) -> None:
    """The tool skips files it cannot read and says nothing: compare the counts."""
    given = len({_case(path) for path in results.glob("*-result.json")})
    shown = _shown(draft)
    if shown != given:
        raise CouldNotTell(
            f"the report shows {shown} results of {given}", hint=f"look for an unreadable result file in {results}"
        )


def _case(path: Path) -> str:
    """What the tool counts once: attempts at the same case with the same parameters belong together."""
    try:
        result = json.loads(path.read_bytes())
        parameters = [(p["name"], p.get("value")) for p in result.get("parameters", ()) if not p.get("excluded")]
        return json.dumps([result.get("testCaseId") or result.get("fullName"), sorted(parameters)])
    except (ValueError, TypeError, KeyError, AttributeError):
        return path.name


def _shown(draft: Path) -> int | None:
    """How many results the report counts; None where it does not say."""
    separate = draft / "widgets" / "statistic.json"
    if separate.is_file():
        body = separate.read_bytes()
    elif found := _STATISTIC.search((draft / "index.html").read_bytes()):
        body = base64.b64decode(found[1])
    else:
        return None
    total = json.loads(body).get("total")
    return int(total) if total is not None else None


@contextmanager
def _alone(history: str | None) -> Iterator[None]:
    """One writer of a history at a time; the others wait."""
    if history is None:
        yield
        return
    Path(history).parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{history}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept_history(history: str | None) -> bytes | None:
    path = Path(history) if history else None
    return path.read_bytes() if path and path.is_file() else None


def _cut_back(history: str | None, before: bytes | None) -> None:
    """Put the history back as it was."""
    if history is None:
        return
    if before is None:
        Path(history).unlink(missing_ok=True)
    else:
        Path(history).write_bytes(before)


def _way_out(tool: AllureTool) -> str:
    return f"`{tool.node} {tool.cli} generate …` shows all it says; the run and its verdict stand without the report"
