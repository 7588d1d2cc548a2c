"""How long an answer waits, drawn as WireMock's delay distributions say."""

import math
from typing import assert_never

from harness.mocks.draws import Draws
from harness.mocks.messages import Reply
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


def silence_ms(reply: Reply) -> float:
    """The longest time in which a client hears nothing: what its read timeout is held against."""
    return max(reply.delay_ms, reply.dribble.total_ms / reply.dribble.pieces if reply.dribble is not None else 0.0)


def takes_ms(reply: Reply) -> float:
    """How long an answer takes until its last byte."""
    return reply.delay_ms + (reply.dribble.total_ms if reply.dribble is not None else 0.0)
