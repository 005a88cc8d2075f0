"""Respondents stand by what they said, by what is known of them and by the prices they were asked about."""

import re
from itertools import pairwise
from statistics import fmean, median
from typing import Any

import pytest

from core.embedded.offline_model import content, recall, survey
from tests.core.embedded.offline_model.conftest import as_question, respondent
from tests.core.embedded.offline_model.ordinals import INTENT, graded

AGES = ("18-29", "30-44", "45-64", "65+")
ECONOMY = (
    "Compared with a year ago, has the nation's economy gotten better, stayed about the same, or gotten worse?",
    ["Gotten much better", "Gotten somewhat better", "Stayed about the same", "Gotten somewhat worse",
     "Gotten much worse"],
)  # fmt: skip
WHY = "What in your everyday life makes you see the nation's economy the way you do?"
DIET = "Which of these best describes what you eat?"
EATS = ["I eat meat and fish", "Vegetarian", "Vegan", "Other"]
# What the model says of the economy, worst first, in words of its own.
VERDICTS = (
    r"far worse|very much worse|a lot worse|a great deal worse|much worse|terrible year|gone downhill badly",
    r"bit worse|somewhat worse|slightly worse|little worse|moderately worse|rather worse",
    r"about the same|stayed where it was|remained the same|no real change|same picture|stayed put",
    r"little better|somewhat|bit better|modestly better|moderately better",
    r"far better|very much better|huge change for the better|so much better|great deal better|lot better",
)


def data_of(
    number: int, questions: list[dict[str, Any]], earlier: list[tuple[str, str]] | None = None, **attributes: Any
) -> dict[str, Any]:
    data = respondent(number, questions, **attributes)
    data["earlier_answers"] = [{"question": question, "answer": answer} for question, answer in earlier or []]
    return data


def answered(data: dict[str, Any], seed: int = 1) -> dict[str, Any]:
    given: dict[str, Any] = survey.direct(data, seed)["answers"]
    return given


def verdict(text: str) -> int | None:
    return next((place for place, words in enumerate(VERDICTS) if re.search(words, text)), None)


def test_open_answers_stand_by_the_statement_before() -> None:
    scale = as_question("e", "likert", *ECONOMY)
    why = as_question("why", "open_ended", WHY, [])
    pairs = []
    for number in range(400):
        age = AGES[number % 4]
        said = content.HANDLERS["survey_statements"](data_of(number, [scale], age=age), number)["statements"]["e"]
        told = answered(data_of(number, [why], [(scale["text"], said)], age=age), 1000 + number)["why"]
        first, second = verdict(said), verdict(told)
        if first is not None and second is not None:
            pairs.append((first, second))
    assert len(pairs) >= 150
    assert sum(abs(first - second) >= 1 for first, second in pairs) <= 0.02 * len(pairs)


@pytest.mark.parametrize("label", ["Definitely would not", "Definitely would"])
def test_open_answers_stand_by_an_intention(label: str) -> None:
    why = as_question("why", "open_ended", "What do you think of the oat yoghurt?", [])
    asked = "Would you buy the oat yoghurt?"
    warm = re.compile(
        r"giving .* a try|sounds? quite good|like the sound|glad to try|good about|positive|works for|good thing"
    )
    told = [answered(data_of(number, [why], [(asked, label)]), number)["why"] for number in range(100)]
    assert sum(bool(warm.search(answer)) for answer in told) == (100 if label.endswith("would") else 0)


def test_open_answers_stand_by_the_answer_before_in_the_same_section() -> None:
    scale = as_question("e", "likert", *ECONOMY)
    why = as_question("why", "open_ended", WHY, [])
    given = [answered(data_of(number, [scale, why]), number) for number in range(200)]
    told = [(5 - int(one["e"]), verdict(one["why"])) for one in given]
    assert sum(found is not None for _, found in told) >= 80
    assert [pair for pair in told if pair[1] is not None and pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    ("question", "answer", "low", "high"),
    [
        (ECONOMY[0], "Gotten much better", 0.9, 1.0),
        (ECONOMY[0], "We're moderately worse off than we were a year ago.", 0.2, 0.3),
        (ECONOMY[0], "My savings have come back and I worry less about the bills.", None, None),
        ("I worry that I cannot afford the oat yoghurt.", "Strongly agree", 0.0, 0.1),
        ("How likely are you to recommend the oat yoghurt?", "9", 0.75, 1.0),
        ("How satisfied are you with the coffee?", "Very dissatisfied", 0.0, 0.2),
        ("How much would you pay?", "12", None, None),
    ],
)
def test_the_direction_of_an_answer_is_read(question: str, answer: str, low: float | None, high: float | None) -> None:
    found = recall.mood_of(question, answer)
    assert found is None if low is None or high is None else found is not None and low <= found <= high


@pytest.mark.parametrize(
    ("name", "value", "text", "labels", "label"),
    [
        ("diet", "omnivore", DIET, EATS, "I eat meat and fish"),
        ("diet", "no restrictions", DIET, EATS, "I eat meat and fish"),
        ("diet", "omnivore", DIET, ["Vegetarian", "Vegan", "Other"], "Other"),
        ("employment_status", "works full time", "What is your employment status?", ["In employment", "Retired",
         "Student"], "In employment"),
        ("marital_status", "single", "What is your marital status?", ["Never married", "Married", "Divorced"],
         "Never married"),
        ("smoker", "no", "Do you smoke? Are you a smoker?", ["Non-smoker", "Daily smoker", "Former smoker"],
         "Non-smoker"),
    ],
)  # fmt: skip
def test_a_known_attribute_is_found_by_its_synonyms(
    name: str, value: str, text: str, labels: list[str], label: str
) -> None:
    question = as_question("q", "single_choice", text, labels)
    code = str(labels.index(label) + 1)
    given = [answered(data_of(number, [question], None, **{name: value}), number)["q"] for number in range(200)]
    assert sum(one != code for one in given) <= 0.02 * len(given)
    shares = survey.distribution({"persona": {}, "attributes": {name: value}, "question": question}, 1)
    assert shares["probabilities"][code] >= 0.98


def test_few_are_vegans_of_whom_nothing_is_known() -> None:
    question = as_question("q", "single_choice", DIET, EATS)
    given = [answered(data_of(number, [question], None, age=AGES[number % 4]), number)["q"] for number in range(200)]
    assert given.count("3") <= 30
    assert given.count("1") >= 100


def test_a_question_that_leaves_its_subject_open_is_about_that_of_the_question_before() -> None:
    texts = [DIET, OFFERS[0][0].format("1.90"), "And how likely at 2.60 pounds?", "Why would you buy it or not?"]
    questions = [
        as_question("diet", "single_choice", texts[0], EATS),
        as_question("cheap", "likert", texts[1], list(INTENT)),
        as_question("dear", "likert", texts[2], list(INTENT)),
        as_question("why", "open_ended", texts[3], []),
    ]
    for number in range(100):
        data = data_of(number, questions, None, diet="omnivore")
        data["section"]["title"] = "Concept"
        one = answered(data, number)
        assert int(one["dear"]) <= int(one["cheap"])
        assert "oat yoghurt" in one["why"]


def test_what_somebody_makes_a_living_of_does_not_change_what_they_eat() -> None:
    question = as_question("q", "single_choice", DIET, EATS)
    for number in range(50):
        data = data_of(number, [question])
        data["respondent"]["persona"] |= {"occupation": "Dairy farmer", "attributes": {"diet": "omnivore"}}
        assert answered(data, number)["q"] == "1"


def test_who_says_to_be_vegan_buys_no_dairy() -> None:
    labels = ["Dairy yoghurt", "Cheese", "Oat milk", "Plant-based yoghurt", "None of these"]
    question = as_question("q", "multiple_choice", "Which of these have you bought in the past four weeks?", labels)
    given = [answered(data_of(number, [question], [(DIET, "Vegan")]), number)["q"] for number in range(200)]
    assert sum("1" in one or "2" in one for one in given) <= 0.02 * len(given)
    assert sum("3" in one or "4" in one for one in given) > 0.5 * len(given)
    others = [answered(data_of(number, [question], [(DIET, EATS[0])]), number)["q"] for number in range(200)]
    assert sum("1" in one or "2" in one for one in others) > 0.4 * len(others)


OFFERS = [
    ("Would you buy a 400 g pot of this oat yoghurt at {} pounds?", ("1.90", "2.60", "9.50", "10.50")),
    ("How likely would you be to buy it if it cost £{}?", ("1.90", "2.60", "9", "11")),
    ("Would you buy the electric car for {} rupees?", ("900,000", "1,100,000", "2,000,000")),
]


@pytest.mark.parametrize(("text", "amounts"), OFFERS)
def test_a_dearer_offer_is_taken_less_readily(text: str, amounts: tuple[str, ...]) -> None:
    questions = [as_question(amount, "likert", text.format(amount), list(INTENT)) for amount in amounts]
    given = [answered(data_of(number, questions, None, age=AGES[number % 4]), number) for number in range(200)]
    for cheap, dear in pairwise(amounts):
        assert fmean(int(one[dear]) for one in given) < fmean(int(one[cheap]) for one in given)
        assert not [one for one in given if int(one[dear]) > int(one[cheap])]
    shares = [survey.distribution({"persona": {}, "attributes": {}, "question": one}, 1) for one in questions]
    means = [sum(int(code) * share for code, share in one["probabilities"].items()) for one in shares]
    assert all(dear < cheap for cheap, dear in pairwise(means))


def test_a_dearer_offer_is_taken_less_readily_in_another_section() -> None:
    cheap, dear = (as_question("p", "likert", OFFERS[0][0].format(amount), list(INTENT)) for amount in ("1.90", "2.60"))
    rising = 0
    for number in range(200):
        first = answered(data_of(number, [cheap]), number)["p"]
        earlier = [(cheap["text"], INTENT[int(first) - 1])]
        rising += int(answered(data_of(number, [dear], earlier), 1000 + number)["p"]) > int(first)
    assert rising <= 4


@pytest.mark.parametrize("scale", [None, {"min": 0, "max": 10}])
def test_a_price_named_lies_near_those_of_the_survey(scale: dict[str, Any] | None) -> None:
    most = "What is the most you would pay for a 400 g pot of this oat yoghurt, in pounds?"
    offers = [as_question(amount, "likert", OFFERS[0][0].format(amount), list(INTENT)) for amount in ("1.90", "2.60")]
    questions = [*offers, as_question("most", "numeric", most, [], scale=scale)]
    given = [answered(data_of(number, questions), number) for number in range(200)]
    named = [one["most"] for one in given]
    assert 1.6 <= median(named) <= 2.9
    assert 0.9 <= min(named) < max(named) <= 5.0
    assert any(price != int(price) for price in named)
    assert not [one for one in given if int(one["2.60"]) >= 4 and one["most"] < 2.6]
    alone = [answered(data_of(number, questions[-1:]), number)["most"] for number in range(200)]
    assert 0.8 <= median(alone) <= 4.0


CLAIM = "How believable is the claim 'creamy without dairy'?"
VEGAN_CHEF = {"occupation": "Chef", "backstory": "Mia is a vegan chef. She eats oat yoghurt every morning."}
FARMER = {"occupation": "Dairy farmer", "backstory": "Tom keeps eighty cows. He finds oat drinks silly."}


def test_a_claim_to_lack_something_speaks_for_those_who_do_without_it() -> None:
    question = as_question("q", "likert", CLAIM, list(graded("believable")))
    means = []
    for persona in (VEGAN_CHEF, {"attributes": {"diet": "vegan"}}, {}, FARMER):
        given = []
        for number in range(150):
            data = data_of(number, [question])
            data["respondent"]["persona"] |= persona
            given.append(int(answered(data, number)["q"]))
        means.append(fmean(given))
    chef, vegan, anybody, farmer = means
    assert min(chef, vegan) > anybody + 0.7
    assert anybody > farmer + 0.7


def test_a_scale_with_names_at_its_ends_only_is_spoken_of_in_words() -> None:
    labels = ["Disagree", "2", "3", "4", "Agree"]
    question = as_question("q", "likert", "An oat yoghurt is a good idea.", labels)
    given = []
    for number in range(100):
        data = data_of(number, [question])
        code = int(answered(data)["q"])
        said = content.HANDLERS["survey_statements"](data, 1)["statements"]["q"]
        assert "is agree" not in said
        assert "is disagree" not in said
        assert bool(re.search(r"disagree that|don't (quite )?agree", said.replace("nor disagree", ""))) == (code < 3)
        given.append(code)
    assert set(given) == {1, 2, 3, 4, 5}


def test_what_would_hardly_put_one_off_is_not_followed_by_oneself() -> None:
    question = as_question("o", "open_ended", "What would put you off the concept?", [])
    told = [answered(data_of(number, [question]), number)["o"] for number in range(300)]
    hardly = [answer for answer in told if "If anything" in answer]
    assert len(hardly) > 20
    assert [answer for answer in hardly if len(re.findall(r"[.!?](?:\s|$)", answer.split("If anything")[1])) > 1] == []
