"""The section of a best-worst question: shares of appeal, scores with their intervals, scores by persona."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_figures import NONE, interval, percent, ranked_items, signed, weighed
from core.reports.survey_input import MaxDiffItem, QuestionResult
from core.reports.survey_personas import (
    PERSONA_COLUMNS,
    answered_personas,
    base_of,
    figure_cell,
    legend,
    name_of,
    short_heading,
)

SHARES = "Share of appeal in per cent: how often each would be taken if all were offered at once"
SCORE = "Score: times best less times worst, in per cent of the times shown; from −100 to 100"


def max_diff_blocks(question: QuestionResult, by_persona: str) -> list[c.Block]:
    """Return chart, table and personas of a question, the best liked option first."""
    ranked = ranked_items(question.max_diff)
    return [*_chart(question, ranked), _table(question, ranked), *max_diff_personas(question, by_persona)]


def _chart(question: QuestionResult, ranked: Sequence[MaxDiffItem]) -> list[c.Block]:
    told = [item for item in ranked if item.share is not None]
    bars = [
        c.Bar(label=item.label, value=item.share or 0.0, tone="positive" if place == 0 else "plain")
        for place, item in enumerate(told)
    ]
    return [c.BarChart(bars=bars, caption=weighed(SHARES, question))] if bars else []


def _table(question: QuestionResult, ranked: Sequence[MaxDiffItem]) -> c.Table:
    columns = [
        c.Column(label="Option", width=3.4),
        c.Column(label="Shown", align="right", width=0.9),
        c.Column(label="Best", align="right", width=0.8),
        c.Column(label="Worst", align="right", width=0.8),
        c.Column(label="Score", align="right", width=0.8),
        c.Column(label="95% simulation interval", align="right", width=2.0),
        c.Column(label="Share", align="right", width=0.8),
    ]
    rows: list[list[c.Cell]] = [
        [
            item.label,
            f"{item.shown:,}",
            f"{item.best:,}",
            f"{item.worst:,}",
            _points(item.score),
            NONE if item.ci is None else interval((100 * item.ci[0], 100 * item.ci[1]), ""),
            percent(item.share, 1),
        ]
        for item in ranked
    ]
    return c.Table(columns=columns, rows=rows, note=weighed(SCORE, question))


def max_diff_personas(question: QuestionResult, title: str, who: str = "Persona") -> list[c.Block]:
    """Return a table of the scores of the best liked options by persona."""
    ranked = ranked_items(question.max_diff)
    personas = [persona for persona in answered_personas(question) if persona.max_diff]
    if not personas:
        return []
    most = ranked[:PERSONA_COLUMNS]
    columns = [c.Column(label=who, width=2.2), c.Column(label="n", align="right", width=0.6)]
    columns += [c.Column(label=short_heading(item.label), align="right", width=1.3) for item in most]
    rows: list[list[c.Cell]] = []
    for persona in personas:
        scores = {one.code: one.score for one in persona.max_diff}
        cells = [figure_cell(persona, _points(scores.get(item.code))) for item in most]
        rows.append([name_of(persona), base_of(persona), *cells])
    left_out = len(ranked) - len(most)
    note = f"Scores of the {len(most)} best liked of {len(ranked)} options." if left_out else ""
    notes = " ".join(filter(None, [note, legend(question)]))
    return [c.Table(caption=f"{title}, scores from −100 to 100", columns=columns, rows=rows, note=notes)]


def _points(score: float | None) -> str:
    return NONE if score is None else signed(100 * score)
