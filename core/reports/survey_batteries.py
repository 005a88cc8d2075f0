"""Matrices, row by row on one scale, and rankings, by first choice and by rank: charts and tables."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_figures import average, interval, percent, weighed
from core.reports.survey_input import OptionResult, QuestionResult, RankingItem
from core.reports.survey_personas import persona_options, persona_rows

RANKED_CHART = "{} of respondents who put it first; whiskers: 95% simulation interval"


def matrix_blocks(question: QuestionResult, points: Sequence[c.ScalePoint], by_persona: str) -> list[c.Block]:
    """Return a stacked bar per row of a matrix, its figures, and the personas' means."""
    rated = [row for row in question.rows if row.n]
    if not rated:
        return [c.Notice(title="No valid answers", text="No row was rated.")]
    rows = [c.ScaleRow(label=row.text, values=[option.share for option in row.options]) for row in rated]
    chart = c.ScaleChart(points=list(points), rows=rows, caption=weighed("Per cent of respondents", question))
    columns = [c.Column(label="Row", width=4.2), *(_right(label) for label in ("n", "Mean", "SD", "Top 2", "Bottom 2"))]
    cells: list[list[c.Cell]] = [
        [row.text, f"{row.n:,}", _mean(row), average(row.sd), _box(row, top=True), _box(row, top=False)]
        for row in question.rows
    ]
    first, last = question.rows[0].scale[0], question.rows[0].scale[-1]
    low, high = question.rows[0].ends
    note = f"Mean: {low:g} = {first.label}, {high:g} = {last.label}. Top 2 and bottom 2: the two points at either end."
    return [chart, c.Table(columns=columns, rows=cells, note=note), *persona_rows(question, by_persona)]


def ranking_blocks(question: QuestionResult, by_persona: str) -> list[c.Block]:
    """Return the shares of first choices as bars and the orders as a table, the best mean rank first."""
    ordered = sorted(question.ranking, key=lambda item: (item.mean_rank is None, item.mean_rank or 0.0))
    firsts = {option.code: option for option in question.options}
    best = max(option.share for option in question.options)
    bars = [_bar(firsts[item.code], best) for item in ordered]
    columns = [
        c.Column(label="Answer", width=3.6),
        _right("First"),
        _right("Among the first 3", 1.3),
        _right("Mean rank"),
        _right("95% simulation interval", 1.7),
        _right("Score"),
    ]
    rows: list[list[c.Cell]] = [_ranked(item) for item in ordered]
    note = (
        "Mean rank: 1 is the first place; answers that are not ranked share the places left. Score: 1 for who is first"
        " with everybody, 0 for who is last."
    )
    if question.agreement is not None:
        note += f" Respondents' agreement (Kendall's W, 0 to 1): {average(question.agreement)}."
    caption = RANKED_CHART.format(weighed("Per cent", question))
    chosen = [firsts[item.code] for item in ordered]
    return [
        c.BarChart(bars=bars, caption=caption),
        c.Table(columns=columns, rows=rows, note=note),
        *persona_options(question, chosen, f"{by_persona} (put first)"),
    ]


def _ranked(item: RankingItem) -> list[c.Cell]:
    ci = item.mean_rank_ci
    return [
        item.label,
        percent(item.first_pct),
        percent(item.top3_pct),
        average(item.mean_rank),
        "–" if ci is None else f"{average(ci[0])}–{average(ci[1])}",
        average(item.score),
    ]


def _bar(option: OptionResult, best: float) -> c.Bar:
    low, high = option.ci or (None, None)
    tone: c.Tone = "positive" if option.share == best else "plain"
    return c.Bar(label=option.label, value=option.share, low=low, high=high, tone=tone)


def _mean(row: QuestionResult) -> str:
    return average(row.mean.value if row.mean is not None else None)


def _box(row: QuestionResult, *, top: bool) -> str:
    box = row.top2 if top else row.bottom2
    if box is None:
        return "–"
    return percent(box.value) + (f" ({interval(box.ci)})" if box.ci else "")


def _right(label: str, width: float = 1.0) -> c.Column:
    return c.Column(label=label, align="right", width=width)
