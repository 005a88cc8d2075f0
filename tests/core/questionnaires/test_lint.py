"""Lint: each rule on what it is for, and silence on questions that are in order."""

from __future__ import annotations

from typing import Any

import pytest

from core.questionnaires.lint import lint
from tests.factories.questionnaires import content, question

SATISFIED = ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]


def rated(text: str, *points: str) -> dict[str, Any]:
    return question("likert", text=text, options=list(points), scale=None)


def found(*questions: dict[str, Any], language: str = "en") -> list[tuple[str, str]]:
    return [(one.code, one.key) for one in lint(content(*questions), language)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            rated("How satisfied are you with the price and quality?", *SATISFIED),
            "double_barrelled",
        ),
        (question("nps", text="Would you recommend our staff and their service?"), "double_barrelled"),
        (question(text="Don't you think that rents are too high?"), "leading"),
        (question(text="As everyone knows, rents rise. Do they in your street?"), "leading"),
        (question(text="Do you agree that rents are too high?"), "leading"),
        (question(text="How much do you love our yoghurt?"), "leading"),
        (question(text="Do you not oppose the ban?"), "double_negative"),
        (
            rated("The claim is not true.", "Disagree", "Neither", "Agree"),
            "double_negative",
        ),
        (
            rated("How was it?", "Poor", "Good", "Very good", "Excellent"),
            "unbalanced_scale",
        ),
        (
            rated("How likely are you to go?", "Unlikely", "Neither likely nor unlikely", "Likely", "Very likely"),
            "unbalanced_scale",
        ),
        (question("multiple_choice", text="Which do you own?", options=["A car", "A bicycle"]), "missing_none"),
        (question(text="How old are you?", options=["18-30", "30-45", "45 or older"]), "overlapping_ranges"),
        (question(text="How old are you?", options=["18-29", "35-49", "50+"]), "gap_in_ranges"),
        (question(text=" ".join(["word"] * 41) + "?"), "long_text"),
    ],
)
def test_a_fault_is_found(body: dict[str, Any], code: str) -> None:
    assert set(found(body | {"key": "q"})) == {(code, "q")}


@pytest.mark.parametrize(
    "body",
    [
        rated("How satisfied are you with the price?", *SATISFIED),
        rated("How likely are you to buy it?", "Not at all", "Slightly", "Very", "Extremely"),
        rated("I like it.", "Disagree", "Neither agree nor disagree", "Agree"),
        question(text="Do you agree or disagree that rents are too high?", options=["Agree", "Disagree"]),
        question(text="Is the choice between tea and coffee easy?"),
        question(text="Do you live in England and Wales?"),
        question("open_ended", text="What do you like and what do you dislike?"),
        question("multiple_choice", text="Which?", options=["A car", {"label": "None of these", "exclusive": True}]),
        question("multiple_choice", text="Which?", options=["A car", "I own neither"]),
        question(text="How old are you?", options=["Under 18", "18-29", "30-44", "45-64", "65+"]),
        question(text="How much do you earn?", options=["Under $30,000", "$30,000-$59,999", "$60,000 or more"]),
        question(text="How many?", options=["1", "2", "3"]),
        question(text="How much do you like or dislike it?"),
    ],
    ids=lambda body: body["text"],
)
def test_what_is_in_order_is_left_alone(body: dict[str, Any]) -> None:
    assert found(body) == []


def test_other_languages_are_judged_by_their_options_only() -> None:
    body = question(key="q", text="Don't you agree?", options=["18-30", "30-45"])
    assert found(body, language="de") == [("overlapping_ranges", "q")]


def test_a_finding_says_where_and_why_and_what_to_do() -> None:
    [one] = lint(content(question(), question(key="b", text="Of course you buy it?")), "en-GB")
    assert (one.section, one.question, one.key, one.field) == (0, 1, "b", "text")
    assert "“Of course” tells what" in one.message
    assert one.suggestion
