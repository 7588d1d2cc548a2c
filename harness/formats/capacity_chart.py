"""The search for capacity as a picture: times over arrival rate, what held and what broke."""

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape

from harness.formats.capacity_text import answer_line
from harness.formats.measures import shown
from harness.model.capacity import Capacity, Step
from harness.model.load import Limit

_WIDTH, _HEIGHT, _LEFT, _TOP = 860, 300, 80, 60
_PLOT_W, _PLOT_H = _WIDTH - _LEFT - 30, _HEIGHT - _TOP - 50
_TIMES = (("p50_ms", "p50", "#2b6cb0"), ("p95_ms", "p95", "#dd6b20"), ("p99_ms", "p99", "#c53030"))


def capacity_chart(title: str, found: Capacity, limits: tuple[Limit, ...]) -> bytes:
    """Plain SVG with a title and a description; both scales are logarithmic, as the search is."""
    steps = sorted(found.steps, key=lambda step: step.rate_per_s)
    body = (
        "".join(_drawn(title, steps, limits))
        if any(step.p50_ms for step in steps)
        else _label(_LEFT, 80, "nothing seen")
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" font-family="system-ui, sans-serif"><title>{escape(title)}</title>'
        f"<desc>{escape(answer_line(found))}</desc>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>{body}</svg>\n'
    ).encode()


def _drawn(title: str, steps: list[Step], limits: tuple[Limit, ...]) -> Iterator[str]:
    times = [value for step in steps for key, _, _ in _TIMES if (value := getattr(step, key))]
    lowest, highest = min(times), max(times)
    slow, fast = math.log(lowest * 0.8), math.log(highest * 1.25)
    first, last = math.log(steps[0].rate_per_s * 0.9), math.log(steps[-1].rate_per_s * 1.1)

    def x(rate: float) -> float:
        return round(_LEFT + _PLOT_W * (math.log(rate) - first) / (last - first), 1)

    def y(time_ms: float) -> float:
        return round(_TOP + _PLOT_H * (1 - (math.log(time_ms) - slow) / (fast - slow)), 1)

    yield _label(_LEFT, 24, title, size=15)
    yield f'<path d="M{_LEFT} {_TOP}V{_TOP + _PLOT_H}H{_LEFT + _PLOT_W}" fill="none" stroke="#4a5568"/>'
    for value in (lowest, math.sqrt(lowest * highest), highest):
        yield _label(_LEFT - 8, y(value) + 4, shown(value, "ms"), anchor="end")
    for limit in limits:
        if limit.subject == "all" and limit.unit == "ms" and slow < math.log(limit.value) < fast:
            at = y(limit.value)
            yield f'<path d="M{_LEFT} {at}H{_LEFT + _PLOT_W}" fill="none" stroke="#718096" stroke-dasharray="6 4"/>'
            yield _label(_LEFT + _PLOT_W, at - 4, limit.text, anchor="end")
    for number, (key, name, colour) in enumerate(_TIMES):
        points = " ".join(f"{x(step.rate_per_s)},{y(value)}" for step in steps if (value := getattr(step, key)))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield _label(_LEFT + _PLOT_W - 90 + 40 * number, 44, name, colour=colour)
    for step in steps:
        yield from _rate(x(step.rate_per_s), step)


def _rate(x: float, step: Step) -> Iterator[str]:
    """A rate under its mark: the mark is a shape, not a colour alone."""
    sign, colour = {True: ("✓", "#276749"), False: ("✗", "#c53030"), None: ("?", "#4a5568")}[step.held]
    yield _label(x, _TOP + _PLOT_H + 18, sign, anchor="middle", colour=colour, size=14)
    yield _label(x, _TOP + _PLOT_H + 34, shown(step.rate_per_s, "/s"), anchor="middle")


def _label(x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, colour: str = "#1a202c") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
