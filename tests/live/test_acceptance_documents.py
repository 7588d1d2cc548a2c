"""Certificates as PDF: tagged, with their Chinese letters in them, one sheet; of a bundle that holds, of no other."""

import contextlib
import re
import zlib
from pathlib import Path

import pytest

from harness.cli import main
from tests.unit.bundles import PINNED, Writing, story

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


def test_a_bundle_becomes_pages_and_tagged_pdfs(tmp_path):
    bundle = tmp_path / "acceptance.zip"
    bundle.write_bytes(story().bundle())
    assert main(["verify", str(bundle), "--key", PINNED[0], "--documents", str(tmp_path / "out"), "--pdf"]) == 0
    made = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    assert len(made) == 8
    for name, body in made.items():
        if name.endswith(".pdf"):
            assert body.startswith(b"%PDF-") and b"/StructTreeRoot" in body and b"/MarkInfo" in body, name
            assert (b"/Lang (zh-CN)" in body) == (".zh." in name), name
            assert re.search(rb"/FontFile[23]", body), f"{name} has no font in it"
            assert b"/Outlines" in body, name
    sheet = made["certificate-7F3A-92KD.zh.pdf"]
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 1
    assert set("验收证书签署") <= letters(sheet), "the Chinese letters are drawn by no font in it"
    assert not set("验收证书签署") & letters(made["certificate-7F3A-92KD.en.pdf"])  # the control of that


def letters(pdf: bytes) -> set[str]:
    """The letters that fonts inside a PDF say they draw."""
    found: set[str] = set()
    for body in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            plain = zlib.decompressobj().decompress(body)
            for pair in re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]{4})>", plain):
                found.add(chr(int(pair, 16)))
    return found


def test_a_bundle_that_does_not_hold_becomes_nothing(tmp_path):
    bundle = tmp_path / "acceptance.zip"
    body = bytearray(story().bundle())
    body[5000] ^= 1
    bundle.write_bytes(bytes(body))
    assert main(["verify", str(bundle), "--key", PINNED[0], "--documents", str(tmp_path / "out"), "--pdf"]) == 3
    log = Path(tmp_path / "log.zip")
    log.write_bytes(Writing(entries=story().entries).whole())
    assert main(["verify", str(log), "--key", PINNED[0], "--documents", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()
