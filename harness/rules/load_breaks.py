"""What sampled answers broke of the contract, and from which rate on."""

from collections.abc import Iterator

from harness.model.figures import Figures, Slice

_KINDS = 3


def contract_breaks(figures: Figures) -> str:
    """`createOrder 201: body /total: … × 12; 41 of 5000 checked, first at 120 /s`; empty where nothing was checked."""
    answers = figures.answers
    if answers is None or not answers.unlawful:
        return ""
    kinds = sorted(answers.kinds.items(), key=lambda pair: -pair[1])[:_KINDS]
    told = "; ".join(f"{kind} × {count}" for kind, count in kinds)
    return f"{told}; {answers.unlawful} of {answers.checked} checked{_where(figures)}"


def _where(figures: Figures) -> str:
    """From which rate on: told only where every slower second was lawful and some second was."""
    broken = [one for one in figures.slices if one.unlawful]
    lawful = [one for one in figures.slices if one.checked and not one.unlawful]
    if not broken or not lawful:
        return ""
    lowest = min(_rate(one, figures.slice_s) for one in broken)
    if all(_rate(one, figures.slice_s) < lowest for one in lawful):
        return f", only from {lowest:.0f} /s on"
    return ""


def _rate(one: Slice, slice_s: float) -> float:
    return (one.answered + one.failed) / slice_s


def answers_told(figures: Figures) -> Iterator[str]:
    """A sentence on what was checked, where anything was to be."""
    answers = figures.answers
    if answers is None:
        return
    unknown = f", {answers.unknown} had no operation there" if answers.unknown else ""
    breaks = f": {contract_breaks(figures)}" if answers.unlawful else ""
    yield f"{answers.checked} answers held against the contract, {answers.unlawful} broke it{unknown}{breaks}"
