"""Results of max_diff questions, from counted answers; pure. The formulas are in `core.stats.best_worst`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.questionnaires.content import Question
from core.stats.best_worst import BestWorst, Judged, best_worst
from core.surveys.figures import maybe, rounded
from core.surveys.max_diff_schemas import MaxDiffItem, PersonaScore


@dataclass(slots=True)
class JudgedSets:
    """The sets that respondents judged, one entry per respondent, with weight and persona."""

    question: Question
    answers: list[tuple[Judged, ...]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    clusters: list[UUID] = field(default_factory=list)

    def add(self, value: Sequence[Any], weight: float, persona_id: UUID, count: int) -> None:
        """Take in an answer that `count` respondents gave."""
        sets = tuple(Judged(one["items"], one["best"], one["worst"]) for one in value)
        self.answers.extend([sets] * count)
        self.weights.extend([weight] * count)
        self.clusters.extend([persona_id] * count)

    def scored(self) -> BestWorst:
        """Return the scores of all options."""
        return best_worst(self.answers, self.question.codes, self.weights, self.clusters)


def persona_scores(question: Question, found: BestWorst, persona_id: UUID) -> list[PersonaScore]:
    """Return the scores among one persona's respondents; none where none of them answered."""
    scores = found.by_cluster.get(persona_id, [None] * len(question.codes))
    return [PersonaScore(code=code, score=maybe(score)) for code, score in zip(question.codes, scores, strict=True)]


def max_diff_items(question: Question, found: BestWorst) -> list[MaxDiffItem]:
    """Return the scores as they are told, in the order of the options."""
    return [
        MaxDiffItem(
            code=item.code,
            label=option.label,
            shown=item.shown,
            best=item.best,
            worst=item.worst,
            weighted_shown=rounded(item.weighted_shown),
            weighted_best=rounded(item.weighted_best),
            weighted_worst=rounded(item.weighted_worst),
            score=maybe(item.score),
            ci=(rounded(item.ci.lo), rounded(item.ci.hi)) if item.ci else None,
            utility=maybe(item.utility),
            share=maybe(item.share),
        )
        for item, option in zip(found.items, question.options, strict=True)
    ]
