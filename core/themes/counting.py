"""Counts codes as the answers to a multiple choice are counted; nothing of it is asked of a model. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from core.questionnaires.content import Option, Question
from core.surveys.repository import Tally
from core.surveys.results import question_result
from core.themes.coding import OTHER, UNCODED
from core.themes.schemas import CodedQuestion, ThemeQuote, ThemeRead

QUOTES: Final = 5
"""Quotes that are shown of a theme; one of each persona first."""


def coded_question(
    question: Question, frame: Mapping[str, Any], rows: Sequence[Any], names: Mapping[UUID, str]
) -> CodedQuestion:
    """Return the figures of a question's themes.

    `rows` have number, persona_id, weight, codes and quotes, by number. Shares, intervals and effective numbers
    are those of a multiple choice among the codes (`core.surveys.results`).
    """
    labels = {one["code"]: one["name"] for one in frame["themes"]} | {OTHER: "Other", UNCODED: "Uncoded"}
    options = tuple(Option(code=code, label=label) for code, label in labels.items())
    counted = question.model_copy(update={"type": "multiple_choice", "options": options, "scale": None})
    same: Counter[tuple[UUID, float, tuple[str, ...]]] = Counter()
    for row in rows:
        same[row.persona_id, row.weight, tuple(row.codes) or (UNCODED,)] += 1
    tallies = [
        Tally(question.key, persona_id, weight, list(codes), "coded", None, count)
        for (persona_id, weight, codes), count in same.items()
    ]
    result = question_result(counted, tallies, names)
    figures = {one.code: one for one in result.options}
    return CodedQuestion(
        key=question.key,
        text=question.text,
        n=result.n,
        n_eff=result.n_eff,
        themes=[
            ThemeRead(**one, figures=figures[one["code"]], quotes=_quotes(one["code"], rows)) for one in frame["themes"]
        ],
        other=figures[OTHER],
        uncoded=figures[UNCODED],
        dropped=frame["dropped"],
        unread=frame["unread"],
        by_persona=result.by_persona,
    )


def _quotes(code: str, rows: Sequence[Any]) -> list[ThemeQuote]:
    """Return some quotes of a theme, by respondent number, each different, from as many personas as there are."""
    seen: set[str] = set()
    turns: Counter[UUID] = Counter()
    found: list[tuple[int, int, ThemeQuote]] = []
    for row in rows:
        quote = row.quotes.get(code)
        if quote is None or quote in seen:
            continue
        seen.add(quote)
        turns[row.persona_id] += 1
        shown = ThemeQuote(respondent_number=row.number, persona_id=row.persona_id, quote=quote)
        found.append((turns[row.persona_id], row.number, shown))
    return [shown for _, _, shown in sorted(found, key=lambda one: one[:2])[:QUOTES]]
