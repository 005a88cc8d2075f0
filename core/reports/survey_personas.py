"""One question by persona: stacked bars for scales, shares for choices, means for numbers."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_figures import average, percent, ranked_options, signed, weighed
from core.reports.survey_input import OptionResult, PersonaResult, QuestionResult
from core.reports.survey_nps import group_of

PERSONA_COLUMNS = 5
SMALL_BASE = 30
TINY_BASE = 10
SMALL, TINY = "*", "**"
HEADING_CHARS = 45


def answered_personas(question: QuestionResult) -> list[PersonaResult]:
    """Return the personas whose respondents answered; one alone is not told apart from all."""
    found = [persona for persona in question.by_persona if persona.n]
    return found if len(found) > 1 else []


def persona_scales(question: QuestionResult, points: Sequence[c.ScalePoint], title: str) -> list[c.Block]:
    """Return a stacked bar per persona under a title, in the colours of `points`."""
    rows = []
    for persona in answered_personas(question):
        shares = {share.code: share.pct for share in persona.options}
        if shares:
            values = [shares.get(option.code, 0.0) for option in question.options]
            mean = f", mean {average(persona.mean)}" if persona.mean is not None else ""
            detail = f"n {base_of(persona)}{mean}"
            rows.append(c.ScaleRow(label=name_of(persona), values=values, detail=detail, faint=_tiny(persona)))
    if not rows:
        return []
    caption = weighed(f"{title}, in per cent", question)
    return [c.ScaleChart(points=list(points), rows=rows, caption=caption, note=legend(question))]


def persona_options(
    question: QuestionResult, ordered: Sequence[OptionResult], title: str, who: str = "Persona"
) -> list[c.Block]:
    """Return a table of the most frequent options by persona, in the order given."""
    most = ranked_options(question.options)[:PERSONA_COLUMNS]
    shown = [option for option in ordered if option in most]
    personas = [persona for persona in answered_personas(question) if persona.options]
    if not personas:
        return []
    columns = [c.Column(label=who, width=2.2), c.Column(label="n", align="right", width=0.6)]
    columns += [c.Column(label=short_heading(option.label), align="right", width=1.3) for option in shown]
    rows: list[list[c.Cell]] = []
    for persona in personas:
        shares = {share.code: share.pct for share in persona.options}
        values = [shares.get(option.code, 0.0) for option in shown]
        rows.append([name_of(persona), base_of(persona), *(_share_cell(persona, value) for value in values)])
    left_out = len(question.options) - len(shown)
    note = f"The {len(shown)} most frequent of {len(question.options)} answers." if left_out else ""
    notes = " ".join(filter(None, [note, legend(question)]))
    return [c.Table(caption=weighed(title, question), columns=columns, rows=rows, note=notes)]


def persona_rows(question: QuestionResult, title: str) -> list[c.Block]:
    """Return a table of a matrix's means: a line per persona, a column for each of the first rows."""
    shown = question.rows[:PERSONA_COLUMNS]
    means = {row.key: {persona.persona_id: persona for persona in row.by_persona} for row in shown}
    personas = answered_personas(question)
    if not personas:
        return []
    columns = [c.Column(label="Persona", width=2.2), c.Column(label="n", align="right", width=0.6)]
    columns += [c.Column(label=short_heading(row.text), align="right", width=1.3) for row in shown]
    rows: list[list[c.Cell]] = [
        [
            name_of(persona),
            base_of(persona),
            *(figure_cell(persona, average(means[row.key][persona.persona_id].mean)) for row in shown),
        ]
        for persona in personas
    ]
    left_out = f"The first {len(shown)} of {len(question.rows)} rows." if len(question.rows) > len(shown) else ""
    notes = " ".join(filter(None, [left_out, legend(question)]))
    return [c.Table(caption=f"{weighed(title, question)}: means", columns=columns, rows=rows, note=notes)]


def persona_means(question: QuestionResult, title: str, who: str = "Persona") -> list[c.Block]:
    """Return a table of means by persona, with the net score of an nps question."""
    personas = answered_personas(question)
    if not personas:
        return []
    nps = question.type == "nps"
    columns = [c.Column(label=who, width=4), c.Column(label="n", align="right")]
    columns.append(c.Column(label="Mean", align="right"))
    if nps:
        columns.append(c.Column(label="Net score", align="right"))
    rows: list[list[c.Cell]] = []
    for persona in personas:
        row: list[c.Cell] = [name_of(persona), base_of(persona), figure_cell(persona, average(persona.mean))]
        if nps:
            groups = [0.0, 0.0, 0.0]
            for share in persona.options:
                groups[group_of(share.code)] += share.pct
            row.append(figure_cell(persona, signed(groups[2] - groups[0]) if persona.options else "–"))
        rows.append(row)
    return [c.Table(caption=weighed(title, question), columns=columns, rows=rows, note=legend(question))]


def legend(question: QuestionResult) -> str:
    """Say what the marks of small bases mean, where there are any."""
    bases = [persona.n for persona in answered_personas(question)]
    small = f"{SMALL} fewer than {SMALL_BASE} answers: a small base, to be read with care."
    tiny = f"{TINY} fewer than {TINY_BASE}, in grey: too few to be read by themselves."
    parts = [small] if any(TINY_BASE <= n < SMALL_BASE for n in bases) else []
    return " ".join([*parts, tiny] if any(n < TINY_BASE for n in bases) else parts)


def _tiny(persona: PersonaResult) -> bool:
    return persona.n < TINY_BASE


def base_of(persona: PersonaResult) -> str:
    """Write how many answered, marked where they are few."""
    return f"{persona.n:,}{TINY if _tiny(persona) else SMALL if persona.n < SMALL_BASE else ''}"


def figure_cell(persona: PersonaResult, text: str) -> c.Cell:
    """Return a figure, in grey where too few answered."""
    return c.FaintCell(text=text) if _tiny(persona) else text


def _share_cell(persona: PersonaResult, pct: float) -> c.Cell:
    if _tiny(persona):
        return c.FaintCell(text=percent(pct))
    return c.ShadedCell(text=percent(pct), share=min(max(pct / 100, 0.0), 1.0))


def short_heading(label: str) -> str:
    """Return a label short enough for a column; the table of all answers has it whole."""
    return label if len(label) <= HEADING_CHARS else label[: HEADING_CHARS - 1].rstrip() + "…"


def name_of(persona: PersonaResult) -> str:
    """Return what a persona is called."""
    return persona.persona_name or persona.persona_id
