"""Questions about what is known of a respondent are answered with it, whatever the attribute is called."""

from typing import Any

import pytest

from core.embedded.offline_model import content, survey
from tests.core.embedded.offline_model.conftest import as_question, respondent

EATING = "Which of these best describes how you eat?"
UK = ["England", "Scotland", "Wales", "Northern Ireland"]
# Question, options, attribute, value, and the option that says it.
KNOWN: list[tuple[str, list[str], str, str, str]] = [
    *(
        (EATING, ["I eat everything, including dairy", "Vegetarian", "Vegan", "Other"], "diet", value, label)
        for value, label in (
            ("eats dairy", "I eat everything, including dairy"), ("vegetarian", "Vegetarian"), ("vegan", "Vegan"),
        )
    ),
    *((EATING, ["eats dairy", "vegetarian", "vegan"], "way_of_eating", value, value)
      for value in ("eats dairy", "vegetarian", "vegan")),
    *(("In which part of the UK do you live?", UK, "region", value, value) for value in UK),
    ("In which part of the UK do you live?", UK, "area code name", "North West England", "England"),
    ("Do you own a dog?", ["Yes", "No"], "dog_owner", "yes", "Yes"),
    ("Are you a buyer or a non-buyer of plant-based products?", ["Buyer", "Non-buyer"], "segment", "non-buyer",
     "Non-buyer"),
    ("What is your household income?", ["Under £20,000", "£20,000 to £40,000", "More than £40,000"], "income",
     "£31,000", "£20,000 to £40,000"),
    ("How is your home heated?", ["Gas boiler", "Heat pump", "Oil"], "heating", "heat pump", "Heat pump"),
    ("Which party did you vote for?", ["Labour", "Conservative", "Green"], "vote_2024", "green", "Green"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "labels", "name", "value", "label"), KNOWN)
def test_every_method_answers_with_what_is_known(
    text: str, labels: list[str], name: str, value: str, label: str
) -> None:
    code = str(labels.index(label) + 1)
    one = as_question("q", "single_choice", text, labels)
    several = as_question("m", "multiple_choice", text, labels)
    for number in range(20):
        answers = survey.direct(respondent(number, [one, several], **{name: value}), number)["answers"]
        assert answers == {"q": code, "m": [code]}
    for question in (one, several):
        shares = survey.distribution({"persona": {}, "attributes": {name: value}, "question": question}, 1)
        assert shares["probabilities"][code] >= 0.95


def test_the_personas_attributes_count_where_the_respondent_has_none() -> None:
    question = as_question("q", "single_choice", EATING, ["Everything", "Vegetarian", "Vegan"])
    data = respondent(1, [question])
    data["respondent"]["persona"]["attributes"] = {"diet": "vegan"}
    assert survey.direct(data, 1)["answers"]["q"] == "3"
    data["respondent"]["attributes"] = {"diet": "vegetarian"}
    assert survey.direct(data, 1)["answers"]["q"] == "2"


def test_a_known_frequency_is_said_in_words() -> None:
    labels = ["Never", "Rarely", "Sometimes", "Often", "Always"]
    question = as_question("q", "likert", "How often do you buy plant-based food?", labels)
    for number in range(30):
        data = respondent(number, [question], buys_plant_based="never")
        assert survey.direct(data, 1)["answers"]["q"] == "1"
        assert "never" in content.HANDLERS["survey_statements"](data, 1)["statements"]["q"].lower()


def test_a_known_number_is_given() -> None:
    question = as_question("q", "numeric", "How many pets do you keep?", [], scale={"min": 0, "max": 20})
    assert survey.direct(respondent(1, [question], pets=4), 1)["answers"]["q"] == 4


@pytest.mark.parametrize(
    ("text", "labels", "attributes"),
    [
        ("Which region should get more money?", UK, {"region": "Wales"}),
        ("Which of these would you rather buy?", ["Vegan cheese", "Goat cheese"], {"diet": "vegan"}),
        ("Do you think the council listens?", ["Yes", "No"], {"dog_owner": "yes"}),
    ],
)
def test_opinions_are_no_matter_of_attributes(text: str, labels: list[str], attributes: dict[str, Any]) -> None:
    question = as_question("q", "single_choice", text, labels)
    given = {survey.direct(respondent(n, [question], **attributes), n)["answers"]["q"] for n in range(80)}
    assert len(given) > 1
