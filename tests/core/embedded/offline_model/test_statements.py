"""Statements say what the same respondent answers directly: in words, to an embedding, and in a cell's shares."""

import re
from statistics import correlation, fmean
from typing import Any

import pytest

from core.embedded.offline_model import content, survey
from tests.core.embedded.offline_model.conftest import as_question, respondent

AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
SATISFIED = [
    "Very dissatisfied",
    "Somewhat dissatisfied",
    "Neither satisfied nor dissatisfied",
    "Somewhat satisfied",
    "Very satisfied",
]
LIKELY = ["Very unlikely", "Somewhat unlikely", "Not sure", "Somewhat likely", "Very likely"]
SCALES = [
    ("How satisfied are you with the taste of the coffee?", SATISFIED),
    ("School meals should be free for every child.", AGREE),
    ("How likely are you to switch to a cheaper plan with adverts?", LIKELY),
    ("How often do you ride an electric scooter?", ["Never", "Rarely", "Sometimes", "Often", "Always"]),
    ("How would you rate the chat support?", ["Very poor", "Poor", "Fair", "Good", "Excellent"]),
    (
        "To what extent do you support a ban on electric scooters?",
        ["Strongly oppose", "Oppose", "Neutral", "Support", "Strongly support"],
    ),
    (
        "How interested are you in evening openings at the museum?",
        ["Not at all interested", "Slightly interested", "Moderately interested", "Very interested"],
    ),
    (
        "How worried are you about the battery of an electric car?",
        ["Not at all worried", "Slightly worried", "Moderately worried", "Very worried"],
    ),
]


def asked(text: str, labels: list[str], count: int) -> list[tuple[int, str]]:
    """Return each respondent's direct answer, 1 to k, and statement."""
    question = as_question("q", "likert", text, labels)
    given = []
    for number in range(count):
        data = respondent(number, [question], age=("18-29", "30-44", "45-64", "65+")[number % 4])
        code = int(survey.direct(data, 1)["answers"]["q"])
        given.append((code, content.HANDLERS["survey_statements"](data, 1)["statements"]["q"]))
    return given


@pytest.mark.parametrize(("text", "labels"), SCALES, ids=lambda value: value[0][:20] if isinstance(value, list) else "")
def test_statements_name_no_label_and_speak_of_the_subject(text: str, labels: list[str]) -> None:
    subjects = r"coffee|school meals|plan|scooter|chat support|museum|battery"
    for _, said in asked(text, labels, 60):
        assert re.search(subjects, said)
        assert "{" not in said
        assert not [label for label in labels if " " in label and label.lower() in said.lower()]


def test_the_reason_has_the_mood_of_the_position() -> None:
    text = "How worried are you about the battery of an electric car?"
    labels = ["Not at all worried", "Slightly worried", "Moderately worried", "Very worried", "Extremely worried"]
    given = asked(text, labels, 200)
    praise = re.compile(r"always got me there|it's fun|air stays cleaner|costs me less|I feel safe")
    calm = [said for code, said in given if code == 1]
    anxious = [said for code, said in given if code == 5]
    assert any(praise.search(said) for said in calm)
    assert not any(praise.search(said) for said in anxious)


@pytest.mark.parametrize(("text", "labels"), SCALES, ids=lambda value: value[0][:20] if isinstance(value, list) else "")
def test_shares_of_a_cell_and_its_respondents_answers_agree(text: str, labels: list[str]) -> None:
    question = as_question("q", "likert", text, labels)
    cells: list[dict[str, Any]] = [
        {"age": age, "income": income, "children": children}
        for age in ("18-24", "40-50", "75-85")
        for income in ("very low", "very high")
        for children in ("no", "yes")
    ]
    shared, answered = [], []
    for cell in cells:
        shares = survey.distribution({"persona": {}, "attributes": cell, "question": question}, 1)["probabilities"]
        shared.append(sum(int(code) * share for code, share in shares.items()))
        people = [survey.direct(respondent(number, [question], **cell), 1) for number in range(60)]
        answered.append(fmean(int(person["answers"]["q"]) for person in people))
    assert correlation(shared, answered) > 0.8


def test_a_statement_about_recommending_is_about_the_thing() -> None:
    question = as_question("n", "nps", "How likely are you to recommend our coffee subscription to a friend?", [])
    warm: set[str] = set()
    cold: set[str] = set()
    for number in range(200):
        data = respondent(number, [question])
        score = survey.direct(data, 1)["answers"]["n"]
        said = content.HANDLERS["survey_statements"](data, 1)["statements"]["n"]
        assert "the coffee subscription" in said
        (warm if score >= 9 else cold if score <= 3 else set()).add(said)
    assert all(re.search(r"recommend|suggest|tell everyone", said) for said in warm)
    assert all(re.search(r"warn|advise friends against|no way|unlikely|never|not really", said) for said in cold)
