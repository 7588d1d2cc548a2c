"""Certificate and acceptance report as single HTML pages: no script, nothing from elsewhere, made to be printed.

Both are views of a bundle that holds. Every signature shows printed name, title, role, time with zone, meaning, the
digest that was signed and its place in the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from harness.formats.acceptance_page_words import (
    CHANGES,
    DECISIONS,
    GRADES,
    OUTCOMES,
    PRIORITIES,
    SAID,
    STATES,
    WORDS,
    Pair,
)
from harness.formats.manifest import statement_digest
from harness.formats.terminal_text import tame
from harness.model.acceptance import Asked, Package, State
from harness.model.ledger import Checkpoint, Signature

_STYLE = """\
:root{color-scheme:light}
body{font:14px/1.5 "Noto Sans","Helvetica Neue",Arial,"Noto Sans CJK SC",sans-serif;color:#1a202c;background:#fff;
margin:32px auto;max-width:900px;padding:0 24px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:17px;margin:26px 0 8px}
.state{display:inline-block;padding:4px 14px;border-radius:4px;color:#fff;font-weight:600}
.accepted,.conditional{background:#12612d}.rejected,.expired{background:#9b1c1c}.open{background:#7a4a00}
.code{font:600 20px ui-monospace,monospace;letter-spacing:.06em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:16px 0}dt{color:#4a5568}dd{margin:0}
dd,td,blockquote{overflow-wrap:anywhere}.digest{font:12px ui-monospace,monospace}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:6px 10px;
border-bottom:1px solid #cbd5e0}th{background:#edf2f7}
blockquote{margin:8px 0;padding:8px 14px;border-left:4px solid #4a5568;background:#f7fafc;white-space:pre-wrap}
footer{margin-top:28px;border-top:1px solid #cbd5e0;padding-top:10px;color:#4a5568;font-size:12px}
@media print{body{margin:0;max-width:none;font-size:11px}h1{font-size:20px}h2{font-size:14px;margin:14px 0 6px}
tr,blockquote{break-inside:avoid}}
@page{size:A4;margin:16mm}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One package as a page shows it. `standing` are the numbers of signatures that were not taken back."""

    package: Package
    sha256: str
    state: State
    signatures: tuple[Signature, ...]
    standing: frozenset[int]
    checkpoint: Checkpoint


def certificate_page(view: View, language: str) -> bytes:
    """One sheet: who signed what, when, meaning what."""
    body = (*_head(view, "certificate", language), *_signatures(view, language), *_conditions(view, language))
    return _page(f"{_say('certificate', language)} {view.package.code}", (*body, *_foot(view, language)), language)


def report_page(view: View, language: str) -> bytes:
    """The same with everything it rests on: criteria and answers, runs, problems, evidence."""
    body = (
        *_head(view, "report", language),
        *_signatures(view, language),
        *_conditions(view, language),
        *_criteria(view, language),
        *_runs(view.package, language),
        *_findings(view.package, language),
        *_evidence(view.package, language),
        *_foot(view, language),
    )
    return _page(f"{_say('report', language)} {view.package.code}", body, language)


def _page(title: str, body: Iterable[str], language: str) -> bytes:
    tongue = "zh-CN" if language == "zh" else "en"
    head = f'<meta charset="utf-8"><title>{_text(title)}</title><style>{_STYLE}</style>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    inner = "\n".join(body)
    page = f'<html lang="{tongue}"><head>{head}{view}</head><body><main>\n{inner}\n</main></body></html>'
    return f"<!doctype html>{page}".encode()


def _head(view: View, kind: str, language: str) -> Iterator[str]:
    package = view.package
    yield f"<h1>{_say(kind, language)}</h1>"
    yield f'<p class="code">{_text(package.code)}</p>'
    yield f'<p><span class="state {view.state.value}">{_one(STATES[view.state], language)}</span></p>'
    yield f"<p>{_text(package.goal.in_language(language))}</p>"
    rows = [
        ("release", f"{package.project} {package.release}"),
        ("tier", package.tier),
        ("phase", str(package.phase)),
        ("frozen", _time(package.frozen_ms)),
        ("deployed", ", ".join(f"{one.system} {one.after}" for one in package.fingerprints) or "-"),
        ("artifacts", ", ".join(f"{one.name} {one.digest[:19]}" for one in package.artifacts) or "-"),
    ]
    yield "<dl>" + "".join(f"<dt>{_say(name, language)}</dt><dd>{_text(value)}</dd>" for name, value in rows)
    yield f'<dt>{_say("package", language)}</dt><dd class="digest">{view.sha256}</dd></dl>'


def _signatures(view: View, language: str) -> Iterator[str]:
    yield f"<h2>{_say('signatures', language)}</h2>"
    if not view.signatures:
        yield f"<p>{_say('nobody', language)}</p>"
        return
    yield _row("th", [_say(one, language) for one in ("name", "role", "decision", "time", "proof")], opens=True)
    for one in view.signatures:
        said = one.statement
        later = "" if one.number in view.standing else f" ({_say('withdrawn', language)})"
        proof = f"{_one(GRADES[one.grade], language)}, {_say('entry', language)} {one.number}"
        cells = [
            f"<strong>{_text(said.name)}</strong>",
            _text(f"{said.title} ({said.role})"),
            _one(DECISIONS[said.decision], language) + later,
            _text(f"{_time(one.signed_ms)}, {one.zone}"),
            f'{proof}<br><span class="digest">{statement_digest(said)[:32]}</span>',
        ]
        yield _row("td", cells)
    yield "</tbody></table>"
    yield f"<h2>{_say('meaning', language)}</h2>"
    for one in view.signatures:
        tongue = "zh-CN" if one.statement.language == "zh" else "en"
        lines = "\n".join(_text(line) for line in one.statement.text.split("\n"))
        yield f'<blockquote lang="{tongue}">{lines}</blockquote>'


def _conditions(view: View, language: str) -> Iterator[str]:
    found = [one for signed in view.signatures if signed.number in view.standing for one in signed.statement.conditions]
    if not found:
        return
    yield f"<h2>{_say('conditions', language)}</h2>"
    yield _row("th", [_say(one, language) for one in ("about", "what", "who", "when")], opens=True)
    for one in found:
        before = _say("before", language).format(tier=_text(one.before_tier)) if one.before_tier else ""
        when = f"{_time(one.due_ms)[:10]} {before}".strip()
        yield _row("td", [_text(one.criterion), _text(one.text), _text(one.owner), when])
    yield "</tbody></table>"


def _criteria(view: View, language: str) -> Iterator[str]:
    yield f"<h2>{_say('criteria', language)}</h2>"
    heads = ("criterion", "priority", "seen", "since", "answers")
    yield _row("th", [_say(one, language) for one in heads], opens=True)
    for one in view.package.criteria:
        words = _text(one.title.in_language(language))
        cells = [
            f"<strong>{_text(one.id)}</strong> {words}<br>{_text(one.statement.in_language(language))}",
            _one(PRIORITIES[one.priority], language),
            _one(OUTCOMES[one.outcome], language),
            _one(CHANGES[one.change], language),
            "<br>".join(_answers(view, one, language)) or "-",
        ]
        yield _row("td", cells)
    yield "</tbody></table>"


def _answers(view: View, asked: Asked, language: str) -> Iterator[str]:
    for signed in view.signatures:
        for given in signed.statement.answers:
            if given.criterion == asked.id and signed.number in view.standing:
                words = f": {_text(given.words)}" if given.words else ""
                yield f"{_text(signed.statement.name)}: {_one(SAID[given.said], language)}{words}"


def _runs(package: Package, language: str) -> Iterator[str]:
    yield f"<h2>{_say('runs', language)}</h2>"
    if not package.runs:
        yield f"<p>{_say('none', language)}</p>"
        return
    yield _row("th", [_say(one, language) for one in ("run", "tier", "counts", "proof")], opens=True)
    for one in package.runs:
        counts = f"{one.passed}, {one.failed}, {one.broken}, {one.skipped}"
        digest = f'<span class="digest">{_text(one.record_sha256[:32])}</span>'
        yield _row("td", [_text(one.run), _text(one.tier), counts, digest])
    yield "</tbody></table>"


def _findings(package: Package, language: str) -> Iterator[str]:
    yield f"<h2>{_say('findings', language)}</h2>"
    if not package.findings:
        yield f"<p>{_say('none', language)}</p>"
        return
    about = [f" ({_text(one.criterion)})" if one.criterion else "" for one in package.findings]
    yield "<ul>" + "".join(
        f"<li>{_text(one.title)}{more}</li>" for one, more in zip(package.findings, about, strict=True)
    )
    yield "</ul>"


def _evidence(package: Package, language: str) -> Iterator[str]:
    yield f"<h2>{_say('evidence', language)}</h2>"
    if not any(one.evidence for one in package.criteria):
        yield f"<p>{_say('none', language)}</p>"
        return
    yield _row("th", [_say(one, language) for one in ("criterion", "file", "proof")], opens=True)
    for one in package.criteria:
        for file in one.evidence:
            yield _row("td", [_text(one.id), _text(file.name), f'<span class="digest">{_text(file.sha256)}</span>'])
    yield "</tbody></table>"


def _foot(view: View, language: str) -> Iterator[str]:
    point = view.checkpoint
    log = _say("log", language).format(origin=_text(point.origin), size=point.size, root=point.root.hex()[:32])
    yield f"<footer><p>{_say('check', language)}</p><p>{log}. {_say('claims', language)}</p></footer>"


def _row(cell: str, cells: Iterable[str], *, opens: bool = False) -> str:
    row = "<tr>" + "".join(f"<{cell}{' scope=col' if opens else ''}>{one}</{cell}>" for one in cells) + "</tr>"
    return f"<table><thead>{row}</thead><tbody>" if opens else row


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _say(name: str, language: str) -> str:
    return _one(WORDS[name], language)


def _one(pair: Pair, language: str) -> str:
    return escape(pair[language == "zh"])


def _text(value: str) -> str:
    return escape(tame(value))
