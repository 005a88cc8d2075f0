"""Workbooks and system files of responses, read back by independent readers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import openpyxl
import pyreadstat
import pytest
from openpyxl.utils.escape import unescape

from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys.fields import Frame, fields_of, unique_names
from core.surveys.filing.request import FileRequest
from core.surveys.filing.spss import write_sav
from core.surveys.filing.workbook import write_workbook
from core.surveys.responses import AnswerRead, ResponseRead
from tests.factories.questionnaires import content, question, questionnaire

ADA, BO = UUID(int=1), UUID(int=2)
ASKED = content(
    question("single_choice", key="milk", options=[{"code": "oat", "label": "=Oat"}, {"code": "cow", "label": "Cow"}]),
    question("multiple_choice", key="uses", options=["Tea", "Coffee", {"code": "none", "label": "None"}]),
    question("likert", key="likes", scale=None, options=["Not at all", "Somewhat", "Very"]),
    question("nps", key="tells"),
    question("numeric", key="litres", scale={"min": 0, "max": 50}),
    question("numeric", key="balance"),
    question("open_ended", key="why"),
)


def answer(value: Any, reason: str | None = None) -> AnswerRead:
    return AnswerRead(value=value, method="direct", missing_reason=reason)


def response(number: int, persona: UUID, **values: Any) -> ResponseRead:
    return ResponseRead(
        respondent_number=number,
        persona_id=persona,
        persona_version=1,
        weight=1.5,
        attributes={"age group": "18-29", "+city": "@Lyon"},
        answers={key: value if isinstance(value, AnswerRead) else answer(value) for key, value in values.items()},
    )


FULL = response(1, ADA, milk="oat", uses=["1", "none"], likes="3", tells=9, litres=2.5, balance=-95, why="=1+1 é")
GAPS = response(
    2, BO, **{key: answer(None, "not_shown") for key in ("milk", "uses", "likes", "litres", "balance", "why")},
    tells=answer(None, "refused"),
)  # fmt: skip


def request(format_: Literal["xlsx", "sav"], asked: Content = ASKED) -> FileRequest:
    return FileRequest(
        format=format_,
        title="Milk",
        made_at=datetime(2026, 11, 5, tzinfo=UTC),
        content=asked,
        personas={ADA: "Ada", BO: "-Bo"},
        attributes=["+city", "age group"],
        model="m-1",
        demonstration=True,
        text_bytes={"a:+city": 5, "a:age group": 5, "why": 7, "model": 3},
        notes=["Nobody was asked."],
    )


def workbook(*responses: ResponseRead) -> dict[str, list[list[Any]]]:
    target = io.BytesIO()
    write_workbook(target, request("xlsx"), responses)
    book = openpyxl.load_workbook(target)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.rows] for sheet in book}


def system_file(folder: Path, *responses: ResponseRead, asked: Content = ASKED) -> tuple[dict[str, list[Any]], Any]:
    with (folder / "one.sav").open("wb") as target:
        write_sav(target, request("sav", asked), responses)
    return pyreadstat.read_sav(folder / "one.sav", user_missing=True, output_format="dict")


def row_of(sheet: Sequence[Sequence[Any]], number: int) -> dict[str, Any]:
    return dict(zip(sheet[0], sheet[number], strict=True))


def test_a_workbook_has_codes_and_labels_side_by_side() -> None:
    sheets = workbook(FULL, GAPS)
    codes, labels = row_of(sheets["codes"], 1), row_of(sheets["labels"], 1)
    assert [codes[key] for key in ("milk", "uses_1", "uses_2", "uses_none", "likes", "tells", "litres", "balance")] == [
        "oat", 1, 0, 1, 3, 9, 2.5, -95,
    ]  # fmt: skip
    assert [labels[key] for key in ("persona", "uses_1", "uses_2", "likes", "tells", "weight")] == [
        "Ada", "Selected", "Not selected", "Very", "9", 1.5,
    ]  # fmt: skip


def test_a_workbook_tells_why_answers_are_missing() -> None:
    sheets = workbook(FULL, GAPS)
    told = row_of(sheets["labels"], 2)
    assert (told["milk"], told["tells"]) == ("(Not shown)", "(Refused)")
    assert {row_of(sheets["codes"], 2)[key] for key in ("milk", "uses_1", "tells", "why")} == {None}


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    sheets = workbook(FULL, GAPS)
    cells = [str(cell) for sheet in sheets.values() for row in sheet for cell in row if isinstance(cell, str)]
    assert {"'=Oat", "'@Lyon", "'=1+1 é", "'-Bo", "'+city"} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_the_codebook_names_every_variable_and_code() -> None:
    header, *rows = workbook(FULL)["codebook"]
    assert header == ["variable", "question", "type", "label", "code", "code_label"]
    assert ["uses_2", "uses", "multiple_choice", "Coffee – A multiple_choice question?", 1, "Selected"] in rows
    assert ["a_city", None, "attribute", "'+city", None, None] in rows
    assert rows[-1][:4] == ["note", None, None, "Nobody was asked."]
    assert {row[0] for row in rows} == {*(field.name for field in fields_of(ASKED, request("xlsx").frame())), "note"}


def test_the_same_dataset_gives_the_same_system_file(tmp_path: Path) -> None:
    system_file(tmp_path, FULL, GAPS)
    first = (tmp_path / "one.sav").read_bytes()
    system_file(tmp_path, FULL, GAPS)
    assert (tmp_path / "one.sav").read_bytes() == first


def test_a_system_file_holds_labelled_numbers_and_texts(tmp_path: Path) -> None:
    data, meta = system_file(tmp_path, FULL)
    found = {name: values[0] for name, values in data.items()}
    assert [found[key] for key in ("milk", "uses_1", "uses_2", "likes", "tells", "litres", "why")] == [
        1, 1, 0, 3, 9, 2.5, "=1+1 é",
    ]  # fmt: skip
    assert (found["weight"], found["persona"], found["a_age_group"], found["a_city"]) == (1.5, 1, "18-29", "@Lyon")
    assert meta.variable_value_labels["milk"][1] == "=Oat"
    assert meta.variable_value_labels["persona"] == {1: "Ada", 2: "-Bo"}
    assert meta.column_names_to_labels["a_city"] == "+city"
    assert (meta.variable_measure["likes"], meta.variable_measure["milk"]) == ("ordinal", "nominal")


def test_reasons_are_missing_values_that_no_answer_can_be(tmp_path: Path) -> None:
    data, meta = system_file(tmp_path, FULL, GAPS)
    assert (data["milk"][1], data["tells"][1], data["uses_1"][1], data["litres"][1]) == (-99, -98, -99, -99)
    assert meta.variable_value_labels["tells"][-98] == "Refused"
    assert meta.missing_ranges["litres"] == [{"lo": -99, "hi": -94}]
    assert data["balance"] == [-95, -9_999_999_999_999]  # an open number may be -95
    assert data["why"][1] == ""
    usual, _ = pyreadstat.read_sav(tmp_path / "one.sav", output_format="dict")
    assert [usual["balance"][1], usual["milk"][1]] == [None, None]


def test_scales_without_numbers_as_codes_are_written_by_their_scores(tmp_path: Path) -> None:
    points = [{"code": "low", "label": "Low", "score": -1}, {"code": "high", "label": "High", "score": 4}]
    asked = content(question("likert", key="likes", scale=None, options=points))
    data, _ = system_file(tmp_path, response(1, ADA, likes="high"), asked=asked)
    assert data["likes"] == [4]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["mood", "Mood", "MOOD_2"], ["mood", "Mood_2", "MOOD_2_2"]),
        (["to", "a_age group", "年齢", "1st", ""], ["to_2", "a_age_group", "v", "v_1st", "v_2"]),
        (["q" * 70, "q" * 64], ["q" * 64, "q" * 62 + "_2"]),
        (["x-1", "x.1"], ["x_1", "x_1_2"]),
    ],
)
def test_names_are_valid_everywhere_and_unique(wanted: list[str], names: list[str]) -> None:
    assert unique_names(wanted) == names


def test_columns_stand_in_the_order_of_the_questionnaire() -> None:
    names = [field.name for field in fields_of(ASKED, Frame({ADA: "Ada"}, ["x"], "m", demonstration=False))]
    assert names[:8] == [
        "respondent_number", "persona", "persona_version", "weight", "model", "demonstration", "a_x", "milk",
    ]  # fmt: skip
    assert names[8:] == ["uses_1", "uses_2", "uses_none", "likes", "tells", "litres", "balance", "why"]


def test_labels_have_the_words_of_all_arms() -> None:
    asked = question("single_choice", key="buy", text="Would you pay {{price}}?", options=["Yes, {{price}}", "No"])
    body = questionnaire(asked) | {
        "splits": [
            {"key": "price", "arms": [{"code": c, "label": c, "text": f"${n}"} for c, n in (("a", 3), ("b", 9))]}
        ]
    }
    given = QuestionnaireCreate.model_validate(body)
    fields = fields_of(build_content(given.sections, given.splits), Frame({}, [], "m", demonstration=False))
    assert fields[-1].label == "Would you pay $3 / $9?"
    assert fields[-1].codes[0] == ("1", "Yes, $3 / $9")


def test_files_of_nobody_say_what_was_to_be_asked(tmp_path: Path) -> None:
    sheets = workbook()
    assert len(sheets["codes"]) == 1
    data, meta = system_file(tmp_path)
    assert meta.number_rows == 0
    assert list(data) == sheets["codes"][0]


def test_any_sign_of_a_text_can_stand_in_a_cell_and_a_long_one_is_cut() -> None:
    said, long = "a\x0bb \u2028 \ufffe _x0041_ 👍 <&>", "x" * 40_000
    [_, first, second] = workbook(response(1, ADA, why=said), response(2, ADA, why=long))["codes"]
    assert unescape(str(first[-1])) == said
    assert second[-1] == long[:32_767]
