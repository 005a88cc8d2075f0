"""The PDF: cover, sections with bookmarks, running header and footer. Same content, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
)

from core.reports import content as c
from core.reports.render import theme
from core.reports.render.blocks import BlockSetter
from core.reports.render.cover import accent_of, cover_flowables
from core.reports.render.text import Typesetter

HEAD_LIMIT = 2500
# A section that does not fit on the rest of a page begins there all the same, unless no more than this part is left.
LITTLE_ROOM = 0.25
TABLE_BEGINS = 110
BOOKMARK_CHARS = 90


def render_pdf(content: c.ReportContent) -> bytes:
    """Return the report as PDF.

    It is set twice: the first pass finds the page of each section and the last page, the second prints them.
    """
    theme.register_fonts()
    first = _Document(content, pages={}, page_count=0)
    first.make()
    second = _Document(content, pages=first.pages, page_count=first.last_page)
    return second.make()


class _Anchor(Flowable):  # type: ignore[misc]
    """Where a section begins: a bookmark, an outline entry and a page number for the contents."""

    def __init__(self, anchor: str, title: str, document: _Document) -> None:
        super().__init__()
        self.anchor, self.title, self.document = anchor, title, document
        self.keepWithNext = 1
        self.spaceBefore = 18  # left out at the top of a page

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        del width, height
        return 0.0, 0.0

    def draw(self) -> None:
        self.canv.bookmarkHorizontal(self.anchor, 0, 18)
        self.canv.addOutlineEntry(self.title, self.anchor, level=0)
        self.document.pages[self.anchor] = self.canv.getPageNumber()


class _Document:
    """One pass over the content."""

    def __init__(self, content: c.ReportContent, pages: dict[str, int], page_count: int) -> None:
        self.content = content
        self.pages = dict(pages)
        self.page_count = page_count
        self.last_page = 0
        self.setter = Typesetter()
        self.blocks = BlockSetter(self.setter, pages)

    def make(self) -> bytes:
        """Set the document once and return its bytes."""
        out = BytesIO()
        plain = self.setter.plain
        template = BaseDocTemplate(
            out,
            pagesize=(theme.PAGE_WIDTH, theme.PAGE_HEIGHT),
            title=plain(self.content.title, 200),
            author=plain(self.content.author, 100),
            subject=plain(self.content.subject, 300),
            creator=plain(self.content.author, 100),
            lang=plain(self.content.language, 20),
            displayDocTitle=True,
            # Without it every page would name Helvetica, which is not embedded.
            initialFontName=theme.REGULAR,
            invariant=1,
            pageCompression=1,
        )
        frame = Frame(
            theme.MARGIN,
            theme.BOTTOM,
            theme.CONTENT_WIDTH,
            theme.CONTENT_HEIGHT,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        template.addPageTemplates(
            [
                PageTemplate("cover", frames=[frame], onPage=self._on_cover),
                PageTemplate("page", frames=[frame], onPage=self._on_page),
            ]
        )
        template.build(self._story())
        self.last_page = template.page
        return out.getvalue()

    def _story(self) -> list[Flowable]:
        story: list[Flowable] = [
            _Anchor("cover", "Cover", self),
            *cover_flowables(self.content, self.blocks),
            NextPageTemplate("page"),
            PageBreak(),
        ]
        for index, section in enumerate(self.content.sections):
            starts_page = section.new_page or index == 0
            story += [PageBreak()] if starts_page and index else []
            story += self._section(section)
        story += [self.blocks.paragraph(note, theme.SMALL) for note in self.setter.notes()]
        return story

    def _section(self, section: c.Section) -> list[Flowable]:
        head: list[Flowable] = [_Anchor(section.anchor, _bookmark(section), self)]
        if section.eyebrow:
            head.append(self.blocks.paragraph(section.eyebrow, theme.EYEBROW, 120))
        title_style = theme.QUESTION if section.eyebrow else theme.TITLE
        if section.text:
            head.append(self.blocks.paragraph(section.text, theme.BODY, HEAD_LIMIT))
        else:
            head.append(self.blocks.paragraph(section.title, title_style, 300))
        if section.meta:
            head.append(self.blocks.paragraph(section.meta, theme.META, 400))
        groups, leading = self._pieces(section.blocks)
        whole = _height(head) + sum(_height(group) for group in groups)
        return [CondPageBreak(min(whole, theme.CONTENT_HEIGHT * LITTLE_ROOM)), *_kept_together(head, groups, leading)]

    def _pieces(self, blocks: Sequence[c.Block]) -> tuple[list[list[Flowable]], int]:
        """Return the flowables that stay together, piece by piece, and how many pieces stay with the heading."""
        pieces: list[list[Flowable]] = []
        leading = 0
        before: c.Block | None = None
        for block in blocks:
            if isinstance(block, c.Table) and block.beside and before is not None:
                pieces[-1] = self.blocks.side_by_side(before, block)
            elif isinstance(block, c.Text) and isinstance(before, c.Text):
                pieces[-1] += self.blocks.flowables(block)
            elif isinstance(before, c.Heading):
                first, *more = self._groups(block) or [[]]
                pieces[-1] += first
                pieces += more
            else:
                pieces += self._groups(block)
            # What leads up to the first chart stays with the heading, or what is under the first heading inside.
            if not leading and (block.type.endswith("_chart") or isinstance(block, c.Heading)):
                leading = len(pieces)
            before = block
        return pieces, leading or min(len(pieces), 2)

    def _groups(self, block: c.Block) -> list[list[Flowable]]:
        """Return the flowables of a block in the pieces that belong together; no quote is first or last alone."""
        if block.type == "quotes":
            parts = [self.blocks.flowables(c.Quotes(items=[quote])) for quote in block.items]
            if len(parts) < 4:
                return [[part for quote in parts for part in quote]]
            return [parts[0] + parts[1], *parts[2:-2], parts[-2] + parts[-1]]
        return [self.blocks.flowables(block)]

    def _on_cover(self, canvas: Canvas, template: BaseDocTemplate) -> None:
        del template
        canvas.saveState()
        canvas.setFillColor(accent_of(self.content.cover))
        canvas.rect(0, 0, 9 * mm, theme.PAGE_HEIGHT, stroke=0, fill=1)
        canvas.restoreState()
        self._footer(canvas)

    def _on_page(self, canvas: Canvas, template: BaseDocTemplate) -> None:
        del template
        canvas.saveState()
        y = theme.PAGE_HEIGHT - 14 * mm
        self._running(canvas, self.content.title, theme.MARGIN, y, theme.CONTENT_WIDTH, theme.MUTED)
        canvas.setStrokeColor(theme.RULE)
        canvas.setLineWidth(0.5)
        canvas.line(theme.MARGIN, y - 5, theme.MARGIN + theme.CONTENT_WIDTH, y - 5)
        canvas.restoreState()
        self._footer(canvas)

    def _footer(self, canvas: Canvas) -> None:
        canvas.saveState()
        y = 11 * mm
        colour = theme.WARNING if self.content.demonstration else theme.MUTED
        notice = self.content.running_notice
        if not self.content.complete:
            notice = f"{notice}  ·  Partial results" if notice else "Partial results"
        self._running(canvas, notice, theme.MARGIN, y, theme.CONTENT_WIDTH - 70, colour)
        canvas.setFont(theme.REGULAR, 7.5)
        canvas.setFillColor(theme.MUTED)
        of = f" of {self.page_count}" if self.page_count else ""
        canvas.drawRightString(theme.MARGIN + theme.CONTENT_WIDTH, y, f"Page {canvas.getPageNumber()}{of}")
        canvas.restoreState()

    def _running(self, canvas: Canvas, text: str, x: float, y: float, width: float, colour: Any) -> None:
        """Draw one line of running text, cut to its width."""
        setter = Typesetter()
        canvas.setFillColor(colour)
        for font, part in setter.runs(text, 150):
            canvas.setFont(font, 7.5)
            shown = part
            while shown and canvas.stringWidth(shown, font, 7.5) > width:
                shown = shown[:-1]
            canvas.drawString(x, y, shown)
            used = canvas.stringWidth(shown, font, 7.5)
            x, width = x + used, width - used


def _bookmark(section: c.Section) -> str:
    # A typesetter of its own: a name shortened here is whole on the page, and needs no remark there.
    name = Typesetter().plain(section.bookmark or section.title, BOOKMARK_CHARS)
    return name.replace(" […]", "…")


def _kept_together(head: list[Flowable], groups: list[list[Flowable]], leading: int) -> list[Flowable]:
    """Keep a heading and what leads its section on one page as far as it fits, and each later block in one piece."""
    kept, room = list(head), theme.CONTENT_HEIGHT * 0.98 - _height(head)
    rest = list(groups)
    while rest and len(rest) > len(groups) - leading and (needed := _height(rest[0])) <= room:
        kept += rest.pop(0)
        room -= needed
    if rest and len(rest) == len(groups):
        # Not even the first block fits: its beginning stays with the heading.
        first = rest.pop(0)
        while first and (needed := _height(first[:1])) <= room:
            kept.append(first.pop(0))
            room -= needed
        rest.insert(0, first)
    if room < 0:
        return [CondPageBreak(120), *head, *(part for group in groups for part in group)]
    return [KeepTogether(kept), *(part for group in rest for part in _together(group))]


def _together(group: list[Flowable]) -> list[Flowable]:
    if any(_is_long(part) for part in group):
        # It begins wherever its caption, its head and some rows have room.
        for part in group:
            part.keepWithNext = 0
        return [CondPageBreak(TABLE_BEGINS), *group]
    return [KeepTogether(group)] if group and _height(group) <= theme.CONTENT_HEIGHT else group


def _is_long(part: Flowable) -> bool:
    """Tell whether it is a table of so many rows that it may run over pages, under its head on each."""
    return isinstance(part, Table) and bool(part.repeatRows) and _height([part]) > theme.CONTENT_HEIGHT * LITTLE_ROOM


def _height(parts: list[Flowable]) -> float:
    total = 0.0
    for part in parts:
        total += part.wrap(theme.CONTENT_WIDTH, theme.CONTENT_HEIGHT * 50)[1]
        total += max(part.getSpaceBefore(), 0) + max(part.getSpaceAfter(), 0) if isinstance(part, Paragraph) else 0
    return total
