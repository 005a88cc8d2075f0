"""Each block of the content model as platypus flowables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reportlab.graphics.shapes import Drawing
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from core.reports import charts
from core.reports import content as c
from core.reports.render import theme
from core.reports.render.text import Typesetter

CELL_CHARS = 500
GAP = 6
# A chart and its table side by side.
CHART_PART = 0.49
GUTTER = 18


class BlockSetter:
    """Turn blocks into flowables; `pages` holds the page of each anchor once it is known."""

    def __init__(self, setter: Typesetter, pages: Mapping[str, int]) -> None:
        self.setter = setter
        self.pages = pages
        self._by_type: dict[str, Callable[[Any], list[Flowable]]] = {
            "text": self._text,
            "heading": self._heading,
            "notice": self._notice,
            "facts": self._facts,
            "figures": self._figures,
            "glance": self._glance,
            "table": self._table,
            "bar_chart": self._chart,
            "column_chart": self._chart,
            "scale_chart": self._chart,
            "quotes": self._quotes,
        }

    def flowables(self, block: c.Block) -> list[Flowable]:
        """Return the flowables of one block."""
        return self._by_type[block.type](block)

    def paragraph(self, text: str, style: Any, limit: int = 1200) -> Paragraph:
        """Set plain text as a paragraph."""
        return Paragraph(self.setter.markup(text, limit, style.fontName), style)

    def _text(self, block: c.Text) -> list[Flowable]:
        return [self.paragraph(block.text, theme.SMALL if block.small else theme.BODY, 4000)]

    def _heading(self, block: c.Heading) -> list[Flowable]:
        heading = self.paragraph(block.text, theme.HEADING)
        heading.keepWithNext = 1
        return [heading]

    def _notice(self, block: c.Notice) -> list[Flowable]:
        warning = block.tone == "warning"
        colour = theme.WARNING if warning else theme.ACCENT
        cells = [
            [self.paragraph(block.title, theme.NOTICE_TITLE)],
            [self.paragraph(block.text, theme.NOTICE_TEXT, 2000)],
        ]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), theme.WARNING_PANEL if warning else theme.PANEL),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, colour),
            ("LEFTPADDING", (0, 0), (-1, -1), 11),
            ("RIGHTPADDING", (0, 0), (-1, -1), 11),
            ("TOPPADDING", (0, 0), (-1, 0), 7),
            ("TOPPADDING", (0, 1), (-1, 1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 1),
            ("BOTTOMPADDING", (0, 1), (-1, 1), 8),
        ]
        return [Table(cells, colWidths=[theme.CONTENT_WIDTH], style=TableStyle(style)), Spacer(0, GAP)]

    def _facts(self, block: c.Facts) -> list[Flowable]:
        if not block.items:
            return []
        rows = [
            [self.paragraph(item.label, theme.CELL, 120), self.paragraph(item.value, theme.CELL, 1500)]
            for item in block.items
        ]
        label = theme.CONTENT_WIDTH * 0.24
        style = [
            *_LINES,
            ("TEXTCOLOR", (0, 0), (0, -1), theme.MUTED),
            ("LINEABOVE", (0, 0), (-1, 0), 0.5, theme.RULE),
        ]
        return [
            Table(rows, colWidths=[label, theme.CONTENT_WIDTH - label], style=TableStyle(style)),
            Spacer(0, GAP),
        ]

    def _figures(self, block: c.Figures) -> list[Flowable]:
        cells = []
        for item in block.items:
            parts = [
                self.paragraph(item.value, theme.FIGURE, 24),
                self.paragraph(item.label, theme.FIGURE_LABEL, 140),
            ]
            if item.detail:
                parts.append(self.paragraph(item.detail, theme.CAPTION, 160))
            cells.append(parts)
        width = theme.CONTENT_WIDTH / len(cells)
        style = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, theme.RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
        return [Table([cells], colWidths=[width] * len(cells), style=TableStyle(style)), Spacer(0, 4)]

    def _glance(self, block: c.Glance) -> list[Flowable]:
        rows = []
        for item in block.items:
            page = str(self.pages.get(item.anchor, "")) or "000"
            what = [self.paragraph(item.title, theme.GLANCE_TITLE, 170)]
            if item.detail:
                what.append(self.paragraph(item.detail, theme.SMALL, 200))
            rows.append(
                [
                    self.paragraph(item.number, theme.GLANCE_NUMBER, 12),
                    what,
                    self.paragraph(item.figure, theme.GLANCE_FIGURE, 24),
                    _PageLink(self.paragraph(page, theme.PAGE_NUMBER), item.anchor),
                ]
            )
        widths = [24.0, theme.CONTENT_WIDTH - 24 - 86 - 34, 86.0, 34.0]
        style = [
            *_LINES,
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, theme.RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        return [Table(rows, colWidths=widths, style=TableStyle(style))]

    def side_by_side(self, chart: c.Block, table: c.Table) -> list[Flowable]:
        """Return a chart with its table at its right, both from the same height down."""
        left = theme.CONTENT_WIDTH * CHART_PART
        right = theme.CONTENT_WIDTH - left - GUTTER
        pair = [[self._drawn_at(chart, left), "", self._table(table, right)]]
        style = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ]
        return [Table(pair, colWidths=[left, GUTTER, right], style=TableStyle(style))]

    def _table(self, block: c.Table, width: float = theme.CONTENT_WIDTH) -> list[Flowable]:
        total = sum(column.width for column in block.columns)
        widths = [width * column.width / total for column in block.columns]
        right = [column.align == "right" for column in block.columns]
        head = [
            self.paragraph(column.label, theme.HEAD_RIGHT if is_right else theme.HEAD, 60)
            for column, is_right in zip(block.columns, right, strict=True)
        ]
        rows: list[list[Any]] = [head]
        style = [
            *_LINES,
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, theme.FAINT),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 3),
        ]
        for number, row in enumerate(block.rows, start=1):
            cells = []
            for place, cell in enumerate(row):
                cells.append(self._cell(cell, is_right=right[place]))
                if isinstance(cell, c.ShadedCell):
                    where = (place, number)
                    style.append(("BACKGROUND", where, where, theme.shade(theme.POSITIVE[1], cell.share)))
            rows.append(cells)
        parts: list[Flowable] = []
        if block.caption:
            caption = self.paragraph(block.caption, theme.TABLE_CAPTION)
            caption.keepWithNext = 1
            parts.append(caption)
        parts.append(Table(rows, colWidths=widths, style=TableStyle(style), repeatRows=1))
        parts.append(self.paragraph(block.note, theme.CAPTION) if block.note else Spacer(0, GAP))
        return parts

    def _cell(self, cell: c.Cell, *, is_right: bool) -> Paragraph:
        if isinstance(cell, c.FaintCell):
            return self.paragraph(cell.text, theme.CELL_RIGHT_FAINT if is_right else theme.CELL_FAINT, CELL_CHARS)
        text = cell if isinstance(cell, str) else cell.text
        return self.paragraph(text, theme.CELL_RIGHT if is_right else theme.CELL, CELL_CHARS)

    def _chart(self, block: c.Block) -> list[Flowable]:
        return self._drawn_at(block, theme.CONTENT_WIDTH)

    def _drawn_at(self, block: c.Block, width: float) -> list[Flowable]:
        if isinstance(block, c.BarChart):
            return self._drawn(block.caption, charts.bar_drawings(block, width, self.setter))
        if isinstance(block, c.ScaleChart):
            drawn = self._drawn(block.caption, charts.scale_drawings(block, width, self.setter))
            return [*drawn[:-1], self.paragraph(block.note, theme.CAPTION)] if block.note else drawn
        assert isinstance(block, c.ColumnChart)
        return self._drawn(block.caption, charts.column_drawings(block, width, self.setter))

    def _drawn(self, caption: str, drawings: list[Drawing]) -> list[Flowable]:
        parts: list[Flowable] = [Spacer(0, 2)]
        if caption:
            line = self.paragraph(caption, theme.CAPTION)
            line.keepWithNext = 1
            parts.append(line)
        return [*parts, *drawings, Spacer(0, GAP)]

    def _quotes(self, block: c.Quotes) -> list[Flowable]:
        parts: list[Flowable] = []
        for quote in block.items:
            who = f"{quote.name}  ·  {quote.detail}" if quote.detail else quote.name
            cell = [
                self.paragraph(f"“{quote.text.strip()}”", theme.QUOTE, 1200),
                self.paragraph(who, theme.QUOTE_NAME, 300),
            ]
            style = [
                ("LINEBEFORE", (0, 0), (0, -1), 1.5, theme.ACCENT_SOFT),
                ("LEFTPADDING", (0, 0), (-1, -1), 11),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
            parts += [Table([[cell]], colWidths=[theme.CONTENT_WIDTH], style=TableStyle(style)), Spacer(0, 8)]
        return parts


class _PageLink(Flowable):  # type: ignore[misc]
    """A page number that leads to its section."""

    def __init__(self, paragraph: Paragraph, anchor: str) -> None:
        super().__init__()
        self.paragraph = paragraph
        self.anchor = anchor

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = self.paragraph.wrap(width, height)
        return self.width, self.height

    def draw(self) -> None:
        self.paragraph.drawOn(self.canv, 0, 0)
        box = (0, 0, self.width, self.height)
        self.canv.linkRect("", self.anchor, box, relative=1, thickness=0)


_LINES = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, theme.RULE),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("LEFTPADDING", (1, 0), (-1, -1), 5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
]
