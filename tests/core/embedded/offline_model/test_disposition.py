"""Judgements of one subject come from one disposition, which what is said of the person moves."""

from statistics import correlation, fmean
from typing import Any

import pytest

from core.embedded.offline_model import survey
from tests.core.embedded.offline_model.conftest import as_question
from tests.core.embedded.offline_model.ordinals import INTENT, graded

AGES = ("18-29", "30-44", "45-64", "65+")
SUBJECTS = [
    ("Would you buy the oat yoghurt at 1.90 pounds for 400 g?", "the oat yoghurt"),
    ("Would you buy an electric car as your next car?", "an electric car"),
    ("Would you pay for our app?", "our app"),
    ("Would you open a savings account with our bank?", "our bank"),
    ("Would you go to the gym after work?", "the gym"),
]


def answers(intent: str, subject: str, persona: dict[str, Any], people: int) -> list[dict[str, Any]]:
    questions = [
        as_question("intent", "likert", intent, list(INTENT)),
        as_question("nps", "nps", f"How likely are you to recommend {subject} to a friend?", []),
        as_question("appeal", "likert", f"How appealing is {subject} to you?", list(graded("appealing"))),
    ]
    given = []
    for number in range(people):
        who = {"persona": persona, "attributes": {"age": AGES[number % 4]}, "number": number}
        data = {"respondent": who, "section": {"title": "Concept", "questions": questions}}
        given.append(survey.direct(data, 1)["answers"])
    return given


def net(given: list[dict[str, Any]]) -> float:
    return 100 * fmean((one["nps"] >= 9) - (one["nps"] <= 6) for one in given)


@pytest.mark.parametrize(("intent", "subject"), SUBJECTS, ids=[subject for _, subject in SUBJECTS])
def test_intent_appeal_and_recommendation_go_together(intent: str, subject: str) -> None:
    given = answers(intent, subject, {}, 400)
    told = {name: [float(one[name]) for one in given] for name in ("intent", "nps", "appeal")}
    for first, second in (("intent", "nps"), ("intent", "appeal"), ("nps", "appeal")):
        assert 0.55 < correlation(told[first], told[second]) < 0.9
    refusing = [one["nps"] for one in given if one["intent"] == "1"]
    assert sum(score >= 9 for score in refusing) <= 0.1 * len(refusing)


@pytest.mark.parametrize(
    ("against", "towards"),
    [
        ({"preferences": "distrusts plant-based food"}, {"preferences": "loves plant-based food"}),
        ({"backstory": "Tom runs a dairy. He dislikes oat drinks."}, {"backstory": "Tom tried oats and enjoys them."}),
        ({"attributes": {"diet": "eats meat"}}, {"attributes": {"diet": "vegan"}}),
    ],
)
def test_what_a_persona_says_of_the_subject_moves_all_judgements(
    against: dict[str, Any], towards: dict[str, Any]
) -> None:
    intent, subject = SUBJECTS[0]
    cold, warm = (answers(intent, subject, persona, 150) for persona in (against, towards))
    assert fmean(int(one["intent"]) for one in warm) > fmean(int(one["intent"]) for one in cold) + 0.5
    assert net(warm) > net(cold) + 25


def test_what_a_persona_says_of_other_things_moves_nothing() -> None:
    intent, subject = SUBJECTS[0]
    plain, other = (answers(intent, subject, persona, 60) for persona in ({}, {"preferences": "hates jazz"}))
    assert plain == other
