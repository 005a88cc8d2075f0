"""Respondents answer for readable reasons: by their traits, over the whole scale, in fitting words."""

from collections import Counter, defaultdict
from statistics import correlation, fmean
from typing import Any

import pytest

from core.embedded import samples
from core.embedded.offline_model import content, scales, survey
from core.embedded.offline_model.embeddings import Embedder
from core.embedded.offline_model.seeding import Draws
from tests.core.embedded.offline_model.conftest import Asker, as_question, respondent

Questions = list[dict[str, Any]]
Sample = list[tuple[dict[str, str], dict[str, Any], dict[str, str]]]
AGREE = ["Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Strongly disagree"]
LIKELY = ["Very likely", "Somewhat likely", "Not sure", "Somewhat unlikely", "Very unlikely"]


@pytest.fixture(scope="module")
def sample(ces_questions: Questions) -> Sample:
    """400 respondents of the real joint distribution: attributes, answers and statements."""
    cells = samples.ces_cells()
    draws = Draws("respondents")
    nps = as_question("nps", "nps", "How likely are you to recommend your bank to a friend?", [])
    why = as_question("why", "open_ended", "What everyday experience shapes your view of the economy?", [])
    drawn = []
    for number in range(400):
        values = draws.weighted(cells, [cell["share"] for cell in cells])["values"]
        data = respondent(number, [*ces_questions, nps, why], **values)
        said = content.HANDLERS["survey_statements"](data, 1)["statements"]
        drawn.append((values, survey.direct(data, 1)["answers"], said))
    return drawn


def mean_by(sample: Sample, question: str, attribute: str) -> dict[str, float]:
    groups: dict[str, list[int]] = defaultdict(list)
    for values, answers, _ in sample:
        groups[values[attribute]].append(int(answers[question]))
    return {name: fmean(codes) for name, codes in groups.items()}


@pytest.mark.parametrize(("key", "codes"), [("economy_retro", 5), ("ideo5", 5), ("relig_church", 6)])
def test_every_point_of_a_scale_is_used(sample: Sample, key: str, codes: int) -> None:
    counts = Counter(answers[key] for _, answers, _ in sample)
    assert set(counts) == {str(code) for code in range(1, codes + 1)}
    assert max(counts.values()) < 0.6 * len(sample)


def test_nps_spreads_over_its_scale(sample: Sample) -> None:
    scores = Counter(answers["nps"] for _, answers, _ in sample)
    assert set(scores) <= set(range(11))
    assert len(scores) >= 9
    assert 5.5 < fmean(answers["nps"] for _, answers, _ in sample) < 8.5


def test_ordinal_answers_move_with_traits(sample: Sample) -> None:
    economy_age = mean_by(sample, "economy_retro", "age")  # higher is worse
    economy_school = mean_by(sample, "economy_retro", "education")
    assert economy_age["18-29"] > economy_age["65+"] + 0.2
    assert economy_school["High school or less"] > economy_school["College degree"] + 0.2
    politics_age = mean_by(sample, "ideo5", "age")  # higher is more conservative
    politics_school = mean_by(sample, "ideo5", "education")
    assert politics_age["18-29"] < politics_age["65+"] - 0.3
    assert politics_school["College degree"] < politics_school["High school or less"] - 0.2
    worship_age = mean_by(sample, "relig_church", "age")  # higher is seldomer
    assert worship_age["65+"] < worship_age["18-29"] - 0.3
    worship_gender = mean_by(sample, "relig_church", "gender")
    assert worship_gender["Female"] < worship_gender["Male"]
    worship_race = mean_by(sample, "relig_church", "race")
    assert worship_race["Black"] < worship_race["White"]


def test_a_turned_scale_gives_the_same_positions(ces_questions: Questions) -> None:
    economy = ces_questions[0]
    labels = [option["label"] for option in economy["options"]]
    turned = as_question("economy_retro", "likert", economy["text"], labels[::-1])
    for number in range(40):
        first = survey.direct(respondent(number, [economy], age="45-64"), 2)["answers"]["economy_retro"]
        second = survey.direct(respondent(number, [turned], age="45-64"), 2)["answers"]["economy_retro"]
        assert int(first) == 6 - int(second)


def test_a_worried_wording_turns_the_direction() -> None:
    good = as_question("a", "likert", "My household's finances are in good order.", AGREE)
    bad = as_question("b", "likert", "I worry that I cannot afford my rent.", AGREE)
    pairs = [survey.direct(respondent(n, [good, bad], age="30-44"), 1)["answers"] for n in range(150)]
    assert correlation([int(p["a"]) for p in pairs], [int(p["b"]) for p in pairs]) < -0.3


def test_a_higher_price_lowers_purchase_intent() -> None:
    cheap = as_question("a", "likert", "How likely are you to buy it at 1.90 pounds for 400 g?", LIKELY)
    dear = as_question("a", "likert", "How likely are you to buy it at 2.60 pounds for 400 g?", LIKELY)
    intents = [
        fmean(int(survey.direct(respondent(n, [question]), n)["answers"]["a"]) for n in range(600))
        for question in (cheap, dear)
    ]
    assert intents[1] > intents[0], "1 is very likely, so a higher mean is less intent"


@pytest.mark.parametrize("key", ["economy_retro", "ideo5", "relig_church", "why"])
def test_people_do_not_read_like_clones(sample: Sample, key: str) -> None:
    assert len({said[key] for _, _, said in sample}) > 300


def test_statements_name_no_option_of_several_words(sample: Sample, ces_questions: Questions) -> None:
    for question in ces_questions:
        labels = [option["label"].lower() for option in question["options"] if " " in option["label"]]
        texts = [said[question["key"]].lower() for _, _, said in sample]
        assert not [text for text in texts for label in labels if label in text]


ANCHOR_SETS = ("{}", "I would say it has or I am: {}", "My answer to the question is: {}.")


def rated_positions(embedder: Embedder, labels: list[str], texts: list[str]) -> list[float]:
    """Return each text's mean position by semantic similarity, averaged over the anchor sets."""
    totals = [0.0] * len(texts)
    for template in ANCHOR_SETS:
        anchors = embedder.embed([template.format(label) for label in labels])
        for index, vector in enumerate(embedder.embed(texts)):
            likeness = [(1 + sum(a * b for a, b in zip(vector, anchor, strict=True))) / 2 for anchor in anchors]
            weights = [value - min(likeness) + 1e-3 for value in likeness]
            totals[index] += sum(place * weight for place, weight in enumerate(weights)) / sum(weights)
    return [total / len(ANCHOR_SETS) for total in totals]


@pytest.mark.parametrize("key", ["economy_retro", "ideo5", "relig_church"])
def test_statements_lie_near_the_intended_anchor(sample: Sample, ces_questions: Questions, key: str) -> None:
    question = next(question for question in ces_questions if question["key"] == key)
    labels = [option["label"] for option in question["options"]]
    chosen = sample[:200]
    rated = rated_positions(Embedder(), labels, [said[key] for _, _, said in chosen])
    assert correlation(rated, [float(answers[key]) for _, answers, _ in chosen]) > 0.6


def test_all_question_types_over_the_wire(ask: Asker) -> None:
    none = "None of these"
    questions = [
        as_question("one", "single_choice", "Which of these would you choose?", ["Red", "Green", "Blue"]),
        as_question("many", "multiple_choice", "Which do you own?", ["Car", "Bike", "Boat", none]),
        as_question("scale", "likert", "I like new technology.", AGREE),
        as_question("nps", "nps", "Would you recommend us?", []),
        as_question("euros", "numeric", "How much would you pay?", [], scale={"min": 5, "max": 20}),
        as_question("text", "open_ended", "What would make your bank better?", []),
    ]
    many = Counter[str]()
    for number in range(25):
        answers = ask("survey_direct", respondent(number, questions), number)["answers"]
        assert set(answers) == {question["key"] for question in questions}
        assert answers["one"] in {"1", "2", "3"}
        assert answers["scale"] in {"1", "2", "3", "4", "5"}
        assert 0 <= answers["nps"] <= 10
        assert 5 <= answers["euros"] <= 20
        assert len(answers["text"]) > 15
        assert answers["many"]
        assert "4" not in answers["many"] or answers["many"] == ["4"]
        many.update(answers["many"])
    assert len(many) == 4


def test_distributions_sum_to_one_and_follow_traits(ask: Asker, ces_questions: Questions) -> None:
    def shares(age: str, education: str) -> dict[str, float]:
        attributes = {"age": age, "education": education}
        data = {"persona": {}, "attributes": attributes, "language": "en", "question": ces_questions[0]}
        found: dict[str, float] = ask("survey_distribution", data)["probabilities"]
        return found

    young, old = shares("18-29", "High school or less"), shares("65+", "College degree")
    assert sum(young.values()) == pytest.approx(1.0, abs=1e-9)
    assert young["5"] > old["5"] + 0.1
    nps = as_question("n", "nps", "Recommend?", [])
    data = {"persona": {}, "attributes": {}, "question": nps}
    found = ask("survey_distribution", data)["probabilities"]
    assert list(found) == [str(point) for point in range(11)]
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-9)
    many = as_question("m", "multiple_choice", "Which?", ["A", "B", "None"])
    inclusion = ask("survey_distribution", {**data, "question": many})["probabilities"]
    assert all(0 < p < 1 for p in inclusion.values())


def test_the_seed_moves_single_answers_but_hardly_the_whole(ces_questions: Questions) -> None:
    def answers(seed: int) -> list[int]:
        return [
            int(survey.direct(respondent(n, ces_questions[:1], age="45-64"), seed)["answers"]["economy_retro"])
            for n in range(300)
        ]

    first, second = answers(1), answers(2)
    assert first != second
    assert correlation(first, second) > 0.4
    assert abs(fmean(first) - fmean(second)) < 0.3


def test_a_scale_is_understood_by_its_labels() -> None:
    graded = scales.detect(("Not at all worried", "Slightly worried", "Somewhat worried", "Very worried"))
    assert graded == scales.Scale("worried", 4, descending=False)
    assert scales.detect(tuple(AGREE)) == scales.Scale("agree", 5, descending=True)
    assert scales.detect(("1", "2", "3")) == scales.Scale("amount", 3, descending=False)
    assert scales.detect(("Red", "Green", "Blue")) is None
    assert scales.detect(()) is None
