"""How much a system can take, in sentences."""

from harness.formats.measures import shown
from harness.model.capacity import Bend, Capacity, Step


def step_line(step: Step) -> str:
    """`120 /s: held, p50 2 ms, p95 9 ms, p99 14 ms`."""
    said = {True: "held", False: f"broke {step.why}", None: f"nobody can tell ({step.why})"}[step.held]
    times = (("p50", step.p50_ms), ("p95", step.p95_ms), ("p99", step.p99_ms))
    told = [f"{name} {shown(value, 'ms')}" for name, value in times if value is not None]
    errors = [f"errors {shown(step.errors, 'share')}"] if step.errors else []
    return ", ".join([f"{shown(step.rate_per_s, '/s')}: {said}", *told, *errors])


def answer_line(found: Capacity) -> str:
    """The answer in one sentence."""
    if found.held_per_s is None:
        return "no rate was found at which every limit holds"
    held = shown(found.held_per_s, "/s")
    if found.broke_per_s is None:
        return f"every limit holds up to {held}, the highest rate that was tried"
    why = next(step.why for step in found.steps if step.rate_per_s == found.broke_per_s and step.held is False)
    return f"every limit holds at {held}; at {shown(found.broke_per_s, '/s')} it broke {why}"


def bend_line(bend: Bend) -> str:
    """What the fitted law says."""
    figures = f"contention {shown(bend.contention, 'share')}, coherency {shown(bend.coherency, 'share')}"
    if bend.peak_per_s is None or bend.at is None:
        return f"scalability law: {figures}; no bend within sight"
    peak = shown(bend.peak_per_s, "/s")
    return f"scalability law: {figures}; it bends at about {peak} with {bend.at:.0f} requests under way"
