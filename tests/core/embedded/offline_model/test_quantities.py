"""Numbers are plausible for what is asked, per what time, in what money; known facts are stated."""

from statistics import correlation, fmean, median
from typing import Any

import pytest

from core.embedded.offline_model import survey
from tests.core.embedded.offline_model.conftest import as_question, respondent


def numbers(text: str, count: int = 80, scale: dict[str, Any] | None = None, **attributes: Any) -> list[float]:
    question = as_question("n", "numeric", text, [], scale=scale)
    return [
        survey.direct(respondent(number, [question], **attributes), number)["answers"]["n"] for number in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "least", "most", "middle"),
    [
        ("How many hours per week do you watch streaming services?", 0, 60, (2, 12)),
        ("How many hours do you sleep per night?", 3, 11, (5, 9)),
        ("How many cups of coffee do you drink per day?", 0, 8, (1, 4)),
        ("How many dollars do you spend on coffee per month?", 3, 200, (15, 80)),
        ("How much would you pay per month for the app, in dollars?", 0.5, 60, (5, 30)),
        ("What is a fair price per ride, in euros?", 0.5, 15, (1, 5)),
        ("What would you pay for a new car, in dollars?", 5_000, 90_000, (12_000, 50_000)),
        ("How many times per year do you visit a museum?", 0, 50, (1, 10)),
        ("How many days of paid leave per year would you need?", 5, 45, (12, 35)),
        ("What percentage of your salary do you save?", 0, 100, (3, 30)),
        ("How many kilometres do you drive in a typical week?", 20, 900, (60, 250)),
        ("How many weeks did you wait for your appointment?", 0, 52, (2, 15)),
    ],
)
def test_numbers_are_plausible_and_differ(text: str, least: float, most: float, middle: tuple[float, float]) -> None:
    given = numbers(text)
    assert least <= min(given)
    assert max(given) <= most
    assert middle[0] <= median(given) <= middle[1]
    assert len(set(given)) >= 4


def test_other_money_has_other_numbers() -> None:
    dollars = fmean(numbers("How much do you pay for the app per month, in dollars?"))
    rupees = fmean(numbers("How much do you pay for the app per month, in rupees?"))
    assert 10 * dollars < rupees < 60 * dollars


@pytest.mark.parametrize("bounds", [(5, 20), (0, 200), (-10, 10), (0.2, 0.9), (1e9, 2e9), (50, 50)])
def test_numbers_stay_within_the_scale(bounds: tuple[float, float]) -> None:
    given = numbers("How much would you pay?", scale={"min": bounds[0], "max": bounds[1]})
    assert all(bounds[0] <= value <= bounds[1] for value in given)


def test_richer_people_would_pay_more() -> None:
    text = "How much would you pay per month for the app, in dollars?"
    poor, rich = numbers(text, income="very low"), numbers(text, income="very high")
    assert fmean(rich) > 1.3 * fmean(poor)


def test_facts_are_what_the_attributes_say() -> None:
    assert set(numbers("How old are you?", age="37")) == {37}
    assert set(numbers("How many children live in your household?", children="no", age="40")) == {0}
    assert min(numbers("How many children live in your household?", children="yes", age="40")) >= 1
    assert set(numbers("How many people live in your household?", family_size=5)) == {5}


def test_factual_choices_are_what_the_attributes_say() -> None:
    tenure = as_question("tenure", "single_choice", "Do you own or rent your home?", ["Own", "Rent", "Other"])
    band = as_question("band", "single_choice", "What is your age group?", ["18-29", "30-44", "45-64", "65+"])
    work = as_question(
        "work", "single_choice", "What is your employment status?", ["Employed", "Unemployed", "Retired"]
    )
    given = {"housing": "rented", "age": "66", "employment_status": "Retired"}
    for number in range(20):
        answers = survey.direct(respondent(number, [tenure, band, work], **given), number)["answers"]
        assert answers == {"tenure": "2", "band": "4", "work": "3"}
    data = {"persona": {}, "attributes": given, "question": tenure}
    assert survey.distribution(data, 1)["probabilities"] == {"1": 0.0, "2": 1.0, "3": 0.0}


def test_unknown_counts_move_with_the_score() -> None:
    question = as_question("n", "numeric", "How many hours per week do you use the app?", [])
    people = [respondent(number, [question]) for number in range(200)]
    ages = [survey.respondent_of(data).age for data in people]
    hours = [survey.direct(data, 1)["answers"]["n"] for data in people]
    assert correlation(ages, hours) < -0.25
