"""What goes on at a mock, for people and for Prometheus: who answered, or which stub was nearest and why it did not.

Only what a line needs: method, path, status. No query, header or body is shown.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from harness.mocks.asked import Asked, Interaction
from harness.mocks.engine import Mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.sessions import session_of

Counted = tuple[str | None, int, Source]
_LONGEST = 200
_WORDS = {
    "en": ("Interactions of", "time", "request", "status", "answered by", "why", "nothing was asked yet", "in all"),
    "zh": ("交互记录：", "时间", "请求", "状态", "应答来源", "原因", "尚无请求", "共计"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One interaction as a line. `by` says what answered it; `why` what was wrong with it, or who nearly answered."""

    at_ms: int
    method: str
    path: str
    status: int
    by: str
    why: str = ""


class Watched(Asked):
    """The last interactions, with counts of all; `hear` is told each one."""

    def __init__(self, hear: Callable[[Interaction], None] | None = None) -> None:
        super().__init__()
        self.counts: dict[Counted, int] = {}
        self._hear = hear

    def note(self, request: Request, path: str, reply: Reply, at_ms: int) -> None:
        """One interaction more."""
        super().note(request, path, reply, at_ms)
        key = (reply.operation, reply.status, reply.source)
        self.counts[key] = self.counts.get(key, 0) + 1
        if self._hear is not None:
            self._hear(next(iter(self)))


def row_of(one: Interaction, mock: Mock) -> Row:
    """One interaction as a line."""
    reply = one.reply
    by = f"stub {reply.stub}" if reply.stub is not None else reply.source.value
    why = "; ".join(str(broken) for broken in (*reply.violations, *reply.drift)[:2])
    if reply.source is Source.UNMATCHED:
        by, why = "nothing", _nearest(one.request, mock)
    elif reply.fault is not None:
        why = f"the connection was broken: {reply.fault.value}"
    return Row(
        at_ms=one.at_ms,
        method=one.request.method,
        path=one.path[:_LONGEST],
        status=reply.status,
        by=by[:_LONGEST],
        why=why[:_LONGEST],
    )


def _nearest(request: Request, mock: Mock) -> str:
    # here, so that a mock whose requests all fit starts without it
    from harness.mocks.near_misses import near_misses

    states = mock.sessions.named(session_of(request)).states
    for miss in near_misses(mock.stubs.all, request, states, most=1):
        return f"nearest is {miss.stub.mapping.name}, but for {', '.join(miss.differs)}"
    return "no operation of the contract fits" if mock.has_contract else "there are no stubs"


def words_for(language: str) -> tuple[tuple[str, ...], str]:
    """The heads of a table (request, status, answered by, why), and how the sum is called."""
    words = _WORDS["zh" if language.startswith("zh") else "en"]
    return words[2:6], words[-1]


def json_line(row: Row) -> str:
    """A line for programs."""
    return json.dumps({"kind": "interaction", **asdict(row)}, ensure_ascii=False)


def metrics(name: str, counts: Mapping[Counted, int]) -> bytes:
    """The counts in Prometheus's text format."""
    lines = [
        "# HELP harness_mock_requests_total Requests that the mock answered.",
        "# TYPE harness_mock_requests_total counter",
    ]
    told = sorted(
        (operation or "", status, source.value, count) for (operation, status, source), count in counts.items()
    )
    for operation, status, source, count in told:
        labels = {"mock": name, "operation": operation, "status": str(status), "source": source}
        shown = ",".join(f'{key}="{_label(value)}"' for key, value in labels.items())
        lines.append(f"harness_mock_requests_total{{{shown}}} {count}")
    return ("\n".join(lines) + "\n").encode()


def page(name: str, rows: Iterable[Row], total: int, language: str) -> bytes:
    """A small page that renews itself; without script, and nothing of a client is taken for markup."""
    import html  # here: it is large, and most mocks are never looked at

    title, *heads, nothing, in_all = _WORDS["zh" if language.startswith("zh") else "en"]
    body = "".join(
        f"<tr><td>{row.at_ms // 1000 % 86400 // 3600:02}:{row.at_ms // 60000 % 60:02}:{row.at_ms // 1000 % 60:02}Z</td>"
        f"<td>{html.escape(f'{row.method} {row.path}')}</td><td>{row.status}</td>"
        f"<td>{html.escape(row.by)}</td><td>{html.escape(row.why)}</td></tr>"
        for row in rows
    )
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else f"<p>{nothing}</p>"
    return (
        f'<!doctype html><html lang="{"zh-CN" if language.startswith("zh") else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">'
        f"<title>{title} {html.escape(name)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title} {html.escape(name)}</h1><p>{in_all}: {total}</p>{table}</main></body></html>"
    ).encode()


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #bbb;"
    "overflow-wrap:anywhere;vertical-align:top}"
)


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
