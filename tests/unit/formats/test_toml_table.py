"""TOML that people write: every problem at once, each in its line."""

from enum import StrEnum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.toml_table import read_toml
from harness.formats.units import seconds


class Mood(StrEnum):
    CALM = "calm"
    LOUD = "loud"


def table(text: str):
    return read_toml(text.encode(), "a.toml")


def problems(read) -> list[tuple[int | None, str, str | None]]:
    with pytest.raises(HarnessError) as refused:
        read.raise_problems()
    return [(problem.place.line, problem.message, problem.hint) for problem in refused.value.problems]


def test_values_are_handed_out_as_what_they_are():
    top = table('a = "x"\nb = 3\nc = true\nd = ["y", "z"]\ne = "loud"\nf = "2 min"\ng = "one"\n')
    assert (top.text("a"), top.integer("b"), top.flag("c"), top.texts("d")) == ("x", 3, True, ("y", "z"))
    assert (top.one_of("e", Mood), top.quantity("f", seconds), top.texts("g")) == (Mood.LOUD, 120.0, ("one",))
    top.finish()
    top.raise_problems()


def test_a_default_stands_in_for_what_is_not_there_and_nothing_else():
    top = table("present = 3\n")
    assert (top.text("a", "d"), top.integer("b", 0), top.flag("c", False), top.texts("e", ())) == ("d", 0, False, ())
    assert (top.one_of("f", Mood, Mood.CALM), top.quantity("g", seconds)) == (Mood.CALM, None)
    assert (top.optional_text("h"), top.table("i"), top.tables("j"), list(top.named("k"))) == (None, None, (), [])
    assert top.text("present", "d") == "d"
    assert problems(top) == [(1, "`present` must be a text, not 3", None)]


@pytest.mark.parametrize(
    ("written", "ask", "message"),
    [
        ("x = 3", lambda t: t.text("x"), "`x` must be a text, not 3"),
        ('x = "3"', lambda t: t.integer("x"), "`x` must be a whole number, not '3'"),
        ("x = true", lambda t: t.integer("x"), "`x` must be a whole number, not True"),
        ("x = 3.0", lambda t: t.integer("x"), "`x` must be a whole number, not 3.0"),
        ("x = 1", lambda t: t.flag("x"), "`x` must be true or false, not 1"),
        ("x = [1]", lambda t: t.texts("x"), "`x` must be a list of texts, not [1]"),
        ("x = 1", lambda t: t.texts("x"), "`x` must be a list of texts, not 1"),
        ('x = "lowd"', lambda t: t.one_of("x", Mood), "`lowd` is not one of calm, loud"),
        ('x = "30"', lambda t: t.quantity("x", seconds), '"30" has no unit; write a span of time like "30 s"'),
        ("x = 3", lambda t: t.table("x"), "`x` must be a table, not 3"),
        ("x = 3", lambda t: t.tables("x"), "`x` must be an array of tables: write [[x]]"),
        ("x = [3]", lambda t: t.tables("x"), "`x` must be an array of tables: write [[x]]"),
        ("x = 3", lambda t: list(t.named("x")), "`x` must be a table, not 3"),
        ("x.a = 3", lambda t: list(t.named("x")), "`a` must be a table, not 3"),
        ("y = 1", lambda t: t.text("x"), "`x` is missing: a text is needed"),
        ("y = 1", lambda t: t.texts("x"), "`x` is missing: a list of texts is needed"),
    ],
)
def test_another_kind_of_value_is_named_with_what_was_written(written, ask, message):
    top = table(written)
    ask(top)
    assert [said for _, said, _ in problems(top)] == [message]


def test_an_unknown_key_names_the_nearest():
    top = table('base-ulr = "x"\nzebra = 1\n')
    top.optional_text("base-url")
    top.finish()
    assert problems(top) == [
        (1, "unknown key `base-ulr`", "did you mean `base-url`?"),
        (2, "unknown key `zebra`", "known here: base-url"),
    ]


def test_every_problem_is_told_at_once_in_the_order_of_its_lines():
    top = table("c = 1\nb = 2\na = 3\n")
    for key in ("a", "b", "c"):
        top.text(key)
    assert [line for line, _, _ in problems(top)] == [1, 2, 3]


DOCUMENT = """\
# a comment with [brackets] and key = "value"
top = 1
[systems.orders]          # a comment ]
base-url = "x"
"quoted key" = 2
dotted.inside = 3
text = \"\"\"
base-url = "not a key"
[not.a.table]
\"\"\"
after = 4
matrix = [
  ["a", "b"],
  ["c"]
]
hidden = '''a = 1
b = 2'''
behind = 5
one-line = \"\"\"all in one\"\"\"
next = 6
[[criteria]]
id = "A"
[[criteria]]
id = "B"
[criteria.more]
depth = 7
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("top",), 2, 1),
        (("systems", "orders"), 3, 1),
        (("systems", "orders", "base-url"), 4, 1),
        (("systems", "orders", "quoted key"), 5, 1),
        (("systems", "orders", "dotted", "inside"), 6, 1),
        (("systems", "orders", "text"), 7, 1),
        (("systems", "orders", "after"), 11, 1),
        (("systems", "orders", "matrix"), 12, 1),
        (("systems", "orders", "hidden"), 16, 1),
        (("systems", "orders", "behind"), 18, 1),
        (("systems", "orders", "next"), 20, 1),
        (("criteria", "#0", "id"), 22, 1),
        (("criteria", "#1", "id"), 24, 1),
        (("criteria", "#1", "more", "depth"), 26, 1),
        (("systems", "orders", "nowhere"), 3, 1),
        (("nowhere", "at all"), 1, 1),
    ],
)
def test_a_key_is_found_where_it_is_written(path, line, column):
    place = table(DOCUMENT).place_of(path)
    assert (place.file, place.line, place.column) == ("a.toml", line, column)
    assert place.text == DOCUMENT.splitlines()[line - 1]


KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
VALUES = st.sampled_from(
    (
        "1",
        '"text with = and [brackets]"',
        '["a", "b"]',
        '[\n  "a",\n  "b",\n]',
        '[\n  ["x"],\n  ["y"]\n]',
        '"""\nq = 1\n[z]\n"""',
        "'''\nq = 1\n'''",
        '"\\u2028 told \u2028 raw \x85"',
        "{ q = 1, r = [1, 2] }",
        "true  # it's a comment with ''' and [x]",
        '[ # """\n  "a", # b = 1\n]',
        '"a \\" # b"',
    )
)


@given(
    tables=st.lists(
        st.tuples(
            KEYS, st.lists(st.tuples(KEYS, VALUES), max_size=4, unique_by=lambda pair: pair[0]), st.sampled_from("\n\r")
        ),
        max_size=4,
        unique_by=lambda one: one[0],
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_key_of_any_document_is_found_in_its_own_line(tables):
    written, where = "# top\n", {}
    for name, pairs, end in tables:
        newline = "\r\n" if end == "\r" else "\n"
        where[(name,)] = written.count("\n") + 1
        written += f"[{name}]{newline}"
        for key, value in pairs:
            where[(name, key)] = written.count("\n") + 1
            written += f"  {key} = {value}{newline}"
    read = table(written)
    found = {path: read.place_of(path) for path in where}
    assert {path: place.line for path, place in found.items()} == where
    lines = [line.rstrip("\r") for line in written.split("\n")]
    assert all(place.text == lines[place.line - 1] for place in found.values())


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        (b"a = \n", "this is not TOML: Invalid value", 1),
        (b"a = 1\nb = 2\na = 3\n", "this is not TOML: Cannot overwrite a value", 3),
        (b'a = "x\n', "this is not TOML: ", 1),
        (b"[a\n", "this is not TOML: ", 1),
        (b"\n\n= 1", "this is not TOML: ", 3),
        (b"\xff\xfe", "a.toml is not UTF-8 text", None),
        (b"a = " + b"[" * 20_000, "this is not TOML: nested too deep", None),
        (b"a = " + b"9" * 5_000, "this is not TOML: ", None),
        (b"a = 2026-13-45", "this is not TOML: ", 1),
    ],
)
def test_what_is_not_toml_is_said_in_a_sentence_with_its_line(body, message, line):
    with pytest.raises(HarnessError) as refused:
        read_toml(body, "a.toml")
    (problem,) = refused.value.problems
    assert problem.message.startswith(message)
    assert "(at " not in problem.message
    assert (problem.place.file, problem.place.line) == ("a.toml", line)


def test_a_file_from_an_editor_that_marks_utf_8_is_read():
    assert read_toml(b"\xef\xbb\xbfa = 1\n", "a.toml").integer("a") == 1


@given(body=st.binary(max_size=60) | st.text("ab=[]{}\"'#.,\n\r\t 1-:TZ\\u", max_size=40).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_no_bytes_at_all_are_a_crash(body):
    try:
        top = read_toml(body, "a.toml")
    except HarnessError as error:
        assert error.problems[0].place.file == "a.toml"
    else:
        top.finish()
        for key in top.data:
            assert top.place(key).line >= 1
