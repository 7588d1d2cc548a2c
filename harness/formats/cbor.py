"""As much CBOR (RFC 8949) as a passkey's public key needs: a flat map of whole numbers to numbers, bytes and text.

Everything else is refused: indefinite lengths, longer forms than needed, keys given twice, bytes left over.
"""

Value = int | bytes | str
_MOST_MEMBERS = 32


def read_cbor(body: bytes) -> dict[int, Value]:
    """The map; ValueError for anything else."""
    kind, count, at = _head(body, 0)
    if kind != 5 or count > _MOST_MEMBERS:
        raise ValueError("it is not a small CBOR map")
    found: dict[int, Value] = {}
    for _ in range(count):
        key, at = _value(body, at)
        value, at = _value(body, at)
        if not isinstance(key, int) or key in found:
            raise ValueError("a key in it is no number, or given twice")
        found[key] = value
    if at != len(body):
        raise ValueError("bytes are left over behind it")
    return found


def _value(body: bytes, at: int) -> tuple[Value, int]:
    kind, count, at = _head(body, at)
    match kind:
        case 0:
            return count, at
        case 1:
            return -1 - count, at
        case 2 | 3:
            raw = body[at : at + count]
            if len(raw) != count:
                raise ValueError("it breaks off")
            return (raw if kind == 2 else raw.decode()), at + count
        case _:
            raise ValueError("it holds what no key holds")


def _head(body: bytes, at: int) -> tuple[int, int, int]:
    """(major type, number, where the rest begins)."""
    if at >= len(body):
        raise ValueError("it breaks off")
    kind, short = body[at] >> 5, body[at] & 31
    if short < 24:
        return kind, short, at + 1
    if short > 27:
        raise ValueError("it has no definite length")
    width = 1 << (short - 24)
    raw = body[at + 1 : at + 1 + width]
    number = int.from_bytes(raw)
    if len(raw) != width or number < (24, 1 << 8, 1 << 16, 1 << 32)[short - 24]:
        raise ValueError("it breaks off, or a number in it is written longer than needed")
    return kind, number, at + 1 + width
