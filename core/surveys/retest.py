"""Test–retest: who is asked again and what, and how well the two answers agree. Pure.

A part of the respondents is asked a part of the questions once more, after everybody has answered: the same prompt with
a seed of its own, and without what they said before. What they say is kept apart and counts in no result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.questionnaires.content import Content, Question, Section
from core.questionnaires.logic import conditions_of
from core.stats.agreement import (
    cohens_kappa,
    exact_agreement,
    icc_agreement,
    mean_kappa,
    upper_limit,
    weighted_kappa,
)
from core.stats.sampling import rng, shuffled
from core.surveys.elicitation import Batch, batches
from core.surveys.methods import Requested, method_for

LARGEST_SHARE: Final = 0.5
FEWEST_RESPONDENTS: Final = 50
"""With fewer respondents no alarm is measured, and nobody is asked again."""
FEWEST_AGAIN, MOST_AGAIN = 30, 100
MOST_QUESTIONS: Final = 10
FEWEST_PAIRS: Final = 15
STEADY: Final = 0.8
"""Where so many pairs agree a question is steady, whatever a coefficient makes of the few that vary."""
COMPARED: Final = frozenset({"single_choice", "multiple_choice", "likert", "nps", "numeric"})
Coefficient = Literal["kappa", "mean_kappa", "weighted_kappa", "icc"]
Reason = Literal["drawn_from_probabilities", "type", "depends_on_answers", "not_drawn", "too_few", "no_variation"]


@dataclass(frozen=True, slots=True)
class Again:
    """Questions that one call asks again: of a batch of the section at this place."""

    place: int
    section: Section
    batch: Batch


@dataclass(frozen=True, slots=True)
class Pair:
    """What one respondent answered to one question, and what when asked again."""

    key: str
    value: Any
    probabilities: Mapping[str, float] | None
    again: Any
    again_probabilities: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Stability:
    """How well the answers of one question agree: `value` of the coefficient, its upper limit, and why there is none.

    `agreement` is the share of pairs (0–1) that are equal; for statements rated by similarity, of those whose expected
    points differ by half a point at most.
    """

    n: int
    coefficient: Coefficient | None = None
    agreement: float | None = None
    value: float | None = None
    upper: float | None = None
    reason: Reason | None = None

    def unsteady(self, threshold: float) -> bool:
        """Tell whether the coefficient is below the threshold by more than chance, and answers do change."""
        return (
            self.upper is not None and self.agreement is not None and self.upper < threshold and self.agreement < STEADY
        )


def people_again(seed: int, n: int, share: float) -> frozenset[int]:
    """Return the numbers of the respondents, of 1…n, who are asked again: a share, but at least 30 and at most 100."""
    if share <= 0 or n < FEWEST_RESPONDENTS:
        return frozenset()
    count = min(MOST_AGAIN, max(FEWEST_AGAIN, round(share * n)))
    return frozenset(shuffled(range(1, n + 1), rng(seed, "asked again"))[:count])


def asked_again(content: Content, requested: Requested, seed: int) -> list[Again]:
    """Return what is asked again, call by call: batches by lot until there are ten questions, in their order."""
    conditions = conditions_of(content)
    found: list[Again] = []
    for place, section in enumerate(content.sections):
        for batch in batches(section, requested, conditions):
            questions = tuple(one for one in batch.questions if _unasked(one, requested) is None)
            if questions:
                found.append(Again(place, section, Batch(batch.stage, batch.method, questions)))
    taken: dict[int, Again] = {}
    left = MOST_QUESTIONS
    for place in shuffled(range(len(found)), rng(seed, "questions again")):
        one = found[place]
        if left > 0:
            batch = Batch(one.batch.stage, one.batch.method, one.batch.questions[:left])
            taken[place] = Again(one.place, one.section, batch)
            left -= len(batch.questions)
    return [taken[place] for place in sorted(taken)]


def _unasked(question: Question, requested: Requested) -> Reason | None:
    """Return why a question is never asked again, None where it may be."""
    if question.type not in COMPARED:
        return "type"
    if method_for(question, requested) == "distribution":
        return "drawn_from_probabilities"
    return "depends_on_answers" if question.reads or question.splits else None


def stabilities(content: Content, requested: Requested, pairs: Sequence[Pair]) -> dict[str, Stability]:
    """Return, for each question, how well its answers agree, or why that is not known."""
    by_key: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_key.setdefault(pair.key, []).append(pair)
    found: dict[str, Stability] = {}
    for question in content.questions():
        own = by_key.get(question.key, [])
        reason = _unasked(question, requested) or ("not_drawn" if not own else None)
        found[question.key] = Stability(0, reason=reason) if reason else stability(question, own)
    return found


def stability(question: Question, pairs: Sequence[Pair]) -> Stability:
    """Return how well the answers of one question agree."""
    if len(pairs) < FEWEST_PAIRS:
        return Stability(len(pairs), reason="too_few")
    scores = {option.code: option.score for option in question.options}
    if pairs[0].probabilities is not None and all(score is not None for score in scores.values()):
        expected = [(_expected(one.probabilities, scores), _expected(one.again_probabilities, scores)) for one in pairs]
        near = sum(abs(a - b) <= 0.5 for a, b in expected) / len(expected)
        return _told("icc", expected, icc_agreement, near)
    values = [(one.value, one.again) for one in pairs]
    if question.type == "numeric":
        return _told("icc", values, icc_agreement, exact_agreement(values))
    if question.type == "multiple_choice":
        sets = [(frozenset(a), frozenset(b)) for a, b in values]
        return _told("mean_kappa", sets, lambda some: mean_kappa(some, question.codes), exact_agreement(sets))
    codes = [(str(a), str(b)) for a, b in values]
    if question.type in ("likert", "nps"):
        points = [(float(scores.get(a) or 0), float(scores.get(b) or 0)) for a, b in codes]
        return _told("weighted_kappa", points, weighted_kappa, exact_agreement(codes))
    return _told("kappa", codes, cohens_kappa, exact_agreement(codes))


def _expected(probabilities: Mapping[str, float] | None, scores: Mapping[str, float | None]) -> float:
    return sum(p * (scores[code] or 0.0) for code, p in (probabilities or {}).items())


def _told(
    name: Coefficient, pairs: Sequence[Any], coefficient: Callable[[Sequence[Any]], float | None], agreement: float
) -> Stability:
    value = coefficient(pairs)
    if value is None:
        return Stability(len(pairs), agreement=agreement, reason="no_variation")
    return Stability(len(pairs), name, agreement, value, upper_limit(pairs, coefficient))
