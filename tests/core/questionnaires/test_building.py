"""What a caller sends becomes stored content, or every wrong field is named."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import Invalid
from core.questionnaires.building import build_content, key_from
from core.questionnaires.content import Content, Question, shown_options
from core.questionnaires.schemas import MAX_QUESTIONS, QuestionnaireCreate
from tests.factories.questionnaires import question, questionnaire


def build(*questions: dict[str, Any]) -> Content:
    return build_content(QuestionnaireCreate.model_validate(questionnaire(*questions)).sections)


def only(body: dict[str, Any]) -> Question:
    return next(build(body).questions())


def problems(*questions: dict[str, Any]) -> dict[tuple[str | int, ...], str]:
    """Return what is wrong by its place within the first section's questions."""
    try:
        build(*questions)
    except Invalid as invalid:
        return {error.loc[4:]: error.msg for error in invalid.errors}
    except ValidationError as invalid:
        return {error["loc"][3:]: error["msg"] for error in invalid.errors()}
    return {}


def test_plain_labels_get_codes_from_1() -> None:
    options = only(question(options=["Red", "Green", "Blue"])).options
    assert [(option.code, option.label) for option in options] == [
        ("1", "Red"),
        ("2", "Green"),
        ("3", "Blue"),
    ]


def test_given_codes_are_kept() -> None:
    options = only(question(options=[{"code": "r", "label": "Red"}, {"code": "g", "label": "Green"}])).options
    assert [option.code for option in options] == ["r", "g"]


def test_nps_has_the_points_0_to_10_by_itself() -> None:
    made = only(question("nps"))
    assert made.codes == tuple(str(point) for point in range(11))
    assert [option.score for option in made.options] == [float(point) for point in range(11)]


def test_a_likert_scale_becomes_one_option_per_point() -> None:
    made = only(question("likert", scale={"min": 1, "max": 4, "labels": ["Never", "Always"]}))
    assert [(option.code, option.label, option.score) for option in made.options] == [
        ("1", "Never", 1.0),
        ("2", "2", 2.0),
        ("3", "3", 3.0),
        ("4", "Always", 4.0),
    ]


def test_likert_options_get_a_scale_and_scores() -> None:
    made = only(question("likert", scale=None, options=["Bad", "Fair", "Good"]))
    assert made.scale is not None
    assert (made.scale.min, made.scale.max, made.scale.labels) == (1, 3, ("Bad", "Fair", "Good"))
    assert [option.score for option in made.options] == [1.0, 2.0, 3.0]


def test_what_was_read_can_be_sent_again() -> None:
    types = ("single_choice", "multiple_choice", "likert", "nps", "numeric", "open_ended")
    first = build(*(question(type_, key=type_) for type_ in types))
    sections = first.model_dump(mode="json")["sections"]
    again = QuestionnaireCreate.model_validate({"title": "Again", "sections": sections})
    kept = {first.sections[0].id, *(found.id for found in first.questions())}
    assert build_content(again.sections, kept=kept) == first


def test_keys_are_made_of_the_first_words_and_stay_unique() -> None:
    made = build(
        question(text="How do you feel?"),
        question(text="How do you feel!"),
        question(key="How_Do_You_Feel_2"),
    )
    assert [found.key for found in made.questions()] == [
        "how_do_you_feel",
        "how_do_you_feel_3",
        "How_Do_You_Feel_2",
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2 cars or 3?", "q_2_cars_or_3"),
        ("Qué opina?", "que_opina"),
        ("为什么?", "question"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_key_is_ascii_and_starts_with_a_letter(text: str, key: str) -> None:
    assert key_from(text) == key


@pytest.mark.parametrize(
    ("body", "place", "part"),
    [
        (question("slider"), (0, "type"), "must be one of single_choice"),
        (question(options=[]), (0, "options"), "empty"),
        (question(options=["Only"]), (0, "options"), "at least 2"),
        (question(options=["A", "A"]), (0, "options", 1, "label"), "same label"),
        (question(options=["A", " a "]), (0, "options", 1, "label"), "cannot be told from the label of number 0"),
        (question(options=["caf\u00e9", "cafe\u0301"]), (0, "options", 1, "label"), "cannot be told from"),
        (question(options=["a", "\uff41"]), (0, "options", 1, "label"), "cannot be told from"),
        (
            question("likert", scale={"min": 1, "max": 2, "labels": ["a", "a\u200b"]}),
            (0, "scale", "labels", 1),
            "cannot",
        ),
        (question(options=["A", "\u200b"]), (0, "options", 1, "label"), "must not be empty"),
        (question(text="\u200b"), (0, "text"), "must not be empty"),
        (
            question(options=[{"code": "1", "label": "A"}, {"code": "1", "label": "B"}]),
            (0, "options", 1, "code"),
            "already",
        ),
        (question("likert", scale={"min": 1, "max": 1}), (0, "scale"), "2 to 11 points, not 1"),
        (question("likert", scale={"min": 1, "max": 12}), (0, "scale"), "2 to 11 points, not 12"),
        (question("likert", scale={"min": 5, "max": 1}), (0, "scale"), "2 to 11 points, not 0"),
        (question("likert", scale={"min": 1}), (0, "scale", "max"), "must be given"),
        (question("likert", scale={"min": 0.5, "max": 3.5}), (0, "scale"), "whole numbers"),
        (question("likert", scale=None, options=["Lonely"]), (0, "options"), "2 to 11 points, not 1"),
        (
            question("likert", scale=None, options=[str(point) for point in range(12)]),
            (0, "options"),
            "2 to 11 points, not 12",
        ),
        (question("likert", scale=None), (0, "options"), "2 to 11 points"),
        (question("likert", options=["A", "B"]), (0, "scale"), "5 points, but there are 2"),
        (question("numeric", scale={"min": 10, "max": 1}), (0, "scale", "min"), "above max"),
        (question("numeric", options=["1"]), (0, "options"), "no options"),
        (question("open_ended", options=["A"]), (0, "options"), "no options"),
        (question("open_ended", scale={"min": 1, "max": 5}), (0, "scale"), "no scale"),
        (question("nps", options=["A", "B"]), (0, "options"), "leave options out"),
        (question("nps", scale={"min": 1, "max": 10}), (0, "scale"), "0 to 10"),
        (question(scale={"min": 1, "max": 5}), (0, "scale"), "no scale"),
        (
            question(options=["A", {"label": "None", "exclusive": True}]),
            (0, "options", 1, "exclusive"),
            "multiple_choice",
        ),
        (
            question("multiple_choice", options=[{"label": label, "exclusive": True} for label in "AB"]),
            (0, "options"),
            "not be exclusive",
        ),
        (question(show_if={"key": "a"}), (0, "show_if"), "valid string"),
        (question(show_if="x" * 1001), (0, "show_if"), "at most 1000"),
        (question(rows=[{"label": "A"}]), (0, "rows"), "no rows"),
        (question("numeric", randomise=True), (0, "randomise"), "cannot be randomised"),
        (question(key="2nd"), (0, "key"), "pattern"),
        (question(text=" "), (0, "text"), "at least 1"),
        (question(text="x" * 2001), (0, "text"), "at most 2000"),
        (question(text="a\x00b"), (0, "text"), "NUL"),
        (question(options=["A", "x" * 201]), (0, "options", 1, "label"), "at most 200"),
        (question(options=["A", 7]), (0, "options", 1), "valid dictionary"),
        (question(options=[str(number) for number in range(101)]), (0, "options"), "at most 100"),
        (question("numeric", scale={"min": float("nan")}), (0, "scale", "min"), "finite"),
        (question(colour="red"), (0, "colour"), "not permitted"),
    ],
)
def test_each_wrong_field_is_named(body: dict[str, Any], place: tuple[str | int, ...], part: str) -> None:
    found = problems(body)
    assert place in found
    assert part in found[place]


def test_duplicate_keys_are_named_whatever_their_case() -> None:
    found = problems(question(key="mood"), question(key="MOOD"))
    assert found == {(1, "key"): "MOOD is the key of sections.0.questions.0 already"}


def test_several_problems_are_reported_together() -> None:
    found = problems(question(options=[]), question(), question("open_ended", options=["A"]))
    assert set(found) == {(0, "options"), (2, "options")}


def test_places_start_at_the_body() -> None:
    with pytest.raises(Invalid) as caught:
        build(question(), question(options=[]))
    assert caught.value.errors[0].loc == ("body", "sections", 0, "questions", 1, "options")


@pytest.mark.parametrize("sections", [[], [{"title": "Empty", "questions": []}]])
def test_a_questionnaire_has_questions(sections: list[Any]) -> None:
    with pytest.raises((ValidationError, Invalid)):
        build_content(QuestionnaireCreate.model_validate({"title": "None", "sections": sections}).sections)


def test_there_are_at_most_500_questions_in_all() -> None:
    half = {"title": "Half", "questions": [question("open_ended", text=f"Why {n}?") for n in range(251)]}
    body = QuestionnaireCreate.model_validate({"title": "Long", "sections": [half, half]})
    with pytest.raises(Invalid, match=f"502 questions are more than the {MAX_QUESTIONS}"):
        build_content(body.sections)


def test_an_id_of_another_questionnaire_is_refused() -> None:
    foreign = next(build(question()).questions()).id
    body = QuestionnaireCreate.model_validate(questionnaire(question(id=str(foreign))))
    with pytest.raises(Invalid, match="not an id of this questionnaire"):
        build_content(body.sections, kept=set())


def test_randomised_options_keep_pinned_ones_last() -> None:
    options = [*"ABCDEFGH", {"label": "Other", "pinned": True}]
    made = only(question(options=options, randomise=True))
    orders = {tuple(option.label for option in shown_options(made, 7, number)) for number in range(20)}
    assert len(orders) > 10
    assert {order[-1] for order in orders} == {"Other"}
    assert shown_options(made, 7, 1) == shown_options(made, 7, 1)
