"""What a report says, independent of any format: a cover and sections of typed blocks.

Every text in it is plain data, never markup. Figures that are shown arrive as text already formatted; charts
carry numbers. Renderers read nothing else, so that formats cannot disagree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# `ordered` is a place on a scale of which nobody can say which end is the good one.
Tone = Literal["negative", "neutral", "positive", "ordered", "plain"]


class Part(BaseModel):
    """Anything a report is made of."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class Fact(Part):
    """A name and its value, such as “Seed: 7”."""

    label: str
    value: str


class Text(Part):
    """A paragraph; `small` for remarks."""

    type: Literal["text"] = "text"
    text: str
    small: bool = False


class Heading(Part):
    """A heading inside a section."""

    type: Literal["heading"] = "heading"
    text: str


class Notice(Part):
    """A statement that must not be overlooked."""

    type: Literal["notice"] = "notice"
    title: str
    text: str
    tone: Literal["info", "warning"] = "info"


class Facts(Part):
    """A list of names and values."""

    type: Literal["facts"] = "facts"
    items: list[Fact]


class Figure(Part):
    """One number to be read first, with what it is and how sure."""

    value: str
    label: str
    detail: str = ""


class Figures(Part):
    """Up to four key figures side by side."""

    type: Literal["figures"] = "figures"
    items: list[Figure] = Field(min_length=1, max_length=4)


class GlanceItem(Part):
    """One line of the summary: a section, its key figure, if a number says it all, and where to find it."""

    anchor: str
    number: str
    title: str
    figure: str
    detail: str = ""


class Glance(Part):
    """The summary, which is also the table of contents."""

    type: Literal["glance"] = "glance"
    items: list[GlanceItem]


class Column(Part):
    """A table column; `width` is relative to the other columns."""

    label: str
    align: Literal["left", "right"] = "left"
    width: float = Field(default=1.0, gt=0)


class ShadedCell(Part):
    """A cell whose background grows with `share` (0–1)."""

    text: str
    share: float = Field(ge=0, le=1)


class FaintCell(Part):
    """A cell that is set in grey, as its figure rests on too little to be read."""

    text: str
    faint: Literal[True] = True


Cell = str | ShadedCell | FaintCell


class Table(Part):
    """Rows of cells under columns; `beside` the chart before it, where a format has room."""

    type: Literal["table"] = "table"
    columns: list[Column] = Field(min_length=1)
    rows: list[list[Cell]]
    caption: str = ""
    note: str = ""
    beside: bool = False


class Bar(Part):
    """A value with its interval, in the chart's unit."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    tone: Tone = "plain"


class BarChart(Part):
    """Horizontal bars with interval whiskers, in the order given."""

    type: Literal["bar_chart"] = "bar_chart"
    bars: list[Bar] = Field(min_length=1)
    caption: str = ""
    unit: str = "%"


class ScalePoint(Part):
    """One point of an ordered scale, or one group of them, and how it is coloured."""

    label: str
    tone: Tone


class ColumnChart(Part):
    """Upright columns for an ordered axis, such as 0–10 or classes of a number; `groups` name their colours."""

    type: Literal["column_chart"] = "column_chart"
    columns: list[Bar] = Field(min_length=1)
    groups: list[ScalePoint] = []
    caption: str = ""
    unit: str = "%"


class ScaleRow(Part):
    """Shares of one group over the points of a scale, in percent; `detail` stands at the end of the bar.

    A faint row rests on too little to be read.
    """

    label: str
    values: list[float]
    detail: str = ""
    emphasis: bool = False
    faint: bool = False


class ScaleChart(Part):
    """Stacked bars over an ordered scale, one per group."""

    type: Literal["scale_chart"] = "scale_chart"
    points: list[ScalePoint] = Field(min_length=2)
    rows: list[ScaleRow] = Field(min_length=1)
    caption: str = ""
    note: str = ""


class Quote(Part):
    """A verbatim answer, who gave it, and what is to be known about them."""

    text: str
    name: str
    detail: str = ""


class Quotes(Part):
    """Verbatim answers."""

    type: Literal["quotes"] = "quotes"
    items: list[Quote]


Block = Annotated[
    Text | Heading | Notice | Facts | Figures | Glance | Table | BarChart | ColumnChart | ScaleChart | Quotes,
    Field(discriminator="type"),
]


class Section(Part):
    """A part of the report with a heading; `text` is the full wording where `title` is a short form.

    `bookmark` is its name in the outline, the title where there is none. Its heading stays with its first chart, or
    with what is under its first heading inside.
    """

    anchor: str
    title: str
    bookmark: str = ""
    eyebrow: str = ""
    text: str = ""
    meta: str = ""
    new_page: bool = False
    blocks: list[Block]


class Cover(Part):
    """The first page; `brief` is what was asked and why."""

    kind: str
    title: str
    subtitle: str = ""
    workspace: str
    brand: str = ""
    accent: str = Field(default="", pattern="^(#[0-9a-fA-F]{6})?$")
    facts: list[Fact] = []
    people: list[str] = []
    statement: str = ""
    brief: str = ""


class ReportContent(Part):
    """A whole report, made at `made_at`. `running_notice` stands on every page, `cover.statement` on the first."""

    title: str
    subject: str
    author: str = "Synthetic People"
    language: str = "en"
    made_at: datetime
    demonstration: bool
    complete: bool = True
    running_notice: str = ""
    cover: Cover
    sections: list[Section]
