"""Wherever a page ends, what belongs together is not torn apart."""

from __future__ import annotations

import pypdfium2 as pdfium
import pytest

from core.reports import content as c
from core.reports.render.pdf import render_pdf
from tests.core.reports import made_up


def _pages(*blocks: c.Block) -> list[str]:
    section = c.Section(anchor="q1", title="Why?", blocks=list(blocks))
    content = made_up.survey().model_copy(update={"sections": [section]})
    document = pdfium.PdfDocument(render_pdf(content))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return texts[1:]


def _filler(lines: int) -> list[c.Block]:
    """Return blocks of their own that fill so many lines."""
    rows: list[list[c.Cell]] = [[f"row {n}"] for n in range(lines)]
    return [c.Table(columns=[c.Column(label="Filler")], rows=rows)]


@pytest.mark.parametrize("lines", range(20, 36, 2))
@pytest.mark.parametrize("quoted", [2, 3, 6])
def test_no_quote_stands_alone_on_the_first_or_last_page_of_quotes(lines: int, quoted: int) -> None:
    quotes = c.Quotes(items=[c.Quote(text=f"Said {n}.", name=f"Respondent {n}") for n in range(quoted)])
    counts = [page.count("Respondent ") for page in _pages(*_filler(lines), quotes)]
    assert sum(counts) == quoted
    assert all(count > 1 for count in counts if count)


@pytest.mark.parametrize("lines", range(34, 46, 2))
def test_a_table_has_its_caption_above_it(lines: int) -> None:
    rows: list[list[c.Cell]] = [[f"cell {n}"] for n in range(8)]
    table = c.Table(caption="How each was asked", columns=[c.Column(label="Asked")], rows=rows)
    [page] = [text for text in _pages(*_filler(lines), table) if "cell 0" in text]
    assert page.index("How each was asked") < page.index("cell 0")


@pytest.mark.parametrize("lines", range(34, 46, 3))
def test_remarks_stay_together_with_their_heading(lines: int) -> None:
    remarks = [c.Text(text=f"Remark {n}. " * 12) for n in range(3)]
    pages = _pages(*_filler(lines), c.Heading(text="Reading the figures"), *remarks)
    [page] = [text for text in pages if "Reading the figures" in text]
    assert all(f"Remark {n}." in page for n in range(3))
