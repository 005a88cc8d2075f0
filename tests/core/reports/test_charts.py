"""Charts keep their proportions and their labels, whatever they are given."""

from __future__ import annotations

from itertools import pairwise

import pytest
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import Color

from core.reports import charts
from core.reports import content as c
from core.reports.render import theme
from core.reports.render.text import Typesetter

WIDTH = 480.0


@pytest.fixture(autouse=True)
def _fonts() -> None:
    theme.register_fonts()


def _strings(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.contents if isinstance(shape, String)]


def test_bars_are_as_long_as_their_values() -> None:
    chart = c.BarChart(bars=[c.Bar(label="A", value=80, tone="positive"), c.Bar(label="B", value=20)])
    [drawing] = charts.bar_drawings(chart, WIDTH, Typesetter())
    bars = [shape for shape in drawing.contents if isinstance(shape, Rect) and shape.fillColor != theme.TRACK]
    assert bars[0].width == pytest.approx(4 * bars[1].width)
    assert {"80%", "20%"} <= set(_strings(drawing))


def test_fifty_bars_become_several_drawings_that_fit_a_page() -> None:
    bars = [c.Bar(label="long label " * 30, value=2, low=0, high=9) for _ in range(50)]
    drawings = charts.bar_drawings(c.BarChart(bars=bars), WIDTH, Typesetter())
    assert len(drawings) == 3
    assert all(drawing.height < theme.CONTENT_HEIGHT for drawing in drawings)


def test_a_stack_fills_its_row_even_when_shares_do_not_sum_to_100() -> None:
    points = [c.ScalePoint(label="No", tone="negative"), c.ScalePoint(label="Yes", tone="positive")]
    chart = c.ScaleChart(points=points, rows=[c.ScaleRow(label="All", values=[30.0, 30.0], emphasis=True)])
    _, stack = charts.scale_drawings(chart, WIDTH, Typesetter())
    assert sum(shape.width for shape in stack.contents if isinstance(shape, Rect)) == pytest.approx(WIDTH)


def test_a_row_without_answers_says_so() -> None:
    points = [c.ScalePoint(label="No", tone="negative"), c.ScalePoint(label="Yes", tone="positive")]
    chart = c.ScaleChart(points=points, rows=[c.ScaleRow(label="All", values=[0.0, 0.0])])
    assert "no answers" in _strings(charts.scale_drawings(chart, WIDTH, Typesetter())[1])


def test_columns_of_nothing_have_no_height() -> None:
    chart = c.ColumnChart(columns=[c.Bar(label=str(n), value=0) for n in range(11)])
    [drawing] = charts.column_drawings(chart, WIDTH, Typesetter())
    assert all(shape.height == 0 for shape in drawing.contents if isinstance(shape, Rect))


@pytest.mark.parametrize("text", ["short", "word " * 200, "x" * 5000, "", "👍 是 → ok " * 40])
def test_labels_wrap_within_their_width(text: str) -> None:
    lines = charts.wrap_label(Typesetter(), text, 100)
    assert 1 <= len(lines) <= charts.LABEL_LINES
    assert all(charts._width(runs, charts.LABEL_SIZE) <= 101 for runs in lines)


def test_columns_in_groups_stand_under_a_legend_of_their_colours() -> None:
    groups = [c.ScalePoint(label="Low", tone="negative"), c.ScalePoint(label="High", tone="positive")]
    columns = [c.Bar(label="0", value=40, tone="negative"), c.Bar(label="1", value=60, tone="positive")]
    legend, drawing = charts.column_drawings(c.ColumnChart(columns=columns, groups=groups), WIDTH, Typesetter())
    assert {"Low", "High"} <= set(_strings(legend))
    assert _colours(legend) == _colours(drawing)


def _colours(drawing: Drawing) -> list[object]:
    return [shape.fillColor for shape in drawing.contents if isinstance(shape, Rect)]


@pytest.mark.parametrize("points", [2, 3, 4, 5, 7, 10, 11])
def test_scale_colours_tell_neighbours_apart(points: int) -> None:
    half, odd = divmod(points, 2)
    colours = theme.tone_colours(["negative"] * half + ["neutral"] * odd + ["positive"] * half)
    assert all(one != other for one, other in pairwise(colours))
    ordered = [theme.luminance(colour) for colour in theme.tone_colours(["ordered"] * points)]
    assert all(one > other for one, other in pairwise(ordered))


def test_text_on_any_colour_of_a_chart_can_be_read() -> None:
    palette = [*theme.NEGATIVE, *theme.POSITIVE, theme.NEUTRAL, *theme.tone_colours(["ordered"] * 11)]
    assert min(_contrast(theme.text_on(colour), colour) for colour in palette) >= 4.5
    on_paper = (theme.INK, theme.MUTED, theme.FAINT, theme.ACCENT, theme.WARNING)
    assert min(_contrast(colour, theme.WHITE) for colour in on_paper) >= 4.5


def _contrast(one: Color, other: Color) -> float:
    dark, light = sorted((theme.luminance(one), theme.luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_faint_row_is_grey_and_keeps_its_figures() -> None:
    points = [c.ScalePoint(label=label, tone="ordered") for label in ("No", "Maybe", "Yes")]
    row = c.ScaleRow(label="Ada", values=[16.5, 13.5, 70.0], detail="n 6**", faint=True)
    chart = c.ScaleChart(points=points, rows=[row, row.model_copy(update={"faint": False})])
    _, stack = charts.scale_drawings(chart, WIDTH, Typesetter())
    colours = [shape.fillColor for shape in stack.contents if isinstance(shape, Rect)]
    assert [colour.red == colour.green == colour.blue for colour in colours] == [True] * 3 + [False] * 3
    assert [text for text in _strings(stack) if text.isdecimal()][:3] == ["17", "14", "70"]


def test_a_narrow_segment_of_the_main_row_has_its_figure_too() -> None:
    points = [c.ScalePoint(label=str(n), tone="ordered") for n in range(4)]
    rows = [c.ScaleRow(label="All", values=[2.0, 3.0, 44.0, 51.0], emphasis=True)]
    _, stack = charts.scale_drawings(c.ScaleChart(points=points, rows=rows), 230.0, Typesetter())
    assert {"2%", "44%", "51%"} <= set(_strings(stack))
