"""How often the point meant is the most probable one, by built-in anchors and by labels; `pytest -s` tells."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from core.embedded.offline_model import content, survey
from core.embedded.offline_model.embeddings import Encoder, HashedWords, MiniLM, directed, model_installed
from core.questionnaires.content import Question
from core.stats import ssr
from core.surveys.anchors import built_in
from core.surveys.elicitation import anchor_sets, asked
from core.surveys.methods import DEMONSTRATION_TEMPERATURE
from tests.core.embedded.offline_model import ordinals, own_words
from tests.core.embedded.offline_model.rated import AGES, COUNTRIES, SCHOOLING, as_asked
from tests.core.embedded.offline_model.test_rating import SAID

pytestmark = pytest.mark.slow
PEOPLE = 20
Said = list[tuple[str, int]]
GENERAL = [question for question in (*ordinals.SAMPLES, *ordinals.MADE_UP) if question[1]]
LONGER: list[ordinals.Asked] = [
    ("My bank treats me fairly.", ("Strongly disagree", "Disagree", "Somewhat disagree", "Neutral", "Somewhat agree",
                                   "Agree", "Strongly agree")),
    ("The new timetable suits me.", ("Strongly disagree", "Somewhat disagree", "Somewhat agree", "Strongly agree")),
    ("How satisfied are you with your dentist?", ordinals.graded("satisfied")),
    ("How often do you cook at home?", ("Never", "Rarely", "Sometimes", "Often", "Very often", "Almost always",
                                        "Always")),
]  # fmt: skip


@pytest.fixture(scope="module", params=["hashed words", "sentence model"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Either source of sentence vectors."""
    if request.param == "hashed words":
        return HashedWords()
    if not model_installed():
        pytest.skip("the sentence model is not installed")
    return MiniLM(1)


def embed(encoder: Encoder, texts: Sequence[str]) -> list[list[float]]:
    return [directed(text, vector).tolist() for text, vector in zip(texts, encoder.encode(list(texts)), strict=True)]


def hits(encoder: Encoder, asked_of: Sequence[tuple[Question, Said]]) -> tuple[int, int, int]:
    """Return how many statements have their mode at the point meant: by labels, by built-in sets, and of how many."""
    found = [0, 0]
    total = 0
    for question, said in asked_of:
        common = built_in(question, "en")
        assert common is not None
        vectors = embed(encoder, [statement for statement, _ in said])
        total += len(said)
        for kind, sets in enumerate((anchor_sets(question), common[1])):
            anchors = ssr.prepare([embed(encoder, sentences) for sentences in sets])
            for vector, (_, meant) in zip(vectors, said, strict=True):
                p = ssr.pmf(vector, anchors, DEMONSTRATION_TEMPERATURE).probabilities
                found[kind] += 1 + p.index(max(p)) == meant
    return found[0], found[1], total


def spoken(question: Question) -> Said:
    """Return what the offline model's respondents say, and the point they choose when asked directly."""
    put, found = asked(question).model_dump(), []
    for number in range(PEOPLE):
        persona = {"name": f"Person {number}", "location_country": COUNTRIES[number % 3]}
        attributes = {"age": AGES[number % 4], "education": SCHOOLING[number // 4 % 4]}
        respondent = {"persona": persona, "attributes": attributes, "number": number}
        data = {"respondent": respondent, "section": {"title": "Survey", "questions": [put]}}
        statement = content.HANDLERS["survey_statements"](data, 1)["statements"]["q"]
        found.append((statement, int(survey.direct(data, 1)["answers"]["q"])))
    return found


def tell(encoder: Encoder, said: str, by_labels: float, by_sets: float) -> None:
    """Write a row of the table in docs/simulations.md."""
    sys.stdout.write(f"\n{said}, {type(encoder).__name__}: labels {by_labels:.0%}, built-in {by_sets:.0%}\n")


def test_in_other_words_the_built_in_sets_are_no_worse_than_labels(encoder: Encoder) -> None:
    own = [(as_asked(*key), list(said.items())) for key, said in own_words.SAID.items()]
    labels = dict(GENERAL)
    other = [(as_asked(text, labels[text]), list(said.items())) for text, said in SAID.items() if text in labels]
    by_labels, by_sets, n = hits(encoder, [*own, *((q, said) for q, said in other if built_in(q, "en"))])
    tell(encoder, "other words", by_labels / n, by_sets / n)
    assert n > 70
    assert by_sets >= by_labels


def test_in_the_words_of_the_labels_the_labels_are_better_and_the_built_in_sets_near(encoder: Encoder) -> None:
    common = [one for one in (as_asked(*key) for key in (*GENERAL, *LONGER)) if built_in(one, "en")]
    by_labels, by_sets, n = hits(encoder, [(one, spoken(one)) for one in common])
    tell(encoder, "words of the labels", by_labels / n, by_sets / n)
    assert len(common) >= 15
    assert by_sets / n >= 0.85
