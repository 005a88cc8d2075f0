"""Questionnaires as files: what they hold, and that what is written can be read as it was meant."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import docx

from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.exporting import as_created
from core.questionnaires.paper import paper
from core.questionnaires.qsf import survey_file
from core.questionnaires.schemas import QuestionnaireCreate
from core.questionnaires.wording import Words
from tests.factories.questionnaires import question, questionnaire

SPLIT = {"key": "wording", "arms": [{"label": "Plain", "text": "fuel"}, {"label": "Green", "text": "energy"}]}
ASKED = (
    question(key="owns", text="Do you own a <car>?", options=["Yes", "No", {"label": "Neither", "pinned": True}],
             randomise=True),
    question("multiple_choice", key="uses", text="For {{wording}}?", show_if='owns == "1"'),
    question("numeric", key="km", text="How far?", scale={"min": 0, "max": 90}, show_if='"1" not in uses'),
    question("likert", key="sat", scale={"min": 1, "max": 3, "labels": ["Bad", "So so", "Good"]}),
    question("nps", key="rec", show_if="km >= 20 and not (sat in [1, 2])"),
    question("open_ended", key="why", text="Why {{uses|this}}?", show_if='wording == "2" or rec < 2', required=False),
    question("max_diff", key="md", options=["Price", "Comfort", "Speed", "Safety"]),
)  # fmt: skip


def whole(*questions: dict[str, Any], **members: Any) -> Content:
    body = QuestionnaireCreate.model_validate(questionnaire(*(questions or ASKED), **{"splits": [SPLIT]} | members))
    return build_content(body.sections, body.splits)


def qsf(content: Content) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(survey_file(UUID(int=7), "T", "en", datetime(2026, 1, 2, tzinfo=UTC), content))
    return made


def payloads(content: Content) -> dict[str, dict[str, Any]]:
    parts = [one["Payload"] for one in qsf(content)["SurveyElements"] if one["Element"] == "SQ"]
    return {one["DataExportTag"]: one for one in parts}


def logic(content: Content, key: str) -> list[list[tuple[str, str, str | None]]]:
    """Return the expressions of a question's logic, set by set, after checking how they are joined."""
    found = payloads(content)[key]
    tree = found.get("InPageDisplayLogic") or found["DisplayLogic"]
    assert tree["Type"] == "BooleanExpression"
    sets = [tree[str(n)] for n in range(len(tree) - 2)]
    assert [one["Type"] for one in sets] == ["If", *["OrIf"] * (len(sets) - 1)]
    told = []
    for one in sets:
        parts = [one[str(n)] for n in range(len(one) - 1)]
        assert [part.get("Conjuction") for part in parts] == [None, *["And"] * (len(parts) - 1)]
        told.append([(part["LeftOperand"], part["Operator"], part.get("RightOperand")) for part in parts])
    return told


def test_what_is_exported_creates_the_same_again() -> None:
    first = as_created("Mood", "de-AT", whole())
    body = QuestionnaireCreate.model_validate(json.loads(json.dumps(first)))
    assert as_created(body.title, body.language, build_content(body.sections, body.splits)) == first
    assert "id" not in json.dumps(first).replace('"', " ").split()


def test_on_paper_stand_numbers_codes_routing_and_arms() -> None:
    read = docx.Document(io.BytesIO(paper("Mood & more", "en", 3, whole())))
    text = "\n".join(paragraph.text for paragraph in read.paragraphs)
    for expected in (
        "7 questions · language en · version 3",
        "Q1. Do you own a <car>?",
        "☐  3  Neither  [always last]",
        "Ask if Q1 is “Yes” (1).",
        "Q2. For [wording: fuel / energy]?",
        "Ask if Q3 is at least 20 and not (Q4 is “Bad” (1) or “So so” (2)).",
        "Ask if the arm of “wording” is “Green” (2) or Q5 is below 2.",
        "Q6. Why [answer to Q2, or “this”]?",
        "Give a number from 0 to 90.",
    ):
        assert expected in text
    cells = [[cell.text for cell in row.cells] for table in read.tables for row in table.rows]
    assert ["2", "Green", "50.0%", "energy"] in cells
    assert ["Bad", "So so", "Good"] in cells


def test_a_survey_file_has_the_parts_qualtrics_writes() -> None:
    content = whole()
    made = qsf(content)
    assert list(made) == ["SurveyEntry", "SurveyElements"]
    assert len(made["SurveyEntry"]) == 17
    parts = {one["Element"]: one for one in made["SurveyElements"]}
    assert list(parts) == ["BL", "FL", "SO", "SCO", "PROJ", "STAT", "QC", "RS", "SQ"]
    asked = [one["PrimaryAttribute"] for one in made["SurveyElements"] if one["Element"] == "SQ"]
    [block, trash] = parts["BL"]["Payload"]
    assert [one["QuestionID"] for one in block["BlockElements"]] == asked
    assert (trash["Type"], parts["QC"]["SecondaryAttribute"]) == ("Trash", str(len(asked)))
    [lot, shown] = parts["FL"]["Payload"]["Flow"]
    assert (lot["Type"], lot["SubSet"], shown["ID"]) == ("BlockRandomizer", 1, block["ID"])
    fields = [[(one["Field"], one["Value"]) for one in arm["EmbeddedData"]] for arm in lot["Flow"]]
    assert fields[1] == [("wording", "2"), ("wording_text", "energy")]


def test_a_survey_file_has_each_type_with_its_codes() -> None:
    found = payloads(whole())
    assert {key: (one["QuestionType"], one["Selector"]) for key, one in found.items()} == {
        "owns": ("MC", "SAVR"), "uses": ("MC", "MAVR"), "km": ("TE", "SL"), "sat": ("MC", "SAHR"), "rec": ("MC", "NPS"),
        "why": ("TE", "ML"), "md": ("Matrix", "MaxDiff"),
    }  # fmt: skip
    owns = found["owns"]
    assert owns["RecodeValues"] == {"1": "1", "2": "2", "3": "3"}
    assert owns["Randomization"]["Advanced"]["FixedOrder"] == ["{~Randomized~}", "{~Randomized~}", "3"]
    assert owns["QuestionText"] == "Do you own a &lt;car&gt;?"
    assert found["why"]["QuestionText"] == "Why ${q://QID2/ChoiceGroup/SelectedChoices}?"
    assert found["km"]["Validation"]["Settings"]["ValidNumber"] == {"Min": "0", "Max": "90", "NumDecimals": ""}
    assert [found[key]["Validation"]["Settings"]["ForceResponse"] for key in ("km", "why")] == ["ON", "OFF"]


def test_display_logic_asks_for_an_answer_where_ours_does() -> None:
    content = whole()
    assert logic(content, "uses") == [[("q://QID1/SelectableChoice/1", "Selected", None)]]
    assert logic(content, "km") == [
        [("q://QID2/SelectableChoice/1", "NotSelected", None), ("q://QID2/SelectableChoice/2", "Selected", None)]
    ]
    entry = "q://QID3/ChoiceTextEntryValue"
    assert logic(content, "rec") == [
        [
            (entry, "NotEmpty", None), (entry, "GreaterThanOrEqual", "20"),
            ("q://QID4/SelectableChoice/1", "NotSelected", None), ("q://QID4/SelectableChoice/2", "NotSelected", None),
        ]
    ]  # fmt: skip
    assert logic(content, "why") == [
        [("wording", "EqualTo", "2")],
        *([(f"q://QID5/SelectableChoice/{n}", "Selected", None)] for n in (0, 1)),
    ]


def test_text_cannot_pipe_or_mark_up() -> None:
    content = whole(question(key="a", text="${e://Field/x} <script>"), splits=[])
    assert payloads(content)["a"]["QuestionText"] == "$&#123;e://Field/x} &lt;script&gt;"


def test_what_a_survey_file_cannot_hold_is_told_in_it() -> None:
    rated = [question("nps", key=key) for key in ("rec", "rec2")]
    content = whole(*rated, question(key="last", show_if="rec > 0 and rec2 > 0"), splits=[])
    assert "InPageDisplayLogic" not in payloads(content)["last"]
    assert "last is put to everybody here" in qsf(content)["SurveyEntry"]["SurveyDescription"]


def test_a_label_that_names_nothing_stands_in_files_as_it_is_written() -> None:
    content = whole(question("matrix", key="mx", rows=["Worth {{}} <b>", "{{gone|it}}"]))
    rows = payloads(content)["mx"]["Choices"].values()
    assert [row["Display"] for row in rows] == ["Worth {{}} &lt;b&gt;", "{{gone|it}}"]
    assert Words.of(content).text("{{gone|it}}") == "{{gone|it}}"


def test_logic_on_a_row_or_a_place_is_told_in_words_and_is_no_field_of_a_survey_file() -> None:
    content = whole(
        question("matrix", key="mx", rows=["Taste", "Price"], scale={"min": 1, "max": 2, "labels": ["Bad", "Good"]}),
        question("ranking", key="rk", options=["A", "B"]),
        question("nps", key="last", show_if='mx["2"] == "2" and rk[1] == "1"'),
    )
    told = Words.of(content).routing(list(content.questions())[-1])
    assert told == "“Price” of Q1 is “Good” (2) and place 1 of Q2 is “A” (1)"
    assert "DisplayLogic" not in payloads(content)["last"]
    assert "last is put to everybody here" in qsf(content)["SurveyEntry"]["SurveyDescription"]
