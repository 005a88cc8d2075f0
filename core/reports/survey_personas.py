"""One question by persona: stacked bars for scales, shares for choices, means for numbers."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_figures import average, percent, ranked_options, signed
from core.reports.survey_input import PersonaResult, QuestionResult
from core.reports.survey_nps import group_of

PERSONA_COLUMNS = 5
HEADING_CHARS = 45


def _answered(question: QuestionResult) -> list[PersonaResult]:
    """Return the personas whose respondents answered; one alone is not told apart from all."""
    found = [persona for persona in question.by_persona if persona.n]
    return found if len(found) > 1 else []


def persona_scales(question: QuestionResult, points: Sequence[c.ScalePoint], title: str) -> list[c.Block]:
    """Return a stacked bar per persona under a title, in the colours of `points`."""
    rows = []
    for persona in _answered(question):
        shares = {share.code: share.pct for share in persona.options}
        if shares:
            values = [shares.get(option.code, 0.0) for option in question.options]
            detail = f"n {persona.n:,}" + (f", mean {average(persona.mean)}" if persona.mean is not None else "")
            rows.append(c.ScaleRow(label=_name(persona), values=values, detail=detail))
    if not rows:
        return []
    return [c.ScaleChart(points=list(points), rows=rows, caption=f"{title}, in per cent, weighted")]


def persona_options(question: QuestionResult, title: str) -> list[c.Block]:
    """Return a table of the most frequent options by persona."""
    shown = ranked_options(question.options)[:PERSONA_COLUMNS]
    personas = [persona for persona in _answered(question) if persona.options]
    if not personas:
        return []
    columns = [c.Column(label="Persona", width=2.2), c.Column(label="n", align="right", width=0.6)]
    columns += [c.Column(label=_heading(option.label), align="right", width=1.3) for option in shown]
    rows: list[list[str | c.ShadedCell]] = []
    for persona in personas:
        shares = {share.code: share.pct for share in persona.options}
        values = [shares.get(option.code, 0.0) for option in shown]
        cells = [c.ShadedCell(text=percent(v), share=min(max(v / 100, 0.0), 1.0)) for v in values]
        rows.append([_name(persona), f"{persona.n:,}", *cells])
    left_out = len(question.options) - len(shown)
    note = f"The {len(shown)} most frequent of {len(question.options)} answers." if left_out else ""
    return [c.Table(caption=f"{title}, weighted", columns=columns, rows=rows, note=note)]


def persona_means(question: QuestionResult, title: str) -> list[c.Block]:
    """Return a table of means by persona, with the net score of an nps question."""
    personas = _answered(question)
    if not personas:
        return []
    nps = question.type == "nps"
    columns = [c.Column(label="Persona", width=4), c.Column(label="n", align="right")]
    columns.append(c.Column(label="Mean", align="right"))
    if nps:
        columns.append(c.Column(label="Net score", align="right"))
    rows: list[list[str | c.ShadedCell]] = []
    for persona in personas:
        row: list[str | c.ShadedCell] = [_name(persona), f"{persona.n:,}", average(persona.mean)]
        if nps:
            groups = [0.0, 0.0, 0.0]
            for share in persona.options:
                groups[group_of(share.code)] += share.pct
            row.append(signed(groups[2] - groups[0]) if persona.options else "–")
        rows.append(row)
    return [c.Table(caption=f"{title}, weighted", columns=columns, rows=rows)]


def _heading(label: str) -> str:
    """Return a label short enough for a column; the table of all answers has it whole."""
    return label if len(label) <= HEADING_CHARS else label[: HEADING_CHARS - 1].rstrip() + "…"


def _name(persona: PersonaResult) -> str:
    return persona.persona_name or persona.persona_id
