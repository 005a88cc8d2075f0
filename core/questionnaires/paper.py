"""A questionnaire as a document to read, discuss and fill in by hand. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt, RGBColor

from core.questionnaires.content import Content, Option, Question
from core.questionnaires.wording import Words

GREY: Final = RGBColor(0x59, 0x59, 0x59)
BOX: Final = "☐"
WIDEST_SCALE: Final = 11
MOST_COLUMNS: Final = 12
MOST_CELLS: Final = 6000
"""A document with more of them would take long: answers are then listed below each other."""
LONGEST_POINT: Final = 40
"""A longer label has no room above a point of a scale: the points then stand below each other."""
NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DOES: Final = {
    "single_choice": "Select one answer.",
    "multiple_choice": "Select all that apply.",
    "likert": "Select one point.",
    "nps": "Select one number from 0 to 10.",
    "open_ended": "Answer in your own words.",
    "matrix": "Select one answer in each row.",
    "ranking": "Number the answers, 1 for the first.",
}


def paper(title: str, language: str, version: int, content: Content) -> bytes:
    """Return a .docx file: sections, numbered questions, options with codes, routing in words, split ballots."""
    document: Document = docx.Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(10.5)
    document.core_properties.title = _clean(title)
    document.core_properties.language = language
    document.core_properties.author = "Synthetic People"
    document.core_properties.comments = ""
    document.add_heading(_clean(title), 0)
    count = content.question_count
    _line(document, f"{count} question{'' if count == 1 else 's'} · language {language} · version {version}", grey=True)
    words = Words.of(content)
    tables = sum(map(_cells, content.questions())) <= MOST_CELLS
    if content.splits:
        _splits(document, content)
    for number, section in enumerate(content.sections, start=1):
        document.add_heading(_clean(f"{number}. {section.title}"), 1)
        for question in section.questions:
            _question(document, question, words, tables=tables)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _splits(document: Document, content: Content) -> None:
    document.add_heading("Split ballots", 1)
    _line(document, "Each respondent is put in one arm of each by lot, before anything is asked.", grey=True)
    for split in content.splits:
        rows = [[arm.code, arm.label, f"{arm.share:.1%}", arm.text or "–"] for arm in split.arms]
        _line(document, split.key, bold=True, keep=True)
        _table(document, [["Arm", "Label", "Share", "Text"], *rows])


def _question(document: Document, question: Question, words: Words, *, tables: bool) -> None:
    if (routing := words.routing(question)) is not None:
        _line(document, f"Ask if {routing}.", italic=True, grey=True, keep=True, before=10)
    head = document.add_paragraph()
    head.paragraph_format.keep_with_next = True
    head.paragraph_format.space_before = Pt(2 if routing else 10)
    head.paragraph_format.space_after = Pt(2)
    head.add_run(_clean(f"Q{words.numbers[question.key]}. {words.text(question.text)}")).bold = True
    about = [question.key, *([] if question.required else ["may be left out"])]
    about += ["answers in random order"] if question.randomise else []
    _line(document, f"{_asked(question)} [{' · '.join(about)}]", grey=True, keep=True)
    _answers(document, question, words, tables=tables)


def _asked(question: Question) -> str:
    kind: str = question.type
    if kind == "numeric":
        low, high = (question.scale.min, question.scale.max) if question.scale else (None, None)
        bounds = [f"from {low:g}" if low is not None else "", f"to {high:g}" if high is not None else ""]
        return " ".join(["Give a number", *filter(None, bounds)]) + "."
    if kind == "ranking" and question.rank_top is not None:
        return f"Number your first {question.rank_top} answers, 1 for the first."
    if kind == "max_diff" and question.sets is not None:
        sets = question.sets
        return f"In each of {sets.count} sets of {sets.size} of these, select the best and the worst."
    return DOES.get(kind, "Answer.")


def _answers(document: Document, question: Question, words: Words, *, tables: bool) -> None:
    kind: str = question.type
    options = question.options
    if kind == "open_ended":
        _line(document, "\n".join(["_" * 70] * 3))
    elif kind == "numeric":
        ends = question.scale.labels if question.scale else ()
        _line(document, " … ".join(["__________", *ends]))
    elif tables and question.rows and len(options) < MOST_COLUMNS:
        head = ["", *(f"{words.text(one.label)} ({one.code})" for one in options)]
        body = [[f"{words.text(row.label)} ({row.code})", *[BOX] * len(options)] for row in question.rows]
        _table(document, [head, *body])
    elif tables and kind in ("likert", "nps") and _fits(options):
        _scale(document, question)
    else:
        listed = [f"{words.text(row.label)} ({row.code}): ______" for row in question.rows]
        listed += [f"{'____' if kind == 'ranking' else BOX}  {_option(option, words)}" for option in options]
        _line(document, "\n".join(listed))  # one paragraph: each further one is added more slowly


def _cells(question: Question) -> int:
    """Return how many cells the table of a question's answers has at most."""
    if question.rows:
        return (len(question.rows) + 1) * (len(question.options) + 1)
    return 3 * len(question.options) if question.type in ("likert", "nps") else 0


def _option(option: Option, words: Words) -> str:
    notes = ["only by itself"] if option.exclusive else []
    notes += ["always last"] if option.pinned else []
    note = f"  [{', '.join(notes)}]" if notes else ""
    return f"{option.code}  {words.text(option.label)}{note}"


def _fits(options: Sequence[Option]) -> bool:
    return len(options) <= WIDEST_SCALE and all(len(option.label) <= LONGEST_POINT for option in options)


def _scale(document: Document, question: Question) -> None:
    codes = [option.code for option in question.options]
    labels = [option.label for option in question.options]
    if question.type == "nps" and question.scale is not None:
        labels = [question.scale.labels[0], *[""] * (len(codes) - 2), question.scale.labels[-1]]
    _table(document, [labels, codes, [BOX] * len(codes)] if labels != codes else [codes, [BOX] * len(codes)])


def _table(document: Document, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    cells: list[Any] = table._cells  # noqa: SLF001 - each access to .cells reads the whole table anew
    for at, text in enumerate(text for row in rows for text in row):
        paragraph = cells[at].paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = at < len(cells) - len(rows[0])
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if at % len(rows[0]) == 0 else WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(_clean(text)).font.size = Pt(9.5)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _line(
    document: Document,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    grey: bool = False,
    keep: bool = False,
    before: float = 0,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.keep_with_next = keep
    run = paragraph.add_run(_clean(text))
    run.bold, run.italic = bold, italic
    if grey:
        run.font.color.rgb = GREY
        run.font.size = Pt(9.5)


def _clean(text: str) -> str:
    return NO_XML.sub("", text)
