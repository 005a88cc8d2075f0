"""Display logic and piping: what an expression means, what is refused with which words, what it may read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import FieldError, Invalid
from core.questionnaires.content import Question
from core.questionnaires.logic import LogicInvalid, conditions_of, holds, parse, references
from core.questionnaires.piping import needed_keys, piped, piped_keys
from tests.factories.questionnaires import content, question

DIET = question(key="diet", options=["Meat", "Fish", "Neither"])
USES = question("multiple_choice", key="uses", options=["Bus", "Car", "Bicycle"])
HOURS = question("numeric", key="hours", scale={"min": 0, "max": 24})
WHY = question("open_ended", key="why")


def shown(condition: str, **answers: Any) -> bool:
    asked = content(DIET, USES, HOURS, WHY, question(key="last", show_if=condition))
    return holds(conditions_of(asked)["last"], answers)


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        ('diet == "2"', {"diet": "2"}, True),
        ("diet == 2", {"diet": "2"}, True),
        ('"2" == diet', {"diet": "1"}, False),
        ('diet != "2"', {"diet": "1"}, True),
        ('diet in ["1", 3]', {"diet": "3"}, True),
        ('diet not in ["1", "3"]', {"diet": "2"}, True),
        ('"3" in uses', {"uses": ["1", "3"]}, True),
        ("3 not in uses", {"uses": ["1", "3"]}, False),
        ("hours >= 3", {"hours": 3}, True),
        ("2 < hours", {"hours": 2}, False),
        ("1 <= hours < 5", {"hours": 4.5}, True),
        ("1 <= hours < 5", {"hours": 5}, False),
        ("hours > -1", {"hours": 0}, True),
        ("hours in [1, 2]", {"hours": 2}, True),
        ("answered(why)", {"why": "So."}, True),
        ('diet == "1" and hours > 2 or "1" in uses', {"diet": "2", "hours": 9, "uses": ["1"]}, True),
        ('diet == "1" and (hours > 2 or "1" in uses)', {"diet": "2", "hours": 9, "uses": ["1"]}, False),
        ('not (diet == "1")', {"diet": "2"}, True),
    ],
)
def test_an_expression_holds_for_some_answers(condition: str, answers: dict[str, Any], expected: bool) -> None:
    assert shown(condition, **answers) is expected


@pytest.mark.parametrize(
    "condition",
    ['diet == "1"', 'diet != "1"', 'diet not in ["1"]', "hours < 1", '"1" in uses', '"1" not in uses', "answered(why)"],
)
def test_no_comparison_holds_without_an_answer(condition: str) -> None:
    assert shown(condition) is False
    assert shown(f"not ({condition})") is True


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("", "at least 1"),
        ("diet", "is no comparison"),
        ("diet =", "is no expression"),
        ('diet = "1"', "is no expression"),
        ("diet == uses", "compares a question's key"),
        ("diet is 1", "compares with =="),
        ('__import__("os").system("true")', "is no comparison"),
        ("(lambda: 1)()", "is no comparison"),
        ("[1 for x in y]", "is no comparison"),
        ("diet.real == 1", "compares a question's key"),
        ("diet == f'{uses}'", "is no code"),
        ("diet == True", "True is no code"),
        ("answered(diet, uses)", "is no comparison"),
        ("diet == 1 # or so", "without #"),
        ('"1" in [1]', '"in" takes'),
        ("diet in []", '"in" takes'),
        ("(" * 300 + "diet == 1" + ")" * 300, "is no expression"),
        ("not " * 40 + "diet == 1", "nested"),
        ("other == 1", "other is the key of no question"),
        ("last == 1", "last is this question itself"),
        ("later == 1", "later is asked later"),
        ('diet == "9"', "diet has no option '9'"),
        ('diet in ["1", "x"]', "diet has no option 'x'"),
        ("diet > 1", "compare it with =="),
        ('uses == "1"', 'ask "code" in uses'),
        ('"9" in uses', "uses has no option"),
        ('"1" in diet', "diet is no multiple choice"),
        ('hours == "three"', "hours is a number"),
        ('why == "x"', "only answered(why)"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(condition: str, words: str) -> None:
    asked = (DIET, USES, HOURS, WHY, question(key="last", show_if=condition), question(key="later"))
    with pytest.raises((Invalid, ValidationError)) as refused:
        content(*asked)
    told = refused.value.errors if isinstance(refused.value, Invalid) else refused.value
    assert words in str(told).replace("\\'", "'")


def test_each_place_is_named_and_all_at_once() -> None:
    wrong = [
        question(key="first", show_if="first == 1", text="Of {{last}}?"),
        question(key="last", show_if='nowhere == 1 or first == "7"'),
    ]
    with pytest.raises(Invalid) as refused:
        content(*wrong)
    place = ("body", "sections", 0, "questions")
    assert refused.value.errors == [
        FieldError((*place, 0, "text"), "last is asked later: only earlier answers can be read"),
        FieldError((*place, 0, "show_if"), "first is this question itself"),
        FieldError((*place, 1, "show_if"), "nowhere is the key of no question"),
        FieldError((*place, 1, "show_if"), "first has no option '7'"),
    ]


def test_who_is_read_is_marked() -> None:
    asked = content(DIET, USES, HOURS, question(key="a", show_if="hours > 1"), question(key="b", text="And {{uses}}?"))
    feeding = {one.key for one in asked.questions() if one.feeds}
    assert (feeding, {one.key for one in asked.questions() if one.reads}) == ({"uses", "hours"}, {"a", "b"})


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    with suppress(LogicInvalid):
        assert list(references(parse(text)))


def test_piping_puts_answers_into_a_text() -> None:
    text = "You said {{ diet }}. Why {{uses|what you ride}}, not {{hours}}?"
    assert list(piped_keys(text)) == ["diet", "uses", "hours"]
    assert needed_keys(text) == {"diet", "hours"}
    assert piped(text, {"diet": "Fish"}) == "You said Fish. Why what you ride, not that?"


def test_a_piped_answer_is_not_piped_again() -> None:
    assert piped("{{diet}}", {"diet": "{{hours}}", "hours": "9"}) == "{{hours}}"


def test_stored_questions_of_earlier_releases_have_no_logic() -> None:
    [old] = content(DIET).questions()
    again = Question.model_validate(old.model_dump(exclude={"feeds", "show_if"}))
    assert (again.feeds, again.reads) == (False, False)
