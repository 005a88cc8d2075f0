"""A questionnaire changed piece by piece: what is put where, what stays, and where what is wrong is told."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from core.errors import FieldError, Invalid
from core.questionnaires.building import build_content
from core.questionnaires.pieces import Draft, merged, moved
from core.questionnaires.schemas import QuestionCreate, QuestionnaireCreate, QuestionUpdate, Reorder, SectionCreate
from tests.factories.questionnaires import content, question, questionnaire


def draft_of(*questions: dict[str, Any]) -> Draft:
    return Draft(content(*questions))


def errors_of(draft: Draft, *args: Any) -> list[FieldError]:
    with pytest.raises(Invalid) as caught:
        draft.built(*args)
    return list(caught.value.errors)


def keys_of(draft: Draft) -> list[str | None]:
    return [one.key for section in draft.sections for one in section.questions]


def change(old: dict[str, Any], **members: Any) -> Draft:
    draft = draft_of(old)
    questions = draft.sections[0].questions
    questions[0] = merged(questions[0], QuestionUpdate.model_validate(members))
    return draft


def test_what_is_not_changed_stays_as_it_is_ids_included() -> None:
    split = {"key": "wording", "arms": [{"label": "Plain", "text": "fuel"}, {"label": "Green", "text": "energy"}]}
    asked = [question(key="a", text="More {{wording}}?"), question("likert", key="b"), question("nps", key="c")]
    body = QuestionnaireCreate.model_validate(questionnaire(*asked, splits=[split]))
    stored = build_content(body.sections, body.splits)
    assert Draft(stored).built() == stored


def test_a_question_is_put_in_at_its_position() -> None:
    draft = draft_of(question(key="a"), question(key="b"))
    draft.add_question(0, QuestionCreate.model_validate(question(key="c", position=1)))
    assert keys_of(draft) == ["a", "c", "b"]


@pytest.mark.parametrize("position", [3, 99])
def test_a_position_behind_the_end_is_named_and_moves_nothing(position: int) -> None:
    items = ["a", "b", "c"]
    with pytest.raises(Invalid) as caught:
        moved(items, 0, position)
    assert (caught.value.errors[0].loc, items) == (("body", "position"), ["a", "b", "c"])


def test_what_is_wrong_in_the_piece_is_told_by_its_place_in_the_body() -> None:
    draft = draft_of(question(key="a"))
    place = draft.add_question(0, QuestionCreate.model_validate(question(key="b", show_if='z == "1"')))
    assert errors_of(draft, place) == [FieldError(("body", "show_if"), "z is the key of no question")]


def test_taking_out_what_another_reads_names_both() -> None:
    draft = draft_of(question(key="a"), question(key="b", show_if='a == "1"'))
    del draft.sections[0].questions[0]
    assert errors_of(draft) == [
        FieldError(
            ("questionnaire", "sections", 0, "questions", 0, "show_if"), "question b: a is the key of no question"
        )
    ]


def test_a_key_that_is_taken_is_told_where_it_is_given() -> None:
    draft = draft_of(question(key="a"))
    place = draft.add_question(0, QuestionCreate.model_validate(question(key="A", position=0)))
    assert errors_of(draft, place)[0].loc == ("body", "key")
    draft = draft_of(question(key="a"))
    body = {"title": "First", "position": 0, "questions": [question(), question(key="a")]}
    assert errors_of(draft, draft.add_section(SectionCreate.model_validate(body)))[0].loc == (
        "body", "questions", 1, "key",
    )  # fmt: skip


def test_another_type_takes_along_what_fits_it() -> None:
    chosen = change(question(options=["A", "B"]), type="multiple_choice").built()
    assert [option.label for option in next(chosen.questions()).options] == ["A", "B"]
    counted = next(change(question("likert"), type="numeric").built().questions())
    assert (counted.type, counted.options, counted.scale) == ("numeric", (), None)


def test_new_points_of_a_scale_replace_options_and_scale() -> None:
    likert = question("likert", scale={"min": 1, "max": 5, "labels": ["Bad", "Good"]})
    by_scale = next(change(likert, scale={"min": 1, "max": 3}).built().questions())
    assert [option.label for option in by_scale.options] == ["1", "2", "3"]
    by_options = next(change(likert, options=["Low", "High"]).built().questions())
    assert by_options.scale is not None
    assert by_options.scale.labels == ("Low", "High")


def test_null_takes_a_condition_away() -> None:
    draft = draft_of(question(key="a"), question(key="b", show_if='a == "1"'))
    questions = draft.sections[0].questions
    questions[1] = merged(questions[1], QuestionUpdate.model_validate({"show_if": None}))
    assert [one.show_if for one in draft.built().questions()] == [None, None]


def test_an_order_names_each_id_once() -> None:
    draft = draft_of(question(key="a"), question(key="b"))
    [section] = draft.sections
    first, second = (one.id for one in section.questions)
    foreign = uuid4()
    body = {"sections": [{"id": str(section.id), "questions": [str(first), str(first), str(foreign)]}]}
    with pytest.raises(Invalid) as caught:
        draft.reordered(Reorder.model_validate(body))
    place = ("body", "sections", 0, "questions")
    assert list(caught.value.errors) == [
        FieldError((*place, 1), "is named twice"),
        FieldError((*place, 2), "is no question of this questionnaire"),
        FieldError(("body", "sections"), f"question {second} is missing"),
    ]


def test_a_copy_gets_the_next_free_number() -> None:
    assert draft_of(question(key="a"), question(key="a_2")).free_key("a") == "a_3"
    assert len(draft_of(question(key="x" * 64)).free_key("x" * 64)) <= 64
