"""Results of matrices, row by row, and of rankings, by first choice and by rank; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from core.questionnaires.content import Question, Row
from core.stats.intervals import Interval
from core.stats.ranking import Ranked, RankedItem, ranked
from core.surveys.battery_schemas import PersonaRank, RankingItem
from core.surveys.figures import maybe, rounded
from core.surveys.repository import Tally
from core.surveys.schemas import QuestionResult

Result = Callable[[Question, Sequence[Tally], Mapping[UUID, str]], QuestionResult]


def with_rows(
    question: Question,
    tallies: Sequence[Tally],
    names: Mapping[UUID, str],
    whole: QuestionResult,
    result: Result,
) -> QuestionResult:
    """Return a matrix's results with those of each of its rows, computed as those of the rating question it is.

    It is worth what its row worth the least is.
    """
    rows = [
        result(question.item(row), _of_row(tallies, row), names).model_copy(update={"text": row.label})
        for row in question.rows
    ]
    worth = min((row.n_eff for row in rows if row.n), default=0.0)
    return whole.model_copy(update={"rows": rows, "n_eff": worth, "options": []})


def first_choices(question: Question, tallies: Sequence[Tally]) -> tuple[Question, list[Tally]]:
    """Return a ranking as the single choice of who is ranked first."""
    chosen = question.model_copy(update={"type": "single_choice"})
    return chosen, [replace(t, value=t.value[0]) if t.missing_reason is None else t for t in tallies]


def with_ranks(question: Question, given: Sequence[Tally], firsts: QuestionResult) -> QuestionResult:
    """Return a ranking's results: those of the first choices, and what the orders come to."""
    found = _ranked(question, given)
    labels = {option.code: option.label for option in question.options}
    return firsts.model_copy(
        update={
            "type": question.type,
            "n_eff": rounded(found.size.n_eff),
            "icc": rounded(found.size.icc) if found.size.n else None,
            "ranking": [_item(item, labels[item.code], question.ranks) for item in found.items],
            "agreement": maybe(found.agreement),
            "by_persona": [
                one.model_copy(update={"ranking": _persona_ranks(question, given, one.persona_id)})
                for one in firsts.by_persona
            ],
        }
    )


def comparable(question: Question) -> list[Question]:
    """Return what of a question can be held against another run: the rows of a matrix, a ranking's first choice."""
    if question.type == "matrix":
        return list(question.items())
    if question.type == "ranking":
        return [first_choices(question, [])[0].model_copy(update={"text": f"{question.text} – put first"})]
    return [question]


def part_tallies(question: Question, part: Question, tallies: Sequence[Tally]) -> list[Tally]:
    """Return the answers to a part that `comparable` gave, from those to its question."""
    if question.type == "matrix":
        row = next(row for row in question.rows if f"{question.key}.{row.code}" == part.key)
        return _of_row(tallies, row)
    return first_choices(question, tallies)[1] if question.type == "ranking" else list(tallies)


def _of_row(tallies: Sequence[Tally], row: Row) -> list[Tally]:
    """Return what was answered to a row; a matrix that was answered without it has no valid answer to it."""
    return [
        t
        if t.missing_reason is not None
        else replace(t, value=t.value[row.code])
        if row.code in t.value
        else replace(t, value=None, missing_reason="invalid")
        for t in tallies
    ]


def _ranked(question: Question, given: Sequence[Tally]) -> Ranked:
    weights = [t.weight for t in given]
    return ranked(
        [t.value for t in given], question.codes, weights, [t.persona_id for t in given], [t.count for t in given]
    )


def _item(item: RankedItem, label: str, ranks: int) -> RankingItem:
    return RankingItem(
        code=item.code,
        label=label,
        counts=list(item.counts[:ranks]),
        weighted_counts=[rounded(weight) for weight in item.weighted[:ranks]],
        unranked=item.unranked,
        first_pct=_per_cent(item.first),
        first_ci=_percents(item.first_ci),
        top3_pct=_per_cent(item.top),
        top3_ci=_percents(item.top_ci),
        mean_rank=maybe(item.mean_rank),
        mean_rank_ci=None
        if item.mean_rank_ci is None
        else (rounded(item.mean_rank_ci.lo), rounded(item.mean_rank_ci.hi)),
        score=maybe(item.score),
    )


def _persona_ranks(question: Question, given: Sequence[Tally], persona_id: UUID) -> list[PersonaRank]:
    """Return mean ranks among one persona's respondents; where none of them weighs anything, all count alike."""
    own = [t for t in given if t.persona_id == persona_id]
    if not any(t.weight for t in own):
        own = [replace(t, weight=1.0) for t in own]
    items = _ranked(question, own).items if own else ()
    return [PersonaRank(code=item.code, mean_rank=maybe(item.mean_rank)) for item in items]


def _per_cent(share: float | None) -> float | None:
    return None if share is None else rounded(100 * share)


def _percents(ci: Interval | None) -> tuple[float, float] | None:
    return None if ci is None else (rounded(100 * ci.lo), rounded(100 * ci.hi))
