"""A picture is shown in place for what it is, and never one that would take a reader's memory."""

import hashlib
import io
import struct
import zlib

import pytest

from harness.portal.pictures import MOST_PIXELS, shown_as
from harness.portal.views.evidence import address_of
from tests.portal.publication import PICTURE


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


def jpeg(width: int, height: int, before: bytes = b"") -> bytes:
    return b"\xff\xd8" + before + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + bytes(20)


APP = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PICTURE, "image/png"),
        (png(1280, 20_000), "image/png"),
        (png(50_000, 50_000), ""),
        (png(MOST_PIXELS, 1), "image/png"),
        (png(MOST_PIXELS + 1, 1), ""),
        (png(0, 5), ""),
        (png(5, 5)[:20], ""),
        (png(5, 5).replace(b"IHDR", b"IEND"), ""),
        (jpeg(640, 480), "image/jpeg"),
        (jpeg(640, 480, APP * 3), "image/jpeg"),
        (jpeg(65_000, 65_000, APP), ""),
        (b"\xff\xd8\xff", ""),
        (b"\xff\xd8" + APP * 3000, ""),
        (b"\xff\xd8\xff\xe0\0\0" + bytes(50), ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"", ""),
    ],
)
def test_what_is_shown_is_a_picture_of_a_size_that_can_be_shown(body, said):
    assert shown_as(io.BytesIO(body)) == said


def test_a_gigantic_picture_is_a_download(portal):
    bomb = png(50_000, 50_000)
    portal.publish(pictures=(bomb, PICTURE))

    def way(body: bytes) -> str:
        address = address_of(hashlib.sha256(body).hexdigest(), "image/png").removeprefix("https://evidence.test")
        answer = portal.client.get(address, headers={"Host": "evidence.test"})
        return answer.headers["content-disposition"].split(";")[0]

    assert (way(bomb), way(PICTURE)) == ("attachment", "inline")
