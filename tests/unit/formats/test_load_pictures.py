"""Chart and table of a load run show what was measured, whatever the names in it."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest

from harness.formats.limit_sentences import read_limit
from harness.formats.load_chart import load_chart
from harness.formats.load_table import load_table
from harness.formats.measures import shown
from harness.model.figures import Figures, OperationFigures, Slice
from harness.rules.histogram import bucket_of

SVG = "{http://www.w3.org/2000/svg}"
SLICES = tuple(
    Slice(at_s=float(at), answered=20, failed=at % 2, dropped=0, response_us={bucket_of(1000 * (at + 1)): 20})
    for at in range(10)
)
FIGURES = Figures(
    closed=True,
    window_s=8,
    warm_up_s=2,
    dropped=0,
    slices=SLICES,
    operations=(
        OperationFigures(name="=cmd|'x'!A1", answered=160, response_us={bucket_of(5000): 160}, max_us=5000),
        OperationFigures(name="<b>list</b>", failed=3, errors={"status 500": 3}),
    ),
)


def chart(figures, *limits):
    return ET.fromstring(load_chart("load:<x> & y", figures, limits))


def test_the_chart_is_one_picture_with_title_and_description():
    root = chart(FIGURES)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text == "load:<x> & y"
    assert "163 requests in 8 s, 3 failed" in root.find(f"{SVG}desc").text
    assert {element.tag for element in root.iter()} <= {
        SVG + name for name in ("svg", "title", "desc", "rect", "line", "text", "path", "polyline", "circle")
    }


def test_each_percentile_and_each_rate_that_there_was_is_a_line():
    assert len(chart(FIGURES).findall(f"{SVG}polyline")) == 3 + 2


def test_a_limit_on_all_is_drawn_and_named():
    limit = read_limit("all", "p95 < 15 ms")
    texts = [element.text for element in chart(FIGURES, limit, read_limit("x", "p50 < 1 ms")).iter(f"{SVG}text")]
    assert texts.count("p95 < 15 ms") == 1
    assert "p50 < 1 ms" not in texts


@pytest.mark.parametrize("slices", [(), SLICES[:1], (Slice(at_s=0.0),)])
def test_a_run_that_ended_at_once_has_a_chart_too(slices):
    assert chart(Figures(closed=False, slices=slices)) is not None


def test_every_coordinate_lies_in_the_picture():
    root = chart(FIGURES, read_limit("all", "p95 < 1 ms"))
    _, _, width, height = map(float, root.get("viewBox").split())
    for line in root.findall(f"{SVG}polyline"):
        for point in line.get("points").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_the_table_has_a_line_for_each_operation_and_one_for_all():
    rows = list(csv.reader(io.StringIO(load_table(FIGURES).decode())))
    assert [row[0] for row in rows] == ["operation", "'=cmd|'x'!A1", "<b>list</b>", "all"]
    assert rows[1][1:4] == ["160", "0", "20.0"]
    assert rows[2][4:] == ["", "", "", "", "", "status 500: 3"]
    assert {len(row) for row in rows} == {10}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (412.3, "ms", "412 ms"),
        (1250, "ms", "1.25 s"),
        (0.003, "share", "0.3 %"),
        (998.4, "/s", "998 /s"),
        (19.84, "/s", "19.8 /s"),
        (12, "count", "12"),
        (48_820_000, "bytes", "48.8 MB"),
        (-2048, "bytes", "-2.0 kB"),
        (12, "bytes", "12 B"),
    ],
)
def test_a_value_is_shown_with_its_unit(value, unit, text):
    assert shown(value, unit) == text
