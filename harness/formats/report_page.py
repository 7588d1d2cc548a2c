"""The summary of a report as one HTML page: verdict, reasons and their way out, limits, sign-off, what was left out.

Plain HTML that needs nothing else: no script, no outside reference, readable by a screen reader, in one language.
"""

from collections.abc import Iterable, Iterator
from html import escape

from harness.formats.left_out_words import left_out_in
from harness.formats.measures import shown
from harness.formats.report_words import headline, said, sign_off_line
from harness.formats.sentences import say, what_to_do
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import word
from harness.model.evidence import Reason, Seen
from harness.model.report import Account, Chapter
from harness.model.tier import Suite
from harness.model.verdict import Decision, Ground

_MOST, _LOAD = 200, f"{Suite.LOAD}:"
_COLOURS = {Decision.PASS: "#12612d", Decision.FAIL: "#9b1c1c", Decision.UNDECIDED: "#7a4a00"}
_STYLE = """\
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#1a202c;background:#fff;margin:24px;max-width:1000px}
h1{font-size:24px}h2{font-size:18px;margin-top:28px}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 10px;border-bottom:1px solid #cbd5e0;overflow-wrap:anywhere}
th{background:#edf2f7}.verdict{color:#fff;padding:2px 12px;border-radius:4px;display:inline-block}
"""


def report_page(account: Account, language: str = "en") -> bytes:
    """The page. Names and answers in it come from outside and are shown as text, whatever they hold."""
    title = escape(headline(account, language))
    badge = f'<span class="verdict" style="background:{_COLOURS[account.decision]}">'
    decision = escape(word(account.decision.value, language))
    body = [
        f"<h1>{badge}{decision}</span> {_text(', '.join(account.tiers))}</h1>",
        *(line for one in account.chapters for line in _chapter(one, language)),
        *_signed(account, language),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    tongue = "zh-CN" if language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head>{head}</head><body><main>{"".join(body)}</main></body></html>\n'
    ).encode("utf-8", "replace")


def _chapter(one: Chapter, language: str) -> Iterator[str]:
    decision = word(one.verdict.decision.value, language)
    release = f" · {_text(one.plan.release.name)}" if one.plan.release else ""
    yield f"<h2>{_text(one.plan.tier)}: {escape(decision)}{release} · {_text(one.plan.run)}</h2>"
    grounds = (*one.verdict.failures, *one.verdict.doubts)
    if grounds:
        heads = tuple(said(key, language) for key in ("about", "reasons", "to do"))
        yield _table(said("reasons", language), heads, (_ground(one, each, language) for each in grounds[:_MOST]))
        if len(grounds) > _MOST:
            yield f"<p>{said('more', language, len(grounds) - _MOST)}</p>"
    elif one.verdict.decision is Decision.PASS:
        yield f"<p>{said('held', language)}</p>"
    limits = [seen for seen in one.record.seen if seen.check.startswith(_LOAD) and seen.measures]
    if limits:
        heads = tuple(said(key, language) for key in ("limit", "measured", "outcome"))
        yield _table(said("limits", language), heads, (_limit(seen, language) for seen in limits))
    if one.plan.left_out:
        heads = (said("about", language), said("reason", language))
        yield _table(said("left out", language), heads, left_out_in(one.plan, language))


def _ground(one: Chapter, ground: Ground, language: str) -> tuple[str, str, str]:
    reason = Reason(code=ground.reason.code, values=(("tier", one.plan.tier), *ground.reason.values))
    return ground.check or word("the run", language), say(reason, language), what_to_do(reason, language)


def _limit(seen: Seen, language: str) -> tuple[str, str, str]:
    measured = ", ".join(shown(each.value, each.unit) for each in seen.measures)
    limit = ", ".join(each.limit or each.name for each in seen.measures)
    return f"{seen.check.partition(':')[2]}: {limit}", measured, word(seen.outcome.value, language)


def _signed(account: Account, language: str) -> Iterator[str]:
    yield f"<h2>{said('signatures', language)}: {_text(sign_off_line(account, language))}</h2>"
    if not account.accepted:
        return
    heads = tuple(said(key, language) for key in ("criterion", "standing", "by"))
    rows = (
        (
            f"{one.criterion} ({one.priority}): {one.title.in_language(language)}",
            said(one.standing, language),
            ", ".join(one.people),
        )
        for one in account.accepted
    )
    yield _table(said("signatures", language), heads, rows)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{_text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return escape(tame(text))
