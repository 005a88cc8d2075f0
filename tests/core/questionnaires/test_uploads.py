"""Questionnaires read from files, without a database."""

from __future__ import annotations

import io
import json
from typing import Any

import docx
import openpyxl
import pytest

from core.errors import Invalid
from core.questionnaires.building import build_content
from core.questionnaires.paper import paper
from core.questionnaires.uploads import intake
from core.questionnaires.uploads.intake import Taken
from tests.factories.questionnaires import content

TEXT = """Coffee habits

SECTION A: Screening
1. Do you drink coffee?
   a) Yes
   b) No
2. How old are you?
3. Which of these do you drink? (select all that apply)
- Espresso
- Filter
- None of these
4. How satisfied are you with it? (1-5)
5. How likely are you to recommend it to a friend? [0-10]
6. Coffee is healthy.
Strongly disagree / Disagree / Neither / Agree / Strongly agree
7. Why? [open] [key: why] [optional]
8. Which brand? [randomise]
1) Lavazza
2) Illy
"""
TABLE = """section,key,type,text,options,scale,required
A,drink,single,Do you drink?,1=Yes; 2=No,,yes
,sat,likert,How satisfied?,,1-5: Low; High,
,why,open,Why?,,,no
"""


def questions(taken: Taken) -> list[Any]:
    return [one for section in taken.body.sections for one in section.questions]


async def refused(name: str, data: bytes) -> list[str]:
    with pytest.raises(Invalid) as failure:
        await intake.read(name, data)
    return [" ".join(map(str, one.loc[2:])) for one in failure.value.errors]


async def test_types_of_a_text_are_recognised() -> None:
    taken = await intake.read("coffee.txt", TEXT.encode())
    assert [one.type for one in questions(taken)] == [
        "single_choice",
        "numeric",
        "multiple_choice",
        "likert",
        "nps",
        "likert",
        "open_ended",
        "single_choice",
    ]


async def test_a_text_has_title_options_and_instructions() -> None:
    taken = await intake.read("coffee.txt", TEXT.encode())
    asked = questions(taken)
    assert taken.body.title == "Coffee habits"
    assert [one.label for one in asked[2].options if one.exclusive] == ["None of these"]
    assert (asked[6].key, asked[6].required, asked[6].text) == ("why", False, "Why?")
    assert (asked[7].randomise, [one.code for one in asked[7].options]) == (True, ["1", "2"])


async def test_what_was_guessed_is_told() -> None:
    taken = await intake.read("coffee.txt", TEXT.encode())
    assert ("line 7", "read as numeric: it asks for a number and has no options") in [
        (one.place, one.message) for one in taken.notes
    ]


async def test_a_table_has_codes_scales_and_sections() -> None:
    taken = await intake.read("t.csv", TABLE.encode())
    drink, sat, why = questions(taken)
    assert [(one.code, one.label) for one in drink.options] == [("1", "Yes"), ("2", "No")]
    assert sat.scale.labels == ["Low", "High"]
    assert (why.required, len(taken.body.sections)) == (False, 1)


async def test_options_in_columns_of_their_own_and_latin_letters() -> None:
    data = "Question;Option 1;Option 2\nCafé or tea?;Café;Tea\n".encode("latin-1")
    (one,) = questions(await intake.read("t.csv", data))
    assert [option.label for option in one.options] == ["Café", "Tea"]


async def test_every_problem_of_a_table_is_named_by_its_row() -> None:
    data = b"type,text,options,scale\nfoo,One?,,\nlikert,Two?,,1 bis 5\nlikert,Three?,,1-50\n"
    assert await refused("t.csv", data) == ["row 2, column 1", "row 3, column 4", "row 4 scale"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docm", b"x"),
        ("a.pdf", b"%PDF-1.4"),
        ("a.txt", b"PK\x03\x04"),
        ("a.docx", b"PK\x03\x04 word/document.xml"),
        ("a.json", b"[" * 100_000),
        ("a.csv", b"\n"),
    ],
)
async def test_files_that_are_none(name: str, data: bytes) -> None:
    assert len(await refused(name, data)) == 1


async def test_answers_before_questions_have_a_place() -> None:
    assert await refused("t.txt", b"- Yes\n- No\n") == ["line 1", "line 2"]


async def test_json_is_named_by_its_members() -> None:
    body = {"title": "A", "sections": [{"title": "S", "questions": [{"type": "foo", "text": "A?"}]}]}
    assert await refused("a.json", json.dumps(body).encode()) == ["sections 0 questions 0 type"]


async def test_lists_and_headings_of_a_document() -> None:
    document = docx.Document()
    document.add_heading("My survey", 0)
    document.add_heading("Cars", 1)
    document.add_paragraph("Do you own a car?", style="List Number")
    document.add_paragraph("Yes", style="List Bullet")
    document.add_paragraph("No", style="List Bullet")
    target = io.BytesIO()
    document.save(target)
    taken = await intake.read("a.docx", target.getvalue())
    assert (taken.body.title, taken.body.sections[0].title) == ("My survey", "Cars")
    assert [one.label for one in questions(taken)[0].options] == ["Yes", "No"]


async def test_a_document_of_ours_is_read_again() -> None:
    body = (await intake.read("coffee.txt", TEXT.encode())).body
    content = build_content(body.sections)
    again = await intake.read("again.docx", paper(body.title, "en", 1, content))
    assert [(one.key, one.type) for one in questions(again)] == [(one.key, one.type) for one in content.questions()]


async def test_formulas_without_a_value_have_a_place() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Survey"
    for row in (["Question", "Type", "Options"], ["Best?", "single", '=A1&"x"'], ["Age?", "number", None]):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    assert "Survey!C2" in await refused("a.xlsx", target.getvalue())


GOOD: dict[str, Any] = {"type": "matrix", "text": "How good is it?"}
MATTERS: dict[str, Any] = {"type": "ranking", "text": "What matters?", "options": ["Taste", "Price", "Health"]}
BATTERIES = [
    GOOD | {"key": "mx", "rows": ["Taste", "Price / value"], "options": ["Bad", "So / so", "Good"]},
    GOOD | {"key": "wide", "rows": ["Taste"], "options": [f"Point {number}" for number in range(11)]},
    MATTERS | {"key": "all"},
    MATTERS | {"key": "two", "rank_top": 2},
    MATTERS | {"key": "md", "type": "max_diff", "options": list("ABCDEF"), "sets": {"size": 3, "count": 8}},
]


async def test_matrices_rankings_and_sets_of_our_documents_come_back_whole() -> None:
    made = content(*BATTERIES)
    again = questions(await intake.read("again.docx", paper("Batteries", "en", 1, made)))
    for before, after in zip(made.questions(), again, strict=True):
        assert (after.key, after.type, after.rank_top) == (before.key, before.type, before.rank_top)
        assert [(one.code, one.label) for one in after.options] == [(one.code, one.label) for one in before.options]
        assert [(one.code, one.label) for one in after.rows] == [(one.code, one.label) for one in before.rows]
        assert after.sets is None or (after.sets.size, after.sets.count) == (3, 8)
    assert again[4].sets is not None


async def test_a_text_lists_the_rows_of_a_matrix() -> None:
    text = "1. How good are these?\nRows: Acme; Bestway\n- Bad\n- Good\n2. Why? [open]\n"
    matrix, why = questions(await intake.read("a.txt", text.encode()))
    assert (matrix.type, [row.label for row in matrix.rows], [one.label for one in matrix.options]) == (
        "matrix", ["Acme", "Bestway"], ["Bad", "Good"],
    )  # fmt: skip
    assert why.type == "open_ended"
