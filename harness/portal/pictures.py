"""Which pictures are shown in place: PNG and JPEG by their own bytes, and none that would fill a reader's memory."""

import struct
from typing import IO

MOST_PIXELS = 50_000_000
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame, of any kind
_MOST_SEGMENTS = 2000


def shown_as(file: IO[bytes]) -> str:
    """The media type in which a picture is shown; empty for what is none, or too large to be opened unasked."""
    file.seek(0)
    head = file.read(24)
    if head.startswith(_PNG):
        size = struct.unpack(">II", head[16:24]) if len(head) == 24 and head[12:16] == b"IHDR" else None
        return "image/png" if _fits(size) else ""
    if head.startswith(_JPEG):
        return "image/jpeg" if _fits(_jpeg_size(file)) else ""
    return ""


def _fits(size: tuple[int, ...] | None) -> bool:
    return size is not None and 0 < size[0] * size[1] <= MOST_PIXELS


def _jpeg_size(file: IO[bytes]) -> tuple[int, ...] | None:
    """(height, width) of the first frame, found from segment to segment."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        marker = file.read(4)
        if len(marker) < 4 or marker[0] != 0xFF:
            return None
        length = struct.unpack(">H", marker[2:])[0]
        if marker[1] in _FRAMES:
            frame = file.read(5)
            return struct.unpack(">HH", frame[1:]) if len(frame) == 5 else None
        if length < 2:
            return None
        file.seek(length - 2, 1)
    return None
