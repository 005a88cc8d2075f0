"""The one figure of a survey question that is read first, and how numbers are written."""

from __future__ import annotations

from core.reports.content import Figure
from core.reports.survey_input import Interval, OptionResult, QuestionResult

NONE = "–"


def percent(value: float | None, decimals: int = 0) -> str:
    """Write a percentage given as 0–100."""
    return NONE if value is None else f"{value:.{decimals}f}%"


def number(value: float | None) -> str:
    """Write a number with as many decimals as its size deserves."""
    if value is None:
        return NONE
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def signed(value: float | None) -> str:
    """Write a net score with its sign, a true minus included."""
    if value is None:
        return NONE
    whole = round(value)
    return f"{whole:+d}".replace("-", "−") if whole else "0"


def interval(ci: Interval | None, unit: str = "%") -> str:
    """Write an interval such as “31–44%”."""
    if ci is None:
        return NONE
    low, high = (f"{bound:.0f}".replace("-", "−") for bound in ci)
    joint = " to " if low.startswith("−") or high.startswith("−") else "–"
    return f"{low}{joint}{high}{unit}"


def count(value: int, noun: str) -> str:
    """Write a count with its noun in the right number."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def key_figure(question: QuestionResult) -> Figure:
    """Return the figure that stands for a question; computed from its results, never written by a model."""
    if question.n == 0 and question.type != "open_ended":
        return Figure(value=NONE, label="No valid answers")
    if question.nps is not None:
        ci = question.nps.ci
        detail = f"interval {interval(ci, '')}" if ci else ""
        return Figure(value=signed(question.nps.value), label="Net Promoter Score", detail=detail)
    if question.type == "likert" and question.top2 is not None:
        return _scale_figure(question)
    if question.type == "open_ended":
        return Figure(value=f"{question.n:,}", label="Answers in own words")
    if question.type == "numeric" or not question.options:
        mean = question.mean.value if question.mean else None
        value = question.median if question.median is not None else mean
        label = "Median" if question.median is not None else "Mean"
        return Figure(value=number(value), label=label, detail=f"mean {number(mean)}" if mean is not None else "")
    return _leading_option(question)


def _scale_figure(question: QuestionResult) -> Figure:
    assert question.top2 is not None
    upper = [option.label for option in question.scale[-2:]]
    details = [f"interval {interval(question.top2.ci)}"] if question.top2.ci else []
    if question.mean is not None:
        details.append(f"mean {number(question.mean.value)} on 1–{len(question.options)}")
    if question.bottom2 is not None:
        details.append(f"bottom two {percent(question.bottom2.value)}")
    label = f"Top two: {' / '.join(upper)}" if upper else "Top two"
    return Figure(value=percent(question.top2.value), label=label, detail=", ".join(details))


def _leading_option(question: QuestionResult) -> Figure:
    ranked = ranked_options(question.options)
    first = ranked[0]
    if len(ranked) == 1 or ranked[1].share <= 0:
        return Figure(value=percent(first.share), label=first.label)
    second = ranked[1]
    detail = f"next: {second.label} {percent(second.share)}"
    if first.ci and second.ci:
        overlap = "; intervals overlap" if second.ci[1] >= first.ci[0] else ""
        detail = f"interval {interval(first.ci)}; {detail}{overlap}"
    return Figure(value=percent(first.share), label=first.label, detail=detail)


def ranked_options(options: list[OptionResult]) -> list[OptionResult]:
    """Order options by share, the questionnaire's order breaking ties."""
    return sorted(options, key=lambda option: -option.share)
