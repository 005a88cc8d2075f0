"""Open answers speak of the question's subject, never against the respondent, and for reasons that can be read."""

import re
from typing import Any

import pytest

from core.embedded.offline_model import persona, survey
from tests.core.embedded.offline_model.conftest import as_question, respondent

STUDIES = {
    "Coffee subscription": ("What would make the coffee better?", "coffee"),
    "Hospital waiting times": ("How could the hospital improve the waiting room?", "waiting room"),
    "Mobile banking app": ("What annoys you most about the banking app?", "banking app"),
    "Scooters in the city": ("What do you think about electric scooters on the sidewalk?", "electric scooters"),
    "School meals": ("How do you feel about removing sugary drinks from the canteen?", "sugary drinks"),
    "Streaming service": ("Why would you cancel a streaming service?", "streaming service"),
    "Employee benefits": ("What is missing from your employee benefits?", "my employee benefits"),
    "A museum for locals": ("Describe your last visit to a museum.", "museum"),
    "Farm equipment leasing": ("What worries you about an autonomous tractor?", "autonomous tractor"),
    "Pet food": ("What do you look for when you choose dog food?", "dog food"),
    "Community garden": ("What do you like about the garden?", "garden"),
}


def answer(text: str, number: int = 1, seed: int = 1, title: str = "Outlook", **attributes: Any) -> str:
    data = respondent(number, [as_question("o", "open_ended", text, [])], **attributes)
    data["section"]["title"] = title
    told: str = survey.direct(data, seed)["answers"]["o"]
    return told


@pytest.mark.parametrize("title", STUDIES)
def test_answers_speak_of_the_subject_and_differ(title: str) -> None:
    text, subject = STUDIES[title]
    told = [answer(text, number, number % 5, title) for number in range(60)]
    assert [answer for answer in told if subject not in answer.lower()] == []
    assert len(set(told)) > 30
    assert all(answer[0].isupper() and answer.endswith(".") and "{" not in answer for answer in told)


def test_a_question_without_a_subject_is_answered_about_the_section() -> None:
    assert all("oat yoghurt" in answer("Why?", number, title="Oat yoghurt test").lower() for number in range(20))


_AT_WORK = (
    r"\bat work\b|before work|after work\b|working (day|hours|week)|my (pay|paycheck|shifts|salary|company)\b|coworker"
)
_OWNING = r"I own my home|our place|my place|value of my home|paid for my home|repairs to do at home"
_PARENT = r"\bkids?\b|\bchildren\b|as a parent|child ?care|my other half|spouse"
# What nobody says who has these attributes.
CONTRADICTIONS = [
    ({"accommodation": "Own house, paid off"}, r"\bI rent\b|\bmy rent\b|landlord|on rent\b"),
    ({"accommodation": "Rented apartment"}, _OWNING),
    ({"children": "none", "marital_status": "Single"}, _PARENT),
    ({"employment_status": "Retired", "age": "70"}, _AT_WORK),
    ({"employment_status": "Unemployed", "age": "40"}, _AT_WORK + "|retired"),
    ({"employment_status": "Employed", "age": "35"}, r"I'm retired|my pension|fixed income|my prescriptions"),
    ({"age": "24"}, r"at my age (I'd|you notice)|when I was young|people near retirement"),
    ({"income": "very high"}, r"not much slack|bills are paid|minimum wage|credit card"),
    ({"geography": "Urban"}, r"out here|where I live|my fields|in my village"),
    ({"geography": "Rural"}, r"\bin the city\b|our streets|our corner"),
    ({"vehicle": "none"}, r"car repair|my present car|parking"),
]
QUESTIONS = [text for text, _ in STUDIES.values()] + [
    "What in your everyday life makes you see the nation's economy the way you do?",
    "How has inflation changed your household budget?",
    "How would you describe your politics?",
    "What part does religion play in your life?",
    "What would keep you from choosing an electric car?",
    "What made you stop the online course?",
    "Why do you shop at that store?",
    "How do you feel about climate change?",
    "What should the city council do about housing?",
]


@pytest.mark.parametrize(("attributes", "never"), CONTRADICTIONS, ids=lambda value: str(value)[:40])
def test_nobody_contradicts_their_own_attributes(attributes: dict[str, str], never: str) -> None:
    pattern = re.compile(never, re.IGNORECASE)
    asked = [as_question(f"q{index}", "open_ended", text, []) for index, text in enumerate(QUESTIONS)]
    for number in range(60):
        told = survey.direct(respondent(number, asked, **attributes), number)["answers"]
        assert [answer for answer in told.values() if pattern.search(answer)] == []


def test_written_personas_do_not_contradict_themselves() -> None:
    asked = [as_question(f"q{index}", "open_ended", text, []) for index, text in enumerate(QUESTIONS)]
    for number in range(60):
        age = ("22-34", "35-54", "55-80")[number % 3]
        who = persona.write({"brief": {"title": "Housing", "country": "United States"}, "cell": {"age": age}}, number)
        data = respondent(number, asked)
        data["respondent"]["persona"] = who
        told = " ".join(survey.direct(data, number)["answers"].values())
        assert not re.search(
            r"\bI rent\b|landlord" if re.search(r"\b[Oo]wn", who["accommodation"]) else r"I own my home|our place", told
        )
        if who["family_size"] == 1:
            assert not re.search(r"\bkids\b|\bchildren\b|my other half|the two of us", told)


def test_different_personas_and_attributes_give_different_reasons() -> None:
    text = "What do you think about the coffee subscription?"
    young = {answer(text, number, age="18-25", income="very low") for number in range(40)}
    old = {answer(text, number, age="70-80", income="very high") for number in range(40)}
    assert len(young & old) < 12
    price = re.compile(r"price|money|cost")
    assert sum(bool(price.search(told)) for told in young) > 1.3 * sum(bool(price.search(told)) for told in old)


def test_the_tone_follows_the_position() -> None:
    text = "What do you think about the banking app?"
    good = re.compile(r"good about|positive about|mostly works|clear good thing")
    bad = re.compile(r"don't think much|not convinced|not worked|reservations|falls short")
    young = [answer(text, number, age="18-22", income="very high", education="Degree") for number in range(150)]
    old = [answer(text, number, age="75-85", income="very low", education="High school") for number in range(150)]
    assert sum(bool(good.search(told)) for told in young) > 2 * sum(bool(good.search(told)) for told in old)
    assert sum(bool(bad.search(told)) for told in old) > 2 * sum(bool(bad.search(told)) for told in young)
