"""What semantic rating makes of statements, by the demonstration's embeddings and the product's own anchors."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation, fmean

from core.db.base import uuid7
from core.embedded.offline_model import content, survey
from core.embedded.offline_model.embeddings import Encoder, directed
from core.questionnaires.content import Option, Question
from core.stats import ssr
from core.stats.sampling import rng
from core.surveys.elicitation import anchor_sets, asked
from core.surveys.methods import DEMONSTRATION_TEMPERATURE

AGES = ("18-29", "30-44", "45-64", "65+")
SCHOOLING = ("High school or less", "Some college", "College degree", "Postgraduate")
COUNTRIES = ("United States", "United Kingdom", "India")


@dataclass(frozen=True)
class Agreement:
    """How the points that respondents meant, the most probable ones and those drawn agree on one question."""

    meant: list[int]
    mode: list[int]
    drawn: list[int]

    @property
    def near(self) -> float:
        """Return the share of statements whose mode is the point meant or next to it."""
        return fmean(abs(a - b) <= 1 for a, b in zip(self.meant, self.mode, strict=True))

    @property
    def far(self) -> float:
        """Return the share of drawn answers two or more points from the one meant."""
        return fmean(abs(a - b) >= 2 for a, b in zip(self.meant, self.drawn, strict=True))

    @property
    def r(self) -> float:
        """Return the correlation of points meant and drawn."""
        return correlation(self.meant, self.drawn)


def as_asked(text: str, labels: Sequence[str]) -> Question:
    """Return a likert question, or an nps question where there are no labels."""
    points = [str(number) for number in range(11)] if not labels else list(labels)
    options = tuple(Option(code=str(code), label=label) for code, label in enumerate(points, 0 if not labels else 1))
    kind = "likert" if labels else "nps"
    return Question.model_validate(
        {"id": uuid7(), "key": "q", "type": kind, "text": text, "position": 0, "options": options}
    )


def probabilities(encoder: Encoder, question: Question, said: Sequence[str]) -> list[tuple[float, ...]]:
    """Return each statement's probability of every point."""

    def embed(texts: Sequence[str]) -> list[list[float]]:
        vectors = zip(texts, encoder.encode(list(texts)), strict=True)
        return [directed(text, vector).tolist() for text, vector in vectors]

    anchors = ssr.prepare([embed(sentences) for sentences in anchor_sets(question)])
    return [ssr.pmf(vector, anchors, DEMONSTRATION_TEMPERATURE).probabilities for vector in embed(said)]


def agreement(encoder: Encoder, text: str, labels: Sequence[str], people: int) -> Agreement:
    """Return how statements rated agree with what the same respondents answer directly."""
    question = as_asked(text, labels)
    put = asked(question).model_dump()
    lowest = int(question.codes[0])
    meant, said = [], []
    for number in range(people):
        persona = {"name": f"Person {number}", "location_country": COUNTRIES[number % 3]}
        attributes = {"age": AGES[number % 4], "education": SCHOOLING[number // 4 % 4]}
        respondent = {"persona": persona, "attributes": attributes, "number": number}
        data = {"respondent": respondent, "section": {"title": "Survey", "questions": [put]}}
        meant.append(int(survey.direct(data, 1)["answers"]["q"]))
        said.append(content.HANDLERS["survey_statements"](data, 1)["statements"]["q"])
    rated = probabilities(encoder, question, said)
    generator = rng("agreement", text)
    drawn = [lowest + generator.choices(range(len(p)), p)[0] for p in rated]
    return Agreement(meant, [lowest + p.index(max(p)) for p in rated], drawn)
