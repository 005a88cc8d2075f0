"""Open questions of fact get facts, and ideas are spoken of as ideas."""

import re
from typing import Any

import pytest

from core.embedded.offline_model import survey
from tests.core.embedded.offline_model.conftest import as_question, respondent

JUDGEMENT = re.compile(r"falls short|works for me|reservations|mixed feelings|convinced by|positive about|good about")


def told(text: str, people: int = 40, persona: dict[str, Any] | None = None, **attributes: Any) -> list[str]:
    answers = []
    for number in range(people):
        data = respondent(number, [as_question("o", "open_ended", text, [])], **attributes)
        data["respondent"]["persona"] |= persona or {}
        answers.append(survey.direct(data, number % 5)["answers"]["o"])
    return answers


@pytest.mark.parametrize(
    ("text", "attributes", "says"),
    [
        ("What do you do for a living?", {"occupation": "Bus driver"}, "bus driver"),
        ("What is your occupation?", {"occupation": "Retired nurse", "age": "71"}, "retired.*a nurse"),
        ("What kind of work do you do?", {"employment_status": "unemployed", "age": "40"}, "looking for work|between"),
        ("Who lives with you?", {"marital_status": "single", "children": "none"}, "on my own|alone"),
        ("Who do you live with?", {"marital_status": "married", "children": "none", "gender": "male"}, "wife"),
        ("Where do you live?", {"region": "Scotland", "housing_tenure": "rents"}, "Scotland.*I rent"),
        ("How old are you?", {"age": "34"}, "34"),
        ("How do you usually get to work?", {"car": "no", "age": "30", "employment_status": "employed"}, "bus"),
        ("How do you usually get to work?", {"age": "72"}, "don't have to"),
    ],
)  # fmt: skip
def test_facts_are_told(text: str, attributes: dict[str, Any], says: str) -> None:
    assert [answer for answer in told(text, **attributes) if not re.search(says, answer)] == []


@pytest.mark.parametrize(
    "text",
    [
        "What do you usually have for breakfast?",
        "What do you eat for lunch on a working day?",
        "Where do you usually do your grocery shopping?",
        "What do you do in your spare time?",
        "Which brands of tea do you usually buy?",
        "When did you last buy a bicycle?",
        "How long have you lived there?",
    ],
)
def test_habits_are_told_without_a_judgement(text: str) -> None:
    answers = told(text)
    assert len(set(answers)) > 2
    assert [answer for answer in answers if JUDGEMENT.search(answer) or "{" in answer] == []


def test_vegans_have_no_dairy_for_breakfast() -> None:
    answers = told("What do you usually have for breakfast?", 80, diet="vegan")
    assert not [answer for answer in answers if re.search(r"milk|yoghurt|cheese|egg", answer.lower())]


EXPERIENCE = re.compile(r"it has always|it was not|it tastes|they keep changing|worked for me|children push|was quick")
IDEAS = [
    ("What would put you off an oat yoghurt from a dairy brand?", r"oat yoghurt from a dairy brand"),
    ("What would encourage you to try an oat yoghurt?", r"oat yoghurt"),
    ("How would you feel about an oat yoghurt under its own dairy brand?", r"oat yoghurt under its own dairy brand"),
    ("What comes to mind when you read 'creamy without dairy'?", r"claim"),
    ("What would keep you from choosing an electric car?", r"electric car"),
    ("What would persuade you to open a savings account?", r"savings account"),
]


@pytest.mark.parametrize(("text", "subject"), IDEAS)
def test_ideas_are_spoken_of_without_experience(text: str, subject: str) -> None:
    answers = told(text, 60)
    assert len(set(answers)) > 20
    assert [answer for answer in answers if EXPERIENCE.search(answer)] == []
    assert [answer for answer in answers if not re.search(subject, answer)] == []


def test_words_of_the_question_come_back() -> None:
    answers = told(IDEAS[0][0], 80)
    assert sum(bool(re.search(r"plants?\b|dairy|milk|oats", answer)) for answer in answers) == len(answers)
    assert sum("additives" in answer or "creamy" in answer or "plants" in answer for answer in answers) > 15


def test_people_speak_the_english_of_their_country() -> None:
    questions = ["What worries you about the economy?", "How has inflation changed your household budget?"]
    american = re.compile(r"paycheck|\bgas\b|vacation|\bstore\b|neighbors?\b|colors?\b|coworker|apartment|main street")
    british = [answer for text in questions for answer in told(text, 120, {"location_country": "United Kingdom"})]
    at_home = [answer for text in questions for answer in told(text, 120)]
    assert [answer for answer in british if american.search(answer)] == []
    assert [answer for answer in at_home if american.search(answer)] != []
