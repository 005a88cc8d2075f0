"""max_diff questions from the prompt to the figures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from core.embedded.offline_model import best_worst, profile, traits
from core.embedded.offline_model.position import read_question
from core.questionnaires.item_sets import shown_sets
from core.surveys.elicitation import Voice, asked, in_a_text, in_words, section_input
from core.surveys.export import csv_columns, csv_rows
from core.surveys.export_long import long_rows
from core.surveys.fields import Frame, cells_of, fields_of
from core.surveys.prompts import SURVEY_DIRECT, AskedQuestion
from core.surveys.replies import read_direct
from core.surveys.repository import Tally
from core.surveys.responses import AnswerRead, ResponseRead
from core.surveys.results import question_result
from tests.factories.questionnaires import content, question

ASKED = content(question("max_diff", key="matters", options=["Price", "Taste", "Health"], sets={"size": 2, "count": 3}))
MATTERS = next(ASKED.questions())
ADA, BO = UUID(int=1), UUID(int=2)
SHOWN = asked(MATTERS, 7, 1)


def judged(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return a value in which each set showed just its best and worst."""
    return [
        {"set": number, "items": [best, worst], "best": best, "worst": worst}
        for number, (best, worst) in enumerate(pairs, start=1)
    ]


VALUE = judged(("2", "1"), ("2", "3"), ("3", "1"))


def reply(sets: Any, shown: AskedQuestion = SHOWN) -> Any:
    return read_direct({"answers": {"matters": sets}}, [shown])["matters"]


def first_and_last(shown: AskedQuestion = SHOWN) -> dict[str, Any]:
    return {str(at): {"best": one[0], "worst": one[-1]} for at, one in enumerate(shown.sets or [], start=1)}


def test_an_answer_holds_the_sets_that_were_shown() -> None:
    assert reply(first_and_last()) == [
        {"set": at, "items": one, "best": one[0], "worst": one[-1]}
        for at, one in enumerate(shown_sets(MATTERS, 7, 1), start=1)
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda sets: sets["2"].update(worst=sets["2"]["best"]), "set 2: best and worst must differ"),
        (lambda sets: sets["1"].update(best="9"), "set 1: best must be one of"),
        (lambda sets: sets["3"].update(worst=["1"]), "set 3: worst must be one of"),
        (lambda sets: sets["3"].update(best=None), "set 3: best must be one of"),
        (lambda sets: sets.pop("3"), "set 3 must have best and worst"),
    ],
)
def test_a_wrong_set_is_named(change: Any, reason: str) -> None:
    sets = first_and_last()
    change(sets)
    with pytest.raises(ValueError, match=reason):
        reply(sets)


@pytest.mark.parametrize("wrong", [None, [], "x", 5, {}, [{"set": 1, "best": "1", "worst": "2"}]])
def test_what_is_no_object_of_sets_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="matters"):
        reply(wrong)


def test_the_schema_lets_through_what_is_read_and_no_item_of_another_set() -> None:
    voice = Voice(1, ADA, 1, {"name": "Ada"}, {})
    section = ASKED.sections[0]
    shape = SURVEY_DIRECT.shape(section_input(voice, section, section.questions, [], "en", 7, {}))
    jsonschema_rs.validate(shape.schema, {"answers": {"matters": first_and_last()}})
    [left_out] = set(MATTERS.codes) - set((SHOWN.sets or [])[0])
    wrong = first_and_last() | {"1": {"best": left_out, "worst": left_out}}
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(shape.schema, {"answers": {"matters": wrong}})


def test_other_questions_are_put_without_sets() -> None:
    plain = next(content(question(key="mood")).questions())
    assert "sets" not in asked(plain, 7, 1).model_dump(mode="json")
    assert SHOWN.model_dump(mode="json")["sets"] == shown_sets(MATTERS, 7, 1)


def test_a_respondent_remembers_what_came_out_best_and_worst() -> None:
    assert in_words(MATTERS, VALUE) == "best: Taste; worst: Price"
    assert in_words(MATTERS, judged(("1", "2"), ("2", "1"))).startswith("best: none more than others")
    assert in_a_text(MATTERS, VALUE) == "Taste"


def test_results_score_the_options_for_all_and_by_persona() -> None:
    tallies = [
        Tally("matters", ADA, 1.0, VALUE, "direct", None, 3),
        Tally("matters", BO, 3.0, judged(("1", "2"), ("3", "2"), ("1", "3")), "direct", None, 1),
        Tally("matters", BO, 3.0, None, "direct", "refused", 2),
    ]
    found = question_result(MATTERS, tallies, {ADA: "Ada", BO: "Bo"})
    assert (found.n, found.missing, found.options) == (4, {"refused": 2}, [])
    assert [(i.label, i.shown, i.best, i.worst, i.score) for i in found.max_diff] == [
        ("Price", 8, 2, 6, 0.0), ("Taste", 8, 6, 2, 0.0), ("Health", 8, 4, 4, 0.0),
    ]  # fmt: skip
    assert [[one.score for one in part.max_diff] for part in found.by_persona] == [[-1, 1, 0], [1, -1, 0]]
    assert sum(item.share or 0 for item in found.max_diff) == pytest.approx(100)


def test_a_question_without_answers_has_no_scores() -> None:
    found = question_result(MATTERS, [], {ADA: "Ada"})
    assert (found.n, {item.score for item in found.max_diff}) == (0, {None})


def response(value: Any, reason: str | None = None) -> ResponseRead:
    given = AnswerRead(value=value, method="direct", missing_reason=reason)
    return ResponseRead(
        respondent_number=1, persona_id=ADA, persona_version=1, weight=1, attributes={}, answers={"matters": given}
    )


def test_exports_tell_what_each_set_showed_and_which_were_best_and_worst() -> None:
    columns = csv_columns(ASKED.questions())
    assert columns[:3] == ["matters:1:items", "matters:1:best", "matters:1:worst"]
    [row] = csv_rows([response(VALUE)], [], columns, {ADA: "Ada"}, model="m", demonstration=False)
    assert row.endswith("2;1,2,1,2;3,2,3,3;1,3,1\r\n")
    [empty] = csv_rows([response(None, "refused")], [], columns, {ADA: "Ada"}, model="m", demonstration=False)
    assert empty.endswith("false" + "," * 9 + "\r\n")
    lines = list(long_rows([response(VALUE)], [], [MATTERS], {ADA: "Ada"}, model="m", demonstration=False))
    assert [line.split(",")[6:10] for line in lines[:2]] == [["1:items", '"Set 1', ' shown"', "2;1"],
                                                            ["1:best", '"Set 1', ' best"', "2"]]  # fmt: skip
    fields = fields_of(ASKED, Frame({ADA: "Ada"}, [], "m", demonstration=False))[-9:]
    assert [field.name for field in fields[:3]] == ["matters_1_shown", "matters_1_best", "matters_1_worst"]
    assert cells_of(fields, response(VALUE))[:3] == ["2;1", "2", "1"]
    assert (fields[1].named("2"), cells_of(fields, response(None, "refused"))[:2]) == ("Taste", [None, None])


def test_the_demonstration_model_judges_by_who_answers_and_the_same_each_time() -> None:
    options = ["Lowest price, discount", "Premium quality, luxury", "Safety and health", "Trusted brand"]
    asked_ = {"key": "m", "type": "max_diff", "text": "What matters when you buy?",
              "options": [{"code": str(at), "label": label} for at, label in enumerate(options, 1)]}  # fmt: skip
    sets = [["1", "2", "3"], ["1", "2", "4"], ["1", "3", "4"], ["2", "3", "4"]]
    reading = read_question(asked_)

    def cheap(attributes: dict[str, Any], number: int) -> int:
        person = profile.from_respondent({}, attributes, number)
        found = best_worst.judge(reading, sets, traits.outlook(person), person.identity, number)
        assert found == best_worst.judge(reading, sets, traits.outlook(person), person.identity, number)
        assert set(found) == {"1", "2", "3", "4"}
        return sum((one["best"] == "1") - (one["worst"] == "1") for one in found.values())

    poor = sum(cheap({"income": "under $15,000", "employment": "unemployed"}, number) for number in range(60))
    rich = sum(cheap({"income": "over $200,000", "employment": "surgeon"}, number) for number in range(60))
    assert poor > rich + 30


@pytest.mark.parametrize("sets", [None, "x", [None], [[]], [["1"]], [["9", "8"]], [{"a": 1}]])
def test_the_demonstration_model_leaves_out_what_is_no_set(sets: Any) -> None:
    reading = read_question({"key": "m", "type": "max_diff", "text": "?", "options": [{"code": "1", "label": "A"}]})
    person = profile.from_respondent({}, {}, 1)
    assert best_worst.judge(reading, sets, traits.outlook(person), person.identity, 1) == {}
