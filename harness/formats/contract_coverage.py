"""Coverage of a contract for readers: a line for the terminal, a document for programs, a page that stands alone."""

import html
import json
from collections.abc import Iterable, Mapping

from harness.rules.contract_coverage import Kind, Promised, shares

_PLURAL = {
    Kind.STATUS: ("statuses", "状态码"),
    Kind.PARAMETER: ("parameters", "参数"),
    Kind.MEDIA: ("media types", "媒体类型"),
    Kind.EXAMPLE: ("examples", "示例"),
    Kind.KEYWORD: ("keywords", "约束"),
    Kind.ANSWER: ("answers", "应答"),
}
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}"
    "td,th{border-bottom:1px solid #ddd;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}th{background:#f4f4f4}.no{color:#a3320b}.yes{color:#1c6b35}"
    "code{font-size:.95em}h2{margin-top:2rem;font-size:1.1rem}"
)


def coverage_line(promised: Iterable[Promised]) -> str:
    """`proved: 40 of 52 statuses, 20 of 22 parameters, …`."""
    told = (f"{proved} of {all_} {_PLURAL[kind][0]}" for kind, (proved, all_) in shares(promised).items())
    return "proved: " + (", ".join(told) or "nothing was promised")


def coverage_json(promised: Iterable[Promised], undocumented: Iterable[tuple[str, str, int]]) -> bytes:
    """Every promise, proved or why not, and every answer that no one documented."""
    document = {
        "kind": "harness/contract-coverage",
        "version": 1,
        "promises": [
            {"operation": one.operation, "kind": one.kind, "name": one.name, "proved": one.proved, "why": one.why}
            for one in promised
        ],
        "undocumented": [
            {"operation": operation, "status": status, "count": count} for operation, status, count in undocumented
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def coverage_text(promised: Iterable[Promised]) -> str:
    """One operation's promises as lines, what is not proved first."""
    ordered = sorted(promised, key=lambda one: one.proved)
    return "".join(
        f"{'proved' if one.proved else 'not proved'}  {one.kind} {one.name}{f'  ({one.why})' if one.why else ''}\n"
        for one in ordered
    )


def coverage_page(
    title: str,
    promised: tuple[Promised, ...],
    undocumented: tuple[tuple[str, str, int], ...],
    labels: Mapping[str, str],
) -> bytes:
    """A page in English and Chinese that needs nothing beside it. `labels` by operation id."""
    head = "".join(
        f"<tr><td>{_PLURAL[kind][0]} <span lang=zh>{_PLURAL[kind][1]}</span></td><td>{proved}</td><td>{all_}</td>"
        f"<td>{100 * proved // all_} %</td></tr>"
        for kind, (proved, all_) in shares(promised).items()
    )
    by_operation: dict[str, list[Promised]] = {}
    for one in promised:
        by_operation.setdefault(one.operation, []).append(one)
    body = "".join(_section(labels.get(name, name), some) for name, some in by_operation.items())
    strange = "".join(
        f"<tr><td><code>{html.escape(labels.get(name, name))}</code></td>"
        f"<td>{html.escape(status)}</td><td>{count}</td></tr>"
        for name, status, count in undocumented
    )
    if strange:
        strange = (
            "<h2>Answers that the contract does not document <span lang=zh>合同未记载的应答</span></h2>"
            f"<table><tr><th>operation</th><th>status</th><th>times</th></tr>{strange}</table>"
        )
    page = (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style><h1>{html.escape(title)}</h1>"
        "<p>What of the contract was exercised and kept, and why the rest was not reached. "
        "<span lang=zh>合同中哪些承诺已被验证，其余为何未被验证。</span></p>"
        "<table><tr><th>promise 承诺</th><th>proved 已验证</th><th>of 总数</th><th></th></tr>"
        f"{head}</table>{strange}{body}</html>"
    )
    return page.encode()


def _section(label: str, promised: list[Promised]) -> str:
    proved = sum(one.proved for one in promised)
    rows = "".join(
        f"<tr><td>{one.kind}</td><td><code>{html.escape(one.name)}</code></td>"
        + ("<td class=yes>proved 已验证</td>" if one.proved else f"<td class=no>{html.escape(one.why)}</td>")
        + "</tr>"
        for one in sorted(promised, key=lambda one: one.proved)
    )
    summary = f"<summary><b>{html.escape(label)}</b> {proved} / {len(promised)}</summary>"
    return f"<details>{summary}<table>{rows}</table></details>"
