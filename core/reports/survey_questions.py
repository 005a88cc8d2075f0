"""The section of one survey question: key figures, a chart, the table behind it and the personas' answers."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_arms import arm_blocks
from core.reports.survey_batteries import matrix_blocks, ranking_blocks
from core.reports.survey_figures import (
    REASONS,
    TYPE_NAMES,
    average,
    count,
    end_figures,
    interval,
    key_figure,
    number,
    percent,
    ranked_options,
    span,
    weighed,
)
from core.reports.survey_input import BinResult, OptionResult, QuestionResult, QuoteGiven, SplitBase
from core.reports.survey_max_diff import max_diff_blocks
from core.reports.survey_nps import nps_blocks
from core.reports.survey_personas import SMALL_BASE, persona_means, persona_options, persona_scales
from core.reports.survey_quotes import open_ended_blocks
from core.stats.rounding import rounded

TITLE_CHARS = 160
CAPTION_CHARS = 70
MANY_OPTIONS = 12
COLUMN_CHARS = 52
PER_CENT = "Per cent of respondents"


def question_section(
    number_: int, question: QuestionResult, quotes: Sequence[QuoteGiven], splits: Sequence[SplitBase] = ()
) -> c.Section:
    """Return the section of a question; `number_` counts from 1 in the questionnaire's order."""
    text = question.text.strip() or question.key
    short = _cut(text, TITLE_CHARS)
    return c.Section(
        anchor=f"q{number_}",
        title=short,
        bookmark=f"{number_}. {short}",
        text=text if text != short else "",
        eyebrow=f"Question {number_}  ·  {TYPE_NAMES.get(question.type, question.type)}",
        meta=base_line(question),
        blocks=[
            *arm_blocks(question, splits, number_),
            *_blocks(question, quotes, f"Question {number_} by persona: {_cut(text, CAPTION_CHARS)}"),
        ],
    )


def _cut(text: str, most: int) -> str:
    """Shorten a text, between words where there are any."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0][: most - 1].rstrip(" ,;:") + "…"


def base_line(question: QuestionResult) -> str:
    """Say how many answers a question rests on, what they are worth and why others are missing."""
    base = f"Base: {count(question.n, 'answer')}"
    if question.n and question.n_eff is not None and question.type != "open_ended":
        base += f", worth {count(int(rounded(question.n_eff)), 'independent one')} (n_eff)"
    if 0 < question.n < SMALL_BASE and question.type != "open_ended":
        base += "; a small base"
    missing = {reason: n for reason, n in question.missing.items() if n}
    if not missing:
        return f"{base}  ·  none missing" if question.n else base
    reasons = ", ".join(f"{REASONS.get(reason, reason)} {n:,}" for reason, n in sorted(missing.items()))
    return f"{base}  ·  {sum(missing.values()):,} missing ({reasons})"


def _blocks(question: QuestionResult, quotes: Sequence[QuoteGiven], by_persona: str) -> list[c.Block]:
    if question.n == 0:
        return [c.Notice(title="No valid answers", text="No figure can be shown for this question.")]
    if question.type == "open_ended":
        return open_ended_blocks(question, quotes)
    if question.max_diff:
        return max_diff_blocks(question, by_persona)
    if question.weightless:
        return _weightless(question, by_persona)
    if question.type == "matrix":
        return matrix_blocks(question, scale_points(question.rows[0]), by_persona)
    if question.type == "ranking":
        return ranking_blocks(question, by_persona)
    if question.nps is not None or question.type == "nps":
        return [*nps_blocks(question), *_table(question, beside=True), *persona_means(question, by_persona)]
    if question.type == "likert" and len(question.options) >= 2:
        table = _table(question, beside=not question.weighted)
        return [*_scale(question), *table, *persona_scales(question, scale_points(question), by_persona)]
    if question.histogram:
        return [*_number(question), *persona_means(question, by_persona)]
    if not question.options:
        return [c.Figures(items=_number_figures(question)), *persona_means(question, by_persona)]
    ordered = _bar_order(question)
    return [*_choice(question, ordered), *_table(question, ordered), *persona_options(question, ordered, by_persona)]


def _weightless(question: QuestionResult, by_persona: str) -> list[c.Block]:
    """Return what can be told of answers that all weigh 0: how often each was given, and by whom."""
    text = "All who answered weigh 0 in the population, so that no weighted figure can be given. Counts are shown."
    notice = c.Notice(title="No weighted figures", text=text)
    if question.type == "matrix":
        return [notice]
    table = [_bin_table(question, beside=False)] if question.histogram else _table(question)
    apart = question.model_copy(update={"weighted": False})
    if question.type == "likert":
        return [notice, *table, *persona_scales(apart, scale_points(question), by_persona)]
    if question.type == "nps" or question.histogram:
        return [notice, *table, *persona_means(apart, by_persona)]
    return [notice, *table, *persona_options(apart, question.options, by_persona)]


def _bar_order(question: QuestionResult) -> list[OptionResult]:
    """Return the options in the order of the bars, which is that of the tables too."""
    ranked = question.type == "multiple_choice" or len(question.options) > MANY_OPTIONS
    return ranked_options(question.options) if ranked else question.options


def _choice(question: QuestionResult, ordered: Sequence[OptionResult]) -> list[c.Block]:
    best = max(option.share for option in ordered)
    bars = [bar(option, "positive" if option.share == best else "plain") for option in ordered]
    caption = f"{weighed(PER_CENT, question)}; whiskers: 95% simulation interval"
    if question.type == "multiple_choice":
        caption += ". Several answers were possible"
    return [c.BarChart(bars=bars, caption=caption)]


def bar(option: OptionResult, tone: c.Tone = "plain") -> c.Bar:
    """Return an option's bar with its interval."""
    low, high = option.ci or (None, None)
    return c.Bar(label=option.label, value=option.share, low=low, high=high, tone=tone)


def scale_points(question: QuestionResult) -> list[c.ScalePoint]:
    """Return the points of a scale in the order they were asked; no end of it is said to be the good one."""
    return [c.ScalePoint(label=option.label, tone="ordered") for option in question.options]


def _scale(question: QuestionResult) -> list[c.Block]:
    figures = [figure for _, figure in end_figures(question)] or [key_figure(question)]
    if question.mean is not None:
        low, high = question.ends
        scale = f"Mean ({number(low)} = {question.scale[0].label}, {number(high)} = {question.scale[-1].label})"
        spread = f"standard deviation {average(question.sd)}" if question.sd is not None else ""
        figures.append(c.Figure(value=average(question.mean.value), label=scale, detail=spread))
    rows = [c.ScaleRow(label="All", values=[option.share for option in question.options], emphasis=True)]
    chart = c.ScaleChart(points=scale_points(question), rows=rows, caption=weighed(PER_CENT, question))
    return [c.Figures(items=figures), chart]


def _number_figures(question: QuestionResult) -> list[c.Figure]:
    mean = question.mean.value if question.mean else None
    low_high = ""
    if question.mean and question.mean.ci:
        low_high = f"interval {average(question.mean.ci[0])}–{average(question.mean.ci[1])}"
    return [
        c.Figure(value=number(question.median), label="Median"),
        c.Figure(value=average(mean), label="Mean", detail=low_high),
        c.Figure(value=average(question.sd), label="Standard deviation"),
        c.Figure(value=span(question.min, question.max), label="Range"),
    ]


def _number(question: QuestionResult) -> list[c.Block]:
    bins = question.histogram
    bars = [c.Bar(label=found.label, value=found.share) for found in bins]
    # Upright columns only where their labels have room side by side.
    upright = sum(max(len(found.label), 4) for found in bins) <= COLUMN_CHARS
    caption = weighed(PER_CENT, question)
    columns, rows = c.ColumnChart(columns=bars, caption=caption), c.BarChart(bars=bars, caption=caption)
    return [c.Figures(items=_number_figures(question)), columns if upright else rows, _bin_table(question)]


def _bin_table(question: QuestionResult, *, beside: bool = True) -> c.Table:
    columns = [c.Column(label="Answer", width=2.6), *_share_columns(question)]
    rows: list[list[c.Cell]] = [[found.label, *_shares(found, question)] for found in question.histogram]
    return c.Table(columns=columns, rows=rows, beside=beside)


def _table(
    question: QuestionResult, ordered: Sequence[OptionResult] | None = None, *, beside: bool = False
) -> list[c.Block]:
    if not question.options:
        return []
    columns = [
        c.Column(label="Answer", width=4.6 if not beside else 1.1 if question.nps else 2.7),
        *_share_columns(question),
        c.Column(label="95% simulation interval", align="right", width=1.7 if beside else 2.1),
    ]
    rows: list[list[c.Cell]] = [
        [option.label, *_shares(option, question), interval(option.ci)] for option in ordered or question.options
    ]
    return [c.Table(columns=columns, rows=rows, beside=beside)]


def _share_columns(question: QuestionResult) -> list[c.Column]:
    columns = [c.Column(label="n", align="right", width=0.8), c.Column(label="%", align="right")]
    return [*columns, c.Column(label="Weighted %", align="right", width=1.3)] if question.weighted else columns


def _shares(row: OptionResult | BinResult, question: QuestionResult) -> list[str]:
    shares = [f"{row.count:,}", percent(row.pct, 1)]
    share = None if question.weightless else row.share
    return [*shares, percent(share, 1)] if question.weighted else shares
