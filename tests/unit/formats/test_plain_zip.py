"""An archive that is written in one way: others' tools read it, and no changed byte passes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.dsse import NotTrusted
from harness.formats.plain_zip import read_zip, write_zip

BODY = write_zip({"a.json": b"{}", "evidence/00ff": b"\0\1\2" * 20, "empty": b""})


def test_other_peoples_tools_read_it():
    with zipfile.ZipFile(io.BytesIO(BODY)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.json", "evidence/00ff", "empty"]
        assert archive.read("a.json") == b"{}"


def test_what_was_written_is_read():
    assert read_zip(BODY) == {"a.json": b"{}", "evidence/00ff": b"\0\1\2" * 20, "empty": b""}


@given(st.integers(0, len(BODY) * 8 - 1))
def test_a_flipped_bit_is_refused_unless_a_member_tells_it(bit):
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotTrusted):
        read_zip(bytes(changed))


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"\0", b"x" + BODY, BODY[:40], write_zip({}), BODY[:20]])
def test_a_cut_or_padded_archive_is_refused(body):
    with pytest.raises(NotTrusted):
        read_zip(body)


def packed(names, how=zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name in names:
            archive.writestr(name, b"x" * 10_000)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [["../a"], ["/a"], ["a", "a"], ["C:\\a"], ["a/../b"], ["a\0b"], ["ok"], [".hidden"]])
def test_archives_of_others_and_names_that_lead_out_are_refused(names):
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with pytest.raises(NotTrusted):
            read_zip(packed(names, how))


@pytest.mark.parametrize("name", ["../a", "/a", "a b", "", "a/", "a//b", ".git", "ä"])
def test_such_names_are_not_written_either(name):
    with pytest.raises(ValueError):
        write_zip({name: b""})
