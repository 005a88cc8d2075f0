"""Wherever a page ends, what belongs together is not torn apart."""

from __future__ import annotations

import pypdfium2 as pdfium
import pytest

from core.reports import content as c
from core.reports.render import theme
from core.reports.render.pdf import render_pdf
from core.reports.survey_content import build_survey_content
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


@pytest.mark.parametrize("lines", range(18, 34, 3))
def test_the_method_does_not_begin_at_the_foot_of_a_page_with_notices_alone(lines: int) -> None:
    before = c.Section(anchor="q1", title="Why?", blocks=_filler(lines))
    content = made_up.survey()
    document = pdfium.PdfDocument(render_pdf(content.model_copy(update={"sections": [before, content.sections[-1]]})))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    [page] = [text for text in texts if "How this was made" in text]
    assert "Population and sample" in page
    assert "Effective sample size" in page


def test_a_long_table_begins_on_the_page_it_follows_on_and_has_its_caption() -> None:
    rows: list[list[c.Cell]] = [[f"cell {n}"] for n in range(20)]
    table = c.Table(caption="How each was asked", columns=[c.Column(label="Asked")], rows=rows)
    first, second = _pages(*_filler(30), table)
    assert "How each was asked" in first
    assert "cell 3" in first
    assert "cell 19" in second


@pytest.mark.parametrize("personas", [3, 6, 8, 10])
def test_no_page_of_questions_is_a_third_empty_and_a_question_has_its_personas_on_its_page_or_the_next(
    personas: int,
) -> None:
    scale = ["Much worse", "Somewhat worse", "About the same", "Somewhat better", "Much better"]
    people = [f"Persona Number {n}" for n in range(personas)]
    asked = []
    for n in range(6):
        question = made_up.question(f"q{n}", "likert", f"How is part {n}?", scale, mean=2.3, top2=20.0, bottom2=60.0)
        one = question["by_persona"][0]
        asked.append(question | {"by_persona": [one | {"persona_id": name, "persona_name": name} for name in people]})
    content = build_survey_content(made_up.results(questions=asked), made_up.facts())
    document = pdfium.PdfDocument(render_pdf(content))
    pages = [page.get_textpage() for page in document]
    texts = [page.get_text_bounded() for page in pages]
    empty = [_lowest(page) / theme.PAGE_HEIGHT for page in pages[1:-1]]
    document.close()
    assert max(empty) < theme.BOTTOM / theme.PAGE_HEIGHT + 1 / 3
    for n in range(1, 7):
        own = next(place for place, text in enumerate(texts) if f"Question {n}  ·" in text or f"Question {n} ·" in text)
        assert any(f"Question {n} by persona: How is part" in text for text in texts[own : own + 2])


def test_the_bars_of_many_personas_stand_under_their_heading() -> None:
    scale = ["Much worse", "Somewhat worse", "About the same", "Somewhat better", "Much better"]
    asked = []
    for n in range(4):
        question = made_up.question(f"q{n}", "likert", f"How is part {n}?", scale, mean=2.3, top2=20.0, bottom2=60.0)
        one = question["by_persona"][0]
        names = [f"Persona Number {number}" for number in range(20)]
        asked.append(question | {"by_persona": [one | {"persona_id": name, "persona_name": name} for name in names]})
    document = pdfium.PdfDocument(render_pdf(build_survey_content(made_up.results(questions=asked), made_up.facts())))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    for n in range(1, 5):
        [page] = [text for text in texts if f"Question {n} by persona" in text]
        assert page.index(f"Question {n} by persona") < page.index("Persona Number 0")


def _lowest(page: pdfium.PdfTextPage) -> float:
    """Return how far above the bottom of the page its last text stands, the footer left out."""
    boxes = [page.get_charbox(n) for n in range(page.count_chars())]
    return min(float(bottom) for _, bottom, _, _ in boxes if bottom > theme.BOTTOM - 2)
