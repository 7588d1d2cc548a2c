"""What is swapped after a plan was sealed is noticed, whenever it happens and also where it is put back."""

import os
import shutil

import pytest

from harness.adapters.sealed_files import SealedFiles
from harness.formats.documents import digest

NAMES = ("contracts/orders.yaml", "uat/test_orders.py", "load/peak.toml", "mocks/erp/mappings/one.json")


@pytest.fixture
def sealed(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"what {name} promises")
    digests = [("tier", "0"), *((name, digest((tmp_path / name).read_bytes())) for name in NAMES)]
    return SealedFiles(tmp_path, digests)


def written(file):
    file.write_text("easier")


def other_of_the_same_name(file):
    file.with_name("other").write_text("easier")
    file.with_name("other").replace(file)


def gone(file):
    file.unlink()


def there_and_back(file):
    before = file.read_bytes()
    file.write_text("easier")
    file.write_bytes(before)


def there_and_back_with_its_old_times(file):
    was, before = file.stat(), file.read_bytes()
    file.write_text("easier")
    file.write_bytes(before)
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))


def moved_away_and_back(file):
    kept = file.with_name("kept")
    shutil.copy2(file, kept)
    file.write_text("easier")
    kept.replace(file)


SWAPS = (written, other_of_the_same_name, gone, there_and_back, there_and_back_with_its_old_times, moved_away_and_back)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("swap", SWAPS, ids=lambda one: one.__name__)
def test_a_swap_is_noticed_by_the_files_name(tmp_path, sealed, swap, name):
    swap(tmp_path / name)
    assert sealed.changed() == (name,)


def test_control_files_that_are_read_are_not_changed(tmp_path, sealed):
    for name in NAMES:
        (tmp_path / name).read_bytes()
    (tmp_path / "uat" / "test_new.py").write_text("nobody promised this")
    assert sealed.changed() == ()


def test_control_a_watch_on_content_alone_would_not_notice_what_was_put_back(tmp_path, sealed):
    there_and_back(tmp_path / NAMES[0])
    assert digest((tmp_path / NAMES[0]).read_bytes()) == digest(f"what {NAMES[0]} promises".encode())


def test_a_file_that_was_other_than_sealed_from_the_beginning_is_noticed(tmp_path, sealed):
    late = SealedFiles(tmp_path, [(NAMES[0], digest(b"as it was read"))])
    assert late.changed() == (NAMES[0],)
