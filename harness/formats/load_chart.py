"""A load run as one picture: response times above, rates below, over the time of the run.

Plain SVG with a title and a description, no script and no outside reference, so that it can be shown anywhere.
"""

from collections.abc import Callable, Iterable, Sequence
from xml.sax.saxutils import escape

from harness.formats.measures import shown
from harness.model.figures import Figures, Slice
from harness.model.load import Limit
from harness.rules.histogram import percentile_us

_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP, _GAP = 860, 190, 70, 20, 56, 58
_PLOT = _WIDTH - _LEFT - _RIGHT
_TIMES = (("p50", "#2b6cb0"), ("p95", "#dd6b20"), ("p99", "#c53030"))
_RATES = (("answered", "#2f855a"), ("failed", "#c53030"), ("dropped", "#805ad5"))

Point = tuple[float, float]


def load_chart(title: str, figures: Figures, limits: tuple[Limit, ...]) -> bytes:
    """The picture. Limits of times on `all` are drawn as dashed lines, the warm-up is shaded."""
    slices = figures.slices
    end_s = max([figures.slice_s, *(one.at_s + figures.slice_s for one in slices)])
    height = _TOP + 2 * _PANEL + _GAP + 40
    body = [
        _text(_LEFT, 22, title, size=15, weight="bold"),
        *_times_panel(figures, limits, end_s, _TOP),
        *_rates_panel(figures, end_s, _TOP + _PANEL + _GAP),
        _text(_LEFT + _PLOT, height - 8, "seconds from the first arrival", anchor="end", size=11),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif"><title>{escape(title)}</title>'
        f"<desc>{escape(_description(figures))}</desc>"
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    )
    return (head + "".join(body) + "</svg>\n").encode()


def _times_panel(figures: Figures, limits: tuple[Limit, ...], end_s: float, top: float) -> Iterable[str]:
    lines = {name: _percentiles(figures.slices, float(name[1:])) for name, _ in _TIMES}
    drawn = [one for one in limits if one.subject == "all" and one.unit == "ms" and one.measure in lines]
    highest = max([1.0, *(y for points in lines.values() for _, y in points)])
    near = [limit.value for limit in drawn if limit.value <= highest * 3]
    scale = _Scale(end_s=end_s, most=max([highest, *near]) * 1.08, top=top)
    yield from _frame(scale, figures.warm_up_s, lambda y: shown(y, "ms"), "response time")
    for limit in drawn:
        if limit.value <= scale.most:
            yield _limit_line(scale, limit, dict(_TIMES)[limit.measure])
    for name, colour in _TIMES:
        yield _line(scale, lines[name], colour)
    yield from _legend(_TIMES, top)


def _rates_panel(figures: Figures, end_s: float, top: float) -> Iterable[str]:
    width = figures.slice_s
    lines: dict[str, list[Point]] = {
        "answered": [(one.at_s + width / 2, one.answered / width) for one in figures.slices],
        "failed": [(one.at_s + width / 2, one.failed / width) for one in figures.slices],
        "dropped": [(one.at_s + width / 2, one.dropped / width) for one in figures.slices],
    }
    scale = _Scale(end_s=end_s, most=max([1.0, *(y for points in lines.values() for _, y in points)]) * 1.08, top=top)
    yield from _frame(scale, figures.warm_up_s, lambda y: f"{y:g}", "requests per second, by when they were due")
    for name, colour in _RATES:
        if name == "answered" or any(y for _, y in lines[name]):
            yield _line(scale, lines[name], colour)
    yield from _legend(_RATES, top)


class _Scale:
    """Seconds and values to points of the picture."""

    def __init__(self, *, end_s: float, most: float, top: float) -> None:
        self.end_s, self.most, self.top = end_s, most, top

    def x(self, at_s: float) -> float:
        return round(_LEFT + _PLOT * min(1.0, at_s / self.end_s), 1)

    def y(self, value: float) -> float:
        return round(self.top + _PANEL * (1 - min(1.0, value / self.most)), 1)


def _percentiles(slices: Sequence[Slice], percent: float) -> list[Point]:
    found = ((one.at_s, percentile_us(one.response_us, percent)) for one in slices)
    width = slices[1].at_s - slices[0].at_s if len(slices) > 1 else 1.0
    return [(at_s + width / 2, time_us / 1000) for at_s, time_us in found if time_us is not None]


def _frame(scale: _Scale, warm_up_s: float, label: Callable[[float], str], caption: str) -> Iterable[str]:
    bottom = scale.top + _PANEL
    if warm_up_s > 0:
        width = scale.x(warm_up_s) - _LEFT
        yield f'<rect x="{_LEFT}" y="{scale.top}" width="{width}" height="{_PANEL}" fill="#edf2f7"/>'
    yield _text(_LEFT, scale.top - 10, caption, size=12, weight="bold")
    for value in _ticks(scale.most, 4):
        y = scale.y(value)
        yield f'<line x1="{_LEFT}" y1="{y}" x2="{_LEFT + _PLOT}" y2="{y}" stroke="#e2e8f0"/>'
        yield _text(_LEFT - 8, y + 4, label(value), anchor="end", size=11)
    for at_s in _ticks(scale.end_s, 10):
        yield _text(scale.x(at_s), bottom + 16, f"{at_s:g}", anchor="middle", size=11)
    yield f'<path d="M{_LEFT} {scale.top}V{bottom}H{_LEFT + _PLOT}" fill="none" stroke="#4a5568"/>'


def _line(scale: _Scale, points: Sequence[Point], colour: str) -> str:
    if not points:
        return ""
    if len(points) == 1:
        return f'<circle cx="{scale.x(points[0][0])}" cy="{scale.y(points[0][1])}" r="3" fill="{colour}"/>'
    path = " ".join(f"{scale.x(x)},{scale.y(y)}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _limit_line(scale: _Scale, limit: Limit, colour: str) -> str:
    y = scale.y(limit.value)
    line = f'<line x1="{_LEFT}" y1="{y}" x2="{_LEFT + _PLOT}" y2="{y}" stroke="{colour}" stroke-dasharray="6 4"/>'
    return line + _text(_LEFT + _PLOT, y - 4, limit.text, anchor="end", size=11, fill=colour)


def _legend(entries: Iterable[tuple[str, str]], top: float) -> Iterable[str]:
    x = _LEFT + _PLOT - 10
    for name, colour in reversed(tuple(entries)):
        yield _text(x, top - 10, name, anchor="end", size=12, fill=colour, weight="bold")
        x -= 12 + 8 * len(name)


def _ticks(most: float, about: int) -> list[float]:
    """Round values from 0 to `most`, about so many."""
    rough = most / about
    magnitude = 10.0 ** (len(f"{rough:.0f}") - 1) if rough >= 1 else 10.0 ** -len(f"{1 / rough:.0f}")
    step = next(magnitude * factor for factor in (1, 2, 5, 10, 20, 50, 100) if magnitude * factor >= rough)
    return [step * index for index in range(int(most / step) + 1)]


def _description(figures: Figures) -> str:
    requests = sum(one.requests for one in figures.operations)
    failed = sum(one.failed for one in figures.operations)
    return f"{requests} requests in {figures.window_s:.0f} s, {failed} failed, {figures.dropped or 0} arrivals dropped."


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    fill: str = "#1a202c",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
