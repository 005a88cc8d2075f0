"""The chart of a Net Promoter question: the score, its three groups and the ratings 0–10."""

from __future__ import annotations

from core.reports import content as c
from core.reports.survey_figures import key_figure, percent, weighed
from core.reports.survey_input import QuestionResult

GROUPS: tuple[tuple[str, c.Tone], ...] = (
    ("Detractors (0–6)", "negative"),
    ("Passives (7–8)", "neutral"),
    ("Promoters (9–10)", "positive"),
)


def group_of(code: str) -> int:
    """Return the place in `GROUPS` of a rating."""
    rating = int(code) if code.isdecimal() else 0
    return 0 if rating <= 6 else 1 if rating <= 8 else 2


def nps_blocks(question: QuestionResult) -> list[c.Block]:
    """Return the score with the shares of its groups, and a column per rating in its group's colour."""
    score = key_figure(question)
    if not question.options:
        return [c.Figures(items=[score])]
    shares = [0.0, 0.0, 0.0]
    columns = []
    for option in question.options:
        place = group_of(option.code)
        shares[place] += option.share
        columns.append(c.Bar(label=option.code, value=option.share, tone=GROUPS[place][1]))
    figures = [score, *(c.Figure(value=percent(v), label=name) for v, (name, _) in zip(shares, GROUPS, strict=True))]
    groups = [c.ScalePoint(label=name, tone=tone) for name, tone in GROUPS]
    caption = weighed("Ratings 0–10, per cent of respondents", question)
    chart = c.ColumnChart(columns=columns, groups=groups, caption=caption)
    return [c.Figures(items=figures), chart]
