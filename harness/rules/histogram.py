"""Counting times so that percentiles stay honest and parts add up exactly.

The buckets are those of an HDR histogram with nine bits: whole microseconds up to 1,023, from there
512 buckets to each doubling, so a value read back is never off by more than 0.2 %. Counts of the same
bucket simply add, which is why figures of several seconds or several workers merge without loss.
(The `hdrhistogram` package keeps a dense array per histogram and records through ctypes; a sparse
mapping costs one dictionary update a request, and most histograms here are small.)
"""

from collections.abc import Iterable, Mapping

_BITS = 10
_HALF = 1 << (_BITS - 1)

Counts = Mapping[int, int]


def bucket_of(value_us: int) -> int:
    """The bucket that a time in whole microseconds (0 or more) falls into."""
    shift = value_us.bit_length() - _BITS
    if shift <= 0:
        return value_us
    return (shift << (_BITS - 1)) + (value_us >> shift)


def top_of(bucket: int) -> int:
    """The longest time in microseconds that falls into a bucket: what is told for it, so never too little."""
    if bucket < 2 * _HALF:
        return bucket
    shift = (bucket >> (_BITS - 1)) - 1
    head = (bucket & (_HALF - 1)) | _HALF
    return ((head + 1) << shift) - 1


def merged(parts: Iterable[Counts]) -> dict[int, int]:
    """All counts together."""
    total: dict[int, int] = {}
    for part in parts:
        for bucket, count in part.items():
            total[bucket] = total.get(bucket, 0) + count
    return total


def size_of(counts: Counts) -> int:
    """How many times were counted."""
    return sum(counts.values())


def percentile_us(counts: Counts, percent: float) -> int | None:
    """The time that `percent` of all counted times do not exceed, in microseconds; None where nothing was counted."""
    total = size_of(counts)
    if total == 0:
        return None
    wanted = max(1, -(-total * percent // 100))
    seen = 0
    bucket = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            break
    return top_of(bucket)
