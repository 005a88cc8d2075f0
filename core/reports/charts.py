"""Charts as vector drawings: bars with interval whiskers, stacked scales, upright columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth

from core.reports import content as c
from core.reports.render import theme
from core.reports.render.text import Typesetter
from core.stats.rounding import fixed

LABEL_SIZE = 8.0
VALUE_SIZE = 8.0
LABEL_LINES = 3
BARS_PER_DRAWING = 20
LEGEND_SIZE = 7.2
BAR = 11.5


def bar_drawings(chart: c.BarChart, width: float, setter: Typesetter) -> list[Drawing]:
    """Draw horizontal bars; a long list becomes several drawings, so that it can run over pages."""
    top = _axis_top([max(bar.value, bar.high or 0.0) for bar in chart.bars])
    longest = max(_width(_first_run(setter, bar.label, 200), LABEL_SIZE) for bar in chart.bars)
    label_width = min(max(longest + 6, 60.0), width * 0.42)
    groups = _even_groups(chart.bars, BARS_PER_DRAWING)
    return [_bars(group, chart.unit, top, label_width, width, setter) for group in groups]


def _bars(
    bars: Sequence[c.Bar], unit: str, top: float, label_width: float, width: float, setter: Typesetter
) -> Drawing:
    labels = [wrap_label(setter, bar.label, label_width - 8) for bar in bars]
    heights = [max(18.0, len(lines) * 9.6 + 5) for lines in labels]
    drawing = Drawing(width, sum(heights) + 2)
    left, room = label_width, width - label_width - 40
    y = drawing.height - 1
    for bar, lines, height in zip(bars, labels, heights, strict=True):
        middle = y - height / 2
        _label(drawing, lines, 0, middle)
        drawing.add(_rect(left, middle - BAR / 2, room, BAR, theme.TRACK))
        colour = theme.ACCENT if bar.tone == "positive" else theme.ACCENT_SOFT
        drawing.add(_rect(left, middle - BAR / 2, room * min(max(bar.value, 0.0) / top, 1.0), BAR, colour))
        if bar.low is not None and bar.high is not None:
            _whisker(drawing, left + room * max(bar.low, 0.0) / top, left + room * min(bar.high / top, 1.0), middle)
        drawing.add(_string(width, middle - 2.8, _value(bar.value, unit), VALUE_SIZE, theme.SEMIBOLD, "end"))
        y -= height
    return drawing


def _whisker(drawing: Drawing, low: float, high: float, y: float) -> None:
    # White beneath, so that the line is seen on the bar and beside it.
    for colour, thick in ((theme.WHITE, 2.4), (theme.INK, 0.9)):
        drawing.add(Line(low, y, high, y, strokeColor=colour, strokeWidth=thick))
        for x in (low, high):
            drawing.add(Line(x, y - 2.6, x, y + 2.6, strokeColor=colour, strokeWidth=thick))


def scale_drawings(chart: c.ScaleChart, width: float, setter: Typesetter) -> list[Drawing]:
    """Draw stacked bars over a scale with a legend; the first drawing holds the legend."""
    colours = theme.tone_colours([point.tone for point in chart.points])
    single = len(chart.rows) == 1
    label_width = 0.0 if single else min(width * 0.27, 130.0)
    detail_width = 66.0 if any(row.detail for row in chart.rows) else 0.0
    drawings = [_legend(chart.points, colours, width, setter)]
    groups = _even_groups(chart.rows, BARS_PER_DRAWING)
    return drawings + [_scale_rows(rows, colours, width, label_width, detail_width, setter) for rows in groups]


def _scale_rows(
    rows: Sequence[c.ScaleRow],
    colours: Sequence[Color],
    width: float,
    label_width: float,
    detail_width: float,
    setter: Typesetter,
) -> Drawing:
    heights = [32.0 if row.emphasis else 17.5 for row in rows]
    drawing = Drawing(width, sum(heights) + 2)
    room = width - label_width - detail_width
    y = drawing.height - 1
    for row, height in zip(rows, heights, strict=True):
        thick = height - (11 if row.emphasis else 5)
        middle = y - height / 2 - (4 if row.emphasis else 0)
        if label_width:
            font = theme.SEMIBOLD if row.emphasis else theme.REGULAR
            lines = wrap_label(setter, row.label, label_width - 8, lines=1, font=font)
            _label(drawing, lines, 0, middle)
        if detail_width:
            detail = setter.plain(row.detail, 30)
            drawing.add(_string(width, middle - 2.5, detail, 7, theme.REGULAR, "end", theme.MUTED))
        _stack(drawing, row, colours, label_width, room, middle, thick)
        y -= height
    return drawing


def _stack(
    drawing: Drawing,
    row: c.ScaleRow,
    colours: Sequence[Color],
    left: float,
    room: float,
    middle: float,
    thick: float,
) -> None:
    total = sum(max(value, 0.0) for value in row.values)
    if total <= 0:
        drawing.add(_string(left, middle - 2.5, "no answers", 7, theme.ITALIC, "start", theme.FAINT))
        return
    x, above = left, left
    for value, colour in zip(row.values, colours, strict=False):
        if value <= 0:
            continue
        part = room * value / total
        shown = theme.faint(colour) if row.faint else colour
        drawing.add(_rect(x, middle - thick / 2, part, thick, shown, theme.WHITE))
        text = fixed(value) + ("%" if row.emphasis else "")
        size = 8.5 if row.emphasis else 7.0
        if part > stringWidth(text, theme.SEMIBOLD, size) + 4:
            font = theme.SEMIBOLD if row.emphasis else theme.REGULAR
            on = theme.MUTED if row.faint else theme.text_on(colour)
            drawing.add(_string(x + part / 2, middle - size * 0.35, text, size, font, "middle", on))
        elif row.emphasis:  # a segment too narrow for its figure has it above, where the one before leaves room
            start = max(x + (part - stringWidth(text, theme.REGULAR, 7)) / 2, left)
            if start >= above:
                drawing.add(_string(start, middle + thick / 2 + 1.5, text, 7, theme.REGULAR, "start", theme.MUTED))
                above = start + stringWidth(text, theme.REGULAR, 7) + 2
        x += part


def _legend(points: Sequence[c.ScalePoint], colours: Sequence[Color], width: float, setter: Typesetter) -> Drawing:
    entries = [wrap_label(setter, point.label, width - 24, lines=1, size=LEGEND_SIZE)[0] for point in points]
    places: list[tuple[float, int]] = []
    x, line = 0.0, 0
    for runs in entries:
        needed = _width(runs, LEGEND_SIZE) + 24
        if x and x + needed > width:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += needed
    drawing = Drawing(width, (line + 1) * 12 + 3)
    for (x, line), runs, colour in zip(places, entries, colours, strict=True):
        y = drawing.height - 10 - line * 12
        drawing.add(_rect(x, y - 0.8, 8, 8, colour))
        _draw_runs(drawing, runs, x + 12, y, LEGEND_SIZE, theme.MUTED)
    return drawing


def column_drawings(chart: c.ColumnChart, width: float, setter: Typesetter) -> list[Drawing]:
    """Draw upright columns, under a legend where their colours mean something."""
    columns = _columns(chart, width, setter)
    if not chart.groups:
        return [columns]
    colours = [_column_colour(group.tone) for group in chart.groups]
    return [_legend(chart.groups, colours, width, setter), columns]


def _column_colour(tone: c.Tone) -> Color:
    tones = {"negative": theme.NEGATIVE[1], "neutral": theme.NEUTRAL, "positive": theme.POSITIVE[0]}
    return tones.get(tone, theme.ACCENT_SOFT)


def _columns(chart: c.ColumnChart, width: float, setter: Typesetter) -> Drawing:
    bars = chart.columns
    step = width / len(bars)
    labels = [wrap_label(setter, bar.label, step - 2, lines=2, size=7) for bar in bars]
    bottom = 6.0 + 9.0 * max(len(lines) for lines in labels)
    room = 84.0
    drawing = Drawing(width, bottom + room + 14)
    top = max(*(bar.value for bar in bars), 1e-9)
    column = min(step * 0.72, 44.0)
    drawing.add(Line(0, bottom, width, bottom, strokeColor=theme.RULE, strokeWidth=0.7))
    for index, (bar, lines) in enumerate(zip(bars, labels, strict=True)):
        centre = step * (index + 0.5)
        height = room * max(bar.value, 0.0) / top
        drawing.add(_rect(centre - column / 2, bottom, column, height, _column_colour(bar.tone)))
        value = _value(bar.value, chart.unit if step > 26 else "")
        drawing.add(_string(centre, bottom + height + 3, value, 7, theme.SEMIBOLD, "middle"))
        for line_number, runs in enumerate(lines):
            x = centre - _width(runs, 7) / 2
            _draw_runs(drawing, runs, x, bottom - 9 - 9 * line_number, 7, theme.MUTED)
    return drawing


Runs = list[tuple[str, str]]


def wrap_label(
    setter: Typesetter,
    text: str,
    width: float,
    *,
    lines: int = LABEL_LINES,
    size: float = LABEL_SIZE,
    font: str = theme.REGULAR,
) -> list[Runs]:
    """Break a label into at most `lines` lines; the last ends in an ellipsis when text is left over."""
    words = list(_pieces(_first_run(setter, text, 300, font), width, size))
    wrapped: list[Runs] = [[]]
    for index, (name, word) in enumerate(words):
        joined = _append(wrapped[-1], name, word)
        if not wrapped[-1] or _width(joined, size) <= width:
            wrapped[-1] = joined
        elif len(wrapped) == lines:
            wrapped[-1] = _with_ellipsis(wrapped[-1], width, size)
            return wrapped
        else:
            wrapped.append([(name, word.lstrip())])
        if index == len(words) - 1:
            break
    return wrapped


def _pieces(runs: Runs, width: float, size: float) -> Iterator[tuple[str, str]]:
    """Yield words with the space before them; a word wider than a line is cut."""
    for name, text in runs:
        for word in text.replace(" ", "\n ").split("\n"):
            rest = word
            while rest:
                fits = len(rest)
                while fits > 1 and stringWidth(rest[:fits], name, size) > width:
                    fits -= 1
                yield name, rest[:fits]
                rest = rest[fits:]


def _append(runs: Runs, name: str, word: str) -> Runs:
    if runs and runs[-1][0] == name:
        return [*runs[:-1], (name, runs[-1][1] + word)]
    return [*runs, (name, word)]


def _with_ellipsis(runs: Runs, width: float, size: float) -> Runs:
    name, text = runs[-1]
    while text and _width([*runs[:-1], (name, text + "…")], size) > width:
        text = text[:-1]
    return [*runs[:-1], (name, text.rstrip() + "…")]


def _first_run(setter: Typesetter, text: str, limit: int, font: str = theme.REGULAR) -> Runs:
    return setter.runs(text, limit, font) or [(font, "–")]


def _label(drawing: Drawing, lines: list[Runs], x: float, middle: float) -> None:
    y = middle + (len(lines) - 1) * 4.8 - 2.8
    for runs in lines:
        _draw_runs(drawing, runs, x, y, LABEL_SIZE, theme.INK)
        y -= 9.6


def _draw_runs(drawing: Drawing, runs: Runs, x: float, y: float, size: float, colour: Color) -> None:
    for name, text in runs:
        drawing.add(_string(x, y, text, size, name, "start", colour))
        x += stringWidth(text, name, size)


def _width(runs: Runs, size: float) -> float:
    return float(sum(stringWidth(text, name, size) for name, text in runs))


def _axis_top(values: Sequence[float]) -> float:
    highest = max(values, default=0.0)
    return next((top for top in (25.0, 50.0, 75.0, 100.0) if highest <= top), max(highest, 1.0))


def _value(value: float, unit: str) -> str:
    return f"{fixed(value)}{unit}"


def _even_groups(items: Sequence[Any], limit: int) -> list[Sequence[Any]]:
    groups = -(-len(items) // limit)
    size = -(-len(items) // groups)
    return [items[start : start + size] for start in range(0, len(items), size)]


def _rect(x: float, y: float, w: float, h: float, fill: Color, stroke: Color | None = None) -> Rect:
    return Rect(x, y, w, h, fillColor=fill, strokeColor=stroke, strokeWidth=0.8 if stroke else 0)


def _string(
    x: float, y: float, text: str, size: float, font: str, anchor: str = "start", colour: Color = theme.INK
) -> String:
    return String(x, y, text, fontName=font, fontSize=size, fillColor=colour, textAnchor=anchor)
