"""Changes of a contract as lines and as Markdown; hostile names stay text."""

import pytest

from harness.formats.change_text import change_lines, change_markdown
from harness.model.change import Change, Weight

BREAKS = Change(
    rule="operation-removed",
    weight=Weight.BREAKING,
    operation="getOrder",
    place="",
    said="the operation is gone",
    way="keep it",
    affected=("mocks/erp/mappings/a.json:5",),
)
NEW = Change(rule="x", weight=Weight.SAFE, operation="<b>`evil`\x1b[2J", place="response 200", said="it is new")


def test_a_person_reads_what_broke_who_is_affected_and_what_to_do():
    lines = list(change_lines((BREAKS, NEW)))
    assert lines[0] == "  breaking  getOrder   the operation is gone"
    assert lines[1].strip() == "affected: mocks/erp/mappings/a.json:5"
    assert lines[2].strip() == "keep it   [operation-removed]"
    assert lines[-1] == "2 changes: 1 breaking, 1 safe"
    assert "\x1b" not in "".join(lines)


def test_markdown_shows_names_as_they_are():
    text = change_markdown((BREAKS, NEW))
    assert text.startswith("## 2 changes: 1 breaking, 1 safe")
    assert "- ❌ `getOrder` the operation is gone (keep it)" in text
    assert "\x1b" not in text
    assert "- ✅ ``<b>`evil`" in text  # a code span that the name can't end


@pytest.mark.parametrize("write", [lambda found: "\n".join(change_lines(found)), change_markdown])
def test_no_change_is_said_too(write):
    assert "no change that a consumer could see" in write(())
