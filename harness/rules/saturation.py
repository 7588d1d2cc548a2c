"""When figures say more about the load generator than about the system.

Being late only ever makes a time look worse, so a latency limit that is kept stands. One that is broken stands
too, unless what the generator itself was late would be enough to explain it.
"""

from harness.model.figures import Figures
from harness.model.load import Limit
from harness.rules.histogram import percentile_us
from harness.rules.limits import holds

MOST_CPU_SHARE = 0.95
MOST_MEDIAN_LATE_MS = 50.0


def overloaded(figures: Figures) -> str | None:
    """Why the load that was asked for was not really offered, as a clause; None where it was."""
    generator = figures.generator
    if generator.cpu_share > MOST_CPU_SHARE:
        return f"it used {generator.cpu_share:.0%} of its core"
    median_ms = late_ms(figures, 50)
    if median_ms > MOST_MEDIAN_LATE_MS:
        return f"half of the arrivals began more than {median_ms:.0f} ms late"
    return None


def explains(figures: Figures, limit: Limit, value: float) -> str | None:
    """Why a broken limit may be the generator's own doing, as a clause; None where it is the system's."""
    if limit.unit != "ms":
        return None
    percent = {"max": 100.0, "mean": 50.0}.get(limit.measure)
    own_ms = late_ms(figures, float(limit.measure.removeprefix("p")) if percent is None else percent)
    if own_ms > 0 and holds(limit, max(0.0, value - own_ms)):
        return f"it was itself {own_ms:.1f} ms late at {limit.measure}"
    return None


def late_ms(figures: Figures, percent: float) -> float:
    """How late the generator was, in ms, at a percentile of its arrivals; 0 where nothing was seen."""
    found = percentile_us(figures.generator.late_us, percent)
    return 0.0 if found is None else min(found, figures.generator.late_max_us) / 1000
