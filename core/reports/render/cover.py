"""The cover page."""

from __future__ import annotations

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from core.reports import content as c
from core.reports.render import theme
from core.reports.render.blocks import BlockSetter

PEOPLE_SHOWN = 16
# What has room below the rest.
BRIEF_CHARS = 1500


def cover_flowables(content: c.ReportContent, blocks: BlockSetter) -> list[Flowable]:
    """Return the cover: what it is, for whom, on how many, and a statement that cannot be overlooked."""
    cover = content.cover
    accent = accent_of(cover)
    kind_style = ParagraphStyle("cover-kind-branded", theme.COVER_KIND, textColor=accent)
    long_title = len(cover.title) > 70
    title_style = theme.TITLE if long_title else theme.COVER_TITLE
    parts: list[Flowable] = [
        *_brand(cover, accent, blocks),
        blocks.paragraph(cover.kind, kind_style, 80),
        Spacer(0, 4 * mm),
        blocks.paragraph(cover.title, title_style, 180),
        Spacer(0, 3 * mm),
    ]
    workspace_style = ParagraphStyle("cover-workspace", theme.HEADING, textColor=accent)
    if cover.subtitle:
        parts.append(blocks.paragraph(cover.subtitle, theme.COVER_SUBTITLE, 140))
    parts += [Spacer(0, 12 * mm), blocks.paragraph("Workspace", theme.SMALL)]
    parts += [blocks.paragraph(cover.workspace, workspace_style, 90), Spacer(0, 10 * mm)]
    parts += _facts(cover, accent, blocks)
    if cover.people:
        parts += [Spacer(0, 5 * mm), blocks.paragraph("Modelled on", theme.SMALL)]
        parts.append(blocks.paragraph(_people(cover.people), theme.BODY, 380))
    parts.append(Spacer(0, 9 * mm))
    if not content.complete:
        text = "The simulation ended before all answers were in; see the method page."
        parts += blocks.flowables(c.Notice(title="Partial results", text=text, tone="warning"))
    if cover.statement:
        title = content.running_notice if content.demonstration else "Respondents are simulated"
        tone = "warning" if content.demonstration else "info"
        parts += blocks.flowables(c.Notice.model_validate({"title": title, "text": cover.statement, "tone": tone}))
    if cover.brief.strip():
        parts += [Spacer(0, 5 * mm), blocks.paragraph("What was asked, and why", theme.SMALL)]
        parts.append(blocks.paragraph(cover.brief, theme.BODY, BRIEF_CHARS))
    return parts


def accent_of(cover: c.Cover) -> Color:
    """Return the colour of the cover: that of whose report it is, where it can be read on white."""
    return theme.readable(HexColor(cover.accent)) if cover.accent else theme.ACCENT


def _brand(cover: c.Cover, accent: Color, blocks: BlockSetter) -> list[Flowable]:
    """Return what stands above the kind of report: room, in it the name of whose report it is on their colour."""
    if not cover.brand:
        return [Spacer(0, 30 * mm)]
    style = ParagraphStyle("cover-brand", theme.QUESTION, textColor=theme.text_on(accent), spaceAfter=0)
    band = Table([[blocks.paragraph(cover.brand, style, 60)]], colWidths=[theme.CONTENT_WIDTH])
    band.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), accent),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
            ]
        )
    )
    return [band, Spacer(0, 14 * mm)]


def _facts(cover: c.Cover, accent: Color, blocks: BlockSetter) -> list[Flowable]:
    if not cover.facts:
        return []
    cells = [
        [blocks.paragraph(fact.label, theme.SMALL, 40), blocks.paragraph(fact.value, theme.QUESTION, 40)]
        for fact in cover.facts
    ]
    style = [
        ("LINEABOVE", (0, 0), (-1, 0), 1.2, accent),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 6),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return [Table([cells], colWidths=[theme.CONTENT_WIDTH / len(cells)] * len(cells), style=TableStyle(style))]


def _people(names: list[str]) -> str:
    shown = [name[:40] for name in names[:PEOPLE_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
