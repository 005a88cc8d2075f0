"""Anchor sentences of ordinal scales, and what the demonstration's embeddings make of statements rated by them."""

from __future__ import annotations

import math

from core.db.base import uuid7
from core.embedded.offline_model import content, survey
from core.embedded.offline_model.embeddings import Embedder
from core.questionnaires.content import Option, Question
from core.settings import OFFLINE_EMBEDDING_MODEL
from core.stats import ssr
from core.stats.sampling import rng
from core.surveys.elicitation import ANCHOR_TEMPLATES, NPS_WORDS, anchor_sets
from core.surveys.methods import DEMONSTRATION_TEMPERATURE, default_parameters

ECONOMY = "Over the past year the nation's economy has"
LABELS = ("Gotten much worse", "Gotten somewhat worse", "Stayed about the same", "Gotten somewhat better",
          "Gotten much better")  # fmt: skip
PEOPLE = (
    {"age": "18-29", "education": "No college", "income": "Under 30k", "religion": "Not important"},
    {"age": "30-44", "education": "Some college", "income": "30-60k", "religion": "Somewhat important"},
    {"age": "45-64", "education": "Postgraduate", "income": "100k+", "religion": "Not too important"},
    {"age": "65+", "education": "4-year", "income": "60-100k", "religion": "Very important"},
)


def likert(text: str = ECONOMY, labels: tuple[str, ...] = LABELS) -> Question:
    """Return a likert question."""
    options = tuple(Option(code=str(place), label=label) for place, label in enumerate(labels, 1))
    return Question(id=uuid7(), key="economy", type="likert", text=text, required=True, position=0, options=options)


def test_every_set_has_an_anchor_per_point_in_scale_order_and_carries_the_question() -> None:
    sets = anchor_sets(likert())
    assert len(sets) == len(ANCHOR_TEMPLATES) > 1
    for sentences in sets:
        assert len(sentences) == len(LABELS) == len(set(sentences))
        for sentence, label in zip(sentences, LABELS, strict=True):
            assert ECONOMY in sentence
            assert label[1:] in sentence


def test_a_label_with_braces_or_a_full_stop_is_taken_as_it_is() -> None:
    [first, *_] = anchor_sets(likert("Is {stem} {0} fine?", ("{label}", "No.")))
    assert first == ["Is {stem} {0} fine? {label}.", "Is {stem} {0} fine? No."]


def test_a_bare_number_is_said_with_the_ends_of_its_scale() -> None:
    [_, second, *_] = anchor_sets(likert("How fresh is it?", ("Not at all fresh", "2", "3", "4", "Extremely fresh")))
    assert second[0] == "How fresh is it? My answer: not at all fresh, 1 on a scale from 1 to 5."
    assert second[1] == "How fresh is it? My answer: 2 on a scale from 1 to 5."


def test_the_points_of_a_recommendation_have_words_besides_their_numbers() -> None:
    options = tuple(Option(code=str(point), label=str(point)) for point in range(11))
    question = Question(id=uuid7(), key="n", type="nps", text="Recommend us?", position=0, options=options)
    [sentences, *_] = anchor_sets(question)
    assert sentences[0] == "Recommend us? not at all likely, 0 on a scale from 0 to 10."
    assert len(set(sentences)) == len(NPS_WORDS)
    assert all(f"{words}, {point} on" in sentences[point] for point, words in enumerate(NPS_WORDS))


def test_only_the_demonstrations_embeddings_run_at_their_own_temperature() -> None:
    assert default_parameters(OFFLINE_EMBEDDING_MODEL)["ssr_temperature"] == DEMONSTRATION_TEMPERATURE
    assert default_parameters("text-embedding-3-small")["ssr_temperature"] == 1


def test_what_is_drawn_from_a_statement_agrees_with_what_was_meant() -> None:
    """The same seed gives the offline model's statement and, asked directly, the point it stands for."""
    question = likert()
    asked = {
        "key": question.key,
        "type": "likert",
        "text": question.text,
        "options": [option.model_dump() for option in question.options],
    }
    embedder = Embedder()
    anchors = ssr.prepare([embedder.embed(sentences) for sentences in anchor_sets(question)])
    meant, said = [], []
    for number in range(120):
        respondent = {"persona": {}, "attributes": PEOPLE[number % len(PEOPLE)], "number": number}
        data = {"respondent": respondent, "section": {"title": "x", "questions": [asked]}}
        meant.append(int(survey.direct(data, 1)["answers"]["economy"]))
        said.append(content.HANDLERS["survey_statements"](data, 1)["statements"]["economy"])
    rated = [ssr.pmf(vector, anchors, DEMONSTRATION_TEMPERATURE).probabilities for vector in embedder.embed(said)]
    generator = rng("agreement")
    drawn = [1 + generator.choices(range(len(LABELS)), p)[0] for p in rated]
    assert _correlation(meant, drawn) > 0.85
    far = sum(abs(a - b) >= 2 for a, b in zip(meant, drawn, strict=True)) / len(meant)
    assert far < 0.05


def _correlation(xs: list[int], ys: list[int]) -> float:
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    covariance = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    spread = math.fsum((x - mean_x) ** 2 for x in xs) * math.fsum((y - mean_y) ** 2 for y in ys)
    return covariance / math.sqrt(spread)
