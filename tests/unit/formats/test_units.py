"""Quantities are read with their unit, or refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.units import as_share, as_time, per_second, seconds, share, size_bytes


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (seconds, "30 s", 30.0),
        (seconds, "250ms", 0.25),
        (seconds, " 2 min ", 120.0),
        (seconds, "1.5 h", 5400.0),
        (seconds, "14 days", 14 * 86400.0),
        (per_second, "200 /s", 200.0),
        (per_second, "60/min", 1.0),
        (share, "0.1 %", 0.001),
        (size_bytes, "64 MiB", 67108864.0),
    ],
)
def test_a_quantity_is_read_in_the_unit_of_the_name(read, text, value):
    assert read(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["30", "", "s", "-1 s", "30 parsec", "1 s 2", "1e3 s", "nan s", 30, None, True])
def test_what_is_not_a_span_of_time_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"span of time") as refused:
        seconds(text)
    assert "30 s" in str(refused.value) or "known are" in str(refused.value)


@pytest.mark.parametrize(("value", "text"), [(0.3, "300 ms"), (90, "90 s"), (1.25, "1.25 s"), (0, "0 s")])
def test_a_span_of_time_is_written_without_empty_digits(value, text):
    assert as_time(value) == text


def test_a_share_is_written_in_percent():
    assert as_share(0.001) == "0.1 %"
    assert as_share(1) == "100 %"


@given(st.text(max_size=20))
def test_any_text_gives_a_finite_number_or_a_value_error(text):
    for read in (seconds, per_second, share, size_bytes):
        try:
            value = read(text)
        except ValueError as refused:
            assert str(refused)
        else:
            assert value >= 0
