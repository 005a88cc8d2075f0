"""The one figure of a survey question that is read first, and how numbers, days and codes are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from core.reports.content import Figure
from core.reports.survey_input import Interval, MaxDiffItem, OptionResult, QuestionResult
from core.stats.rounding import fixed, rounded

NONE = "–"
RANGE = re.compile(r"(?<=[\dkKmM%])\s*-\s*(?=[$£€₹¥]?\d)")
BARE = frozenset({"yes", "no", "true", "false", "none", "other", "low", "middle", "medium", "high"})
REASONS = {
    "not_shown": "not shown to them",
    "refused": "refused",
    "invalid": "answer not valid",
    "budget": "budget used up",
    "cancelled": "run cancelled",
    "error": "error of the model",
}
TYPE_NAMES = {
    "single_choice": "Single choice",
    "multiple_choice": "Multiple choice",
    "likert": "Rating scale",
    "nps": "Net Promoter Score",
    "numeric": "Number",
    "open_ended": "Open-ended",
    "ranking": "Ranking",
    "matrix": "Matrix",
    "max_diff": "Best-worst",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def percent(value: float | None, decimals: int = 0) -> str:
    """Write a percentage given as 0–100."""
    return NONE if value is None else f"{fixed(value, decimals)}%"


def number(value: float | None) -> str:
    """Write a number with as many decimals as its size deserves, and no needless zeros."""
    if value is None:
        return NONE
    if float(value).is_integer() and abs(value) < 1e15:
        return fixed(value, sign=",").replace("-", "−")
    text = average(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def average(value: float | None) -> str:
    """Write a mean or a spread, with the same decimals as others of its size."""
    if value is None:
        return NONE
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return fixed(value, decimals, ",").replace("-", "−")


def signed(value: float | None) -> str:
    """Write a net score with its sign, a true minus included."""
    if value is None:
        return NONE
    whole = int(rounded(value))
    return f"{whole:+d}".replace("-", "−") if whole else "0"


def interval(ci: Interval | None, unit: str = "%") -> str:
    """Write an interval such as “31–44%”."""
    if ci is None:
        return NONE
    low, high = (fixed(bound).replace("-", "−") for bound in ci)
    joint = " to " if low.startswith("−") or high.startswith("−") else "–"
    return f"{low}{joint}{high}{unit}"


def span(low: float | None, high: float | None) -> str:
    """Write the lowest and highest of some numbers."""
    if low is None or high is None:
        return NONE
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def count(value: int, noun: str) -> str:
    """Write a count with its noun in the right number."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def weighed(caption: str, question: QuestionResult) -> str:
    """Add to a caption that its figures are weighted, where any respondent weighs other than 1."""
    return f"{caption}, weighted" if question.weighted else caption


def day(value: date) -> str:
    """Write a day such as “5 November 2026”, whatever the machine's language."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def described(attributes: Mapping[str, str]) -> str:
    """Write attributes as one reads them aloud: “Age 62, Female”; a value that says nothing alone gets its name."""
    return ", ".join(
        f"{named(name)} {ranged(value)}" if value[:1].isdigit() or value.casefold() in BARE else ranged(value)
        for name, value in attributes.items()
    )


def named(attribute: str) -> str:
    """Write the name of an attribute: “age_group” as “Age group”."""
    words = attribute.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def ranged(value: str) -> str:
    """Write a value; one that is a range, such as “45-64” or “$30k-50k”, with an en dash."""
    return RANGE.sub("–", value) if value.count("-") == 1 else value


def key_figure(question: QuestionResult) -> Figure:
    """Return the figure that stands for a question; computed from its results, never written by a model.

    Where no single number says what came of a question, its value is empty.
    """
    if question.n == 0:
        return Figure(value=NONE, label="No valid answers")
    if question.weightless:
        return Figure(value=NONE, label="No weighted figure", detail="all who answered weigh 0")
    if question.max_diff:
        return _best_liked(ranked_items(question.max_diff))
    if question.nps is not None:
        ci = question.nps.ci
        detail = f"interval {interval(ci, '')}" if ci else ""
        return Figure(value=signed(question.nps.value), label="Net Promoter Score", detail=detail)
    if question.type == "matrix":
        return matrix_figure(question)
    if question.type == "ranking":
        return ranking_figure(question)
    if question.type == "open_ended":
        return Figure(value="", label=f"{count(question.n, 'answer')} in own words; see the quotes")
    if ends := end_figures(question):
        return _leading_end(ends, ranked_options(question.options)[0])
    if question.type == "numeric" or not question.options:
        return _middle(question)
    return _leading_option(question)


def matrix_figure(question: QuestionResult) -> Figure:
    """Return the row with the highest mean: the figure that stands for a matrix."""
    rated = [(row.mean.value, row.text) for row in question.rows if row.mean is not None]
    if not rated:
        return Figure(value="", label=count(len(question.rows), "row"))
    value, text = max(rated, key=lambda one: one[0])
    least, other = min(rated, key=lambda one: one[0])
    detail = f"lowest: {other} {average(least)}" if len(rated) > 1 else ""
    return Figure(value=average(value), label=f"Highest mean: {text}", detail=detail)


def ranking_figure(question: QuestionResult) -> Figure:
    """Return the option with the best mean rank."""
    known = [item for item in question.ranking if item.mean_rank is not None]
    if not known:
        return Figure(value="", label=count(len(question.ranking), "option"))
    best = min(known, key=lambda item: item.mean_rank or 0.0)
    detail = f"put first by {percent(best.first_pct)}"
    return Figure(value=average(best.mean_rank), label=f"Best mean rank: {best.label}", detail=detail)


def _leading_end(ends: Sequence[tuple[float, Figure]], leading: OptionResult) -> Figure:
    """Return the larger end of a scale, or its most frequent option where that alone weighs more."""
    (share, first), (_, second) = sorted(ends, key=lambda end: -end[0])
    if leading.share > share:
        detail = ", ".join(f"{end.label} {end.value}" for _, end in ends)
        return Figure(value=percent(leading.share), label=leading.label, detail=detail)
    detail = f"at the other end: {second.label} {second.value}"
    return first.model_copy(update={"detail": "; ".join(filter(None, [first.detail, detail]))})


def _middle(question: QuestionResult) -> Figure:
    mean = question.mean.value if question.mean else None
    if question.median is None:
        return Figure(value=average(mean), label="Mean")
    details = [f"mean {average(mean)}"] if mean is not None else []
    if question.min is not None:
        details.append(f"range {span(question.min, question.max)}")
    return Figure(value=number(question.median), label="Median", detail=", ".join(details))


def end_figures(question: QuestionResult) -> list[tuple[float, Figure]]:
    """Return the shares of the two options at either end of a scale, named in words, in the order they were asked.

    Which end has the high numbers does not matter to the words. None for scales too short to have two ends.
    """
    if question.type != "likert" or question.top2 is None or question.bottom2 is None or len(question.scale) < 4:
        return []
    ends = [(question.bottom2, question.scale[:2]), (question.top2, question.scale[:-3:-1])]
    if question.options[0] not in question.scale[:2]:
        ends.reverse()
    figures = []
    for share, options in ends:
        words = either([option.label for option in options], question)
        detail = f"interval {interval(share.ci)}" if share.ci else ""
        figures.append((share.value, Figure(value=percent(share.value), label=words, detail=detail)))
    return figures


def either(labels: Sequence[str], question: QuestionResult) -> str:
    """Join labels to “Excellent or good”: a later one begins small, unless its word is a name.

    A word counts as a name where the question or another label has it large in the middle of a sentence.
    """
    inside = {word.strip(".,;:!?()“”\"'") for text in _texts(question) for word in text.split()[1:]}
    first, *rest = labels
    return " or ".join([first, *(_small(label, inside) for label in rest)])


def _texts(question: QuestionResult) -> list[str]:
    return [question.text, *(option.label for option in question.options)]


def _small(label: str, names: set[str]) -> str:
    word = label.split(maxsplit=1)[0] if label.split() else ""
    ordinary = word == "A" or (len(word) > 1 and word.isalpha() and word[1:].islower())
    return label[:1].lower() + label[1:] if ordinary and word not in names else label


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


def _best_liked(ranked: Sequence[MaxDiffItem]) -> Figure:
    first, last = ranked[0], ranked[-1]
    score = f"score {signed(100 * first.score)}; " if first.score is not None else ""
    detail = f"{score}last: {last.label} {percent(last.share)}"
    return Figure(value=percent(first.share), label=f"of all appeal: {first.label}", detail=detail)


def ranked_items(items: Sequence[MaxDiffItem]) -> list[MaxDiffItem]:
    """Order the options of a best-worst question by score, those that have none last."""
    return sorted(items, key=lambda item: (item.score is None, -(item.score or 0.0)))


def ranked_options(options: list[OptionResult]) -> list[OptionResult]:
    """Order options by share, the questionnaire's order breaking ties."""
    return sorted(options, key=lambda option: -option.share)
