"""How long an answer waits, drawn as WireMock's delay distributions say."""

import math
from typing import assert_never

from harness.mocks.draws import Draws
from harness.model.mock import Delay, FixedDelay, LogNormalDelay, UniformDelay

LONGEST_MS = 600_000.0


def drawn_ms(delay: Delay, draws: Draws) -> float:
    """One delay in milliseconds, never longer than ten minutes."""
    match delay:
        case FixedDelay(ms=ms):
            return min(float(ms), LONGEST_MS)
        case UniformDelay(lower_ms=lower, upper_ms=upper):
            return min(float(draws.between(lower, upper)), LONGEST_MS)
        case LogNormalDelay(median_ms=median, sigma=sigma, max_ms=most):
            value = math.exp(sigma * draws.normal()) * median
            return min(value, LONGEST_MS if most is None else most)
    assert_never(delay)
