"""YAML and JSON documents: plain values with lines, and nothing that a document may do to its reader."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import AskedWrongly
from harness.formats.json_safely import parse_json
from harness.formats.yaml_safely import parse_yaml


def refused(parse: object, body: bytes) -> tuple[str, int | None]:
    with pytest.raises(AskedWrongly) as caught:
        parse(body, "a.yaml")  # type: ignore[operator]
    problem = caught.value.problems[0]
    return problem.message, problem.place.line if problem.place else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("2026-01-01", "2026-01-01"),
        ("12:30:00", "12:30:00"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("010", 10),
        ("0o10", 8),
        ("1e3", 1000.0),
        ("1.0", 1.0),
        ("'1'", "1"),
        ("! 1", "1"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("0x1F", 31),
        (".5", 0.5),
        ("1_000", "1_000"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    read = parse_yaml(f"a: {text}".encode(), "a.yaml").value["a"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_text_as_written() -> None:
    assert parse_yaml(b"200: a\nno: b\n1.0: c", "a.yaml").value == {"200": "a", "no": "b", "1.0": "c"}


def test_merge_keys_fold_in_and_are_overridden() -> None:
    marked = parse_yaml(b"base: &b {x: 1, y: 2}\nmade:\n  <<: *b\n  y: 3\nlist:\n  <<: [*b, {z: 9}]\n", "a.yaml")
    assert marked.value["made"] == {"x": 1, "y": 3}
    assert marked.value["list"] == {"x": 1, "y": 2, "z": 9}


def test_an_alias_shares_what_was_anchored() -> None:
    assert parse_yaml(b"a: &x [1, {b: 2}]\nc: *x", "a.yaml").value["c"] == [1, {"b": 2}]


def test_every_key_knows_its_line() -> None:
    marked = parse_yaml(b"a:\n  b: 1\n\n  c:\n    d: 2\n", "a.yaml")
    assert marked.line_of(marked.value, "a") == 1
    assert marked.line_of(marked.value["a"], "c") == 4
    assert marked.line_of(marked.value["a"]["c"], "d") == 5


def test_json_keys_know_their_lines_though_strings_hold_line_separators() -> None:
    marked = parse_json('{"a": "\u2028 x",\n "b": [\n  {"c": 1}]}'.encode(), "a.json")
    assert marked.line_of(marked.value, "b") == 2
    assert marked.line_of(marked.value["b"][0], "c") == 3


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        (b"a: 1\nb: 2\na: 3\n", "key `a` is given twice", 3),
        (b"a: !!python/object:os.system x", "tag `tag:yaml.org,2002:python/object:os.system` is not for contracts", 1),
        (b"a: !thing {b: 1}", "tag `!thing` is not for contracts", 1),
        (b"a: 1\n---\nb: 2\n", "a second document begins here; one file holds one", 2),
        (b"a: &x [*x]", "alias `*x` names nothing that is complete before it", 1),
        (b"? [1, 2]\n: 3\n", "a key must be text", 1),
        (b"a: 1e999", "a number too large to be held", 1),
    ],
)
def test_yaml_that_is_refused(body: bytes, message: str, line: int) -> None:
    assert refused(parse_yaml, body) == (message, line)


def test_yaml_that_is_broken_names_the_line() -> None:
    message, line = refused(parse_yaml, b"a: 1\n b: 2\n")
    assert message.startswith("not readable as YAML: ")
    assert line == 2


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    lines = [b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]".encode() for i in range(1, 10)]
    assert refused(parse_yaml, b"\n".join(lines))[0] == "its aliases expand into more values than can be held"


def test_a_large_document_without_aliases_is_no_bomb() -> None:
    body = b"\n".join(b"k%d: [a, b, c, d, e, f, g, h]" % number for number in range(20_000))
    assert len(parse_yaml(body, "a.yaml").value) == 20_000


@pytest.mark.parametrize("parse", [parse_yaml, parse_json])
def test_nesting_without_end_is_refused(parse: object) -> None:
    assert refused(parse, b"[" * 10_000)[0] == "nested deeper than 200 levels"


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        (b'{"a": 1,\n "a": 2}', "key `a` is given twice", 2),
        (b'{"a": 1,\n}', "not readable as JSON: `}` is not expected here", 2),
        (b'{"a" 1}', "not readable as JSON: `1` is not expected here", 1),
        (b'{"a": 01}', "not readable as JSON: `1` is not expected here", 1),
        (b'{"a": 1} x', "not readable as JSON: `x` is not expected here", 1),
        (b'{"a": [1', "not readable as JSON: it ends too early", 1),
        (b'{"a": "\\x"}', 'not readable as JSON: `"` is not expected here', 1),
        (b'{"a": NaN}', "not readable as JSON: `N` is not expected here", 1),
        (b'{"a": 1e999}', "a number too large to be held", 1),
        (b"\xff", "not UTF-8 text: byte 0", None),
    ],
)
def test_json_that_is_refused(body: bytes, message: str, line: int | None) -> None:
    assert refused(parse_json, body) == (message, line)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_json_is_read_as_the_standard_reader_does(value: object) -> None:
    body = json.dumps(value, indent=1).encode()
    assert parse_json(body, "a.json").value == json.loads(body)


@given(st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1), _VALUES, max_size=4))
def test_ascii_json_without_escapes_reads_the_same_as_yaml(value: dict[str, object]) -> None:
    body = json.dumps(value)
    if "\\" not in body and "<<" not in body:
        assert parse_yaml(body.encode(), "a.yaml").value == parse_json(body.encode(), "a.json").value
