"""The section of one survey question: key figures, a chart, the table behind it and the personas' answers."""

from __future__ import annotations

from collections.abc import Sequence

from core.reports import content as c
from core.reports.survey_figures import count, interval, key_figure, number, percent, ranked_options, signed
from core.reports.survey_input import OptionResult, QuestionResult, QuoteGiven

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
REASONS = {
    "not_shown": "not shown to them",
    "refused": "refused",
    "invalid": "answer not valid",
    "budget": "budget used up",
    "cancelled": "run cancelled",
    "error": "error of the model",
}
QUOTES_SHOWN = 10
TITLE_CHARS = 160
PERSONA_COLUMNS = 5
MANY_OPTIONS = 12


def question_section(number_: int, question: QuestionResult, quotes: Sequence[QuoteGiven]) -> c.Section:
    """Return the section of a question; `number_` counts from 1 in the questionnaire's order."""
    text = question.text.strip() or question.key
    short = text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1].rstrip() + "…"
    return c.Section(
        anchor=f"q{number_}",
        title=short,
        text=text if text != short else "",
        eyebrow=f"Question {number_}  ·  {TYPE_NAMES.get(question.type, question.type)}",
        meta=base_line(question),
        new_page=number_ == 1,
        blocks=_blocks(question, quotes),
    )


def base_line(question: QuestionResult) -> str:
    """Say how many answers a question rests on and why others are missing."""
    missing = {reason: n for reason, n in question.missing.items() if n}
    if not missing:
        return f"Base: {count(question.n, 'answer')}, none missing"
    reasons = ", ".join(f"{REASONS.get(reason, reason)} {n:,}" for reason, n in sorted(missing.items()))
    return f"Base: {count(question.n, 'answer')}  ·  {sum(missing.values()):,} missing ({reasons})"


def _blocks(question: QuestionResult, quotes: Sequence[QuoteGiven]) -> list[c.Block]:
    if question.type == "open_ended":
        return _open_ended(question, quotes)
    if question.n == 0:
        return [c.Notice(title="No valid answers", text="No figure can be shown for this question.")]
    if question.nps is not None or question.type == "nps":
        return [*_nps(question), *_table(question), *_persona_means(question)]
    if question.type == "likert" and len(question.options) >= 2:
        return [*_scale(question), *_table(question)]
    if question.type == "numeric" or not question.options:
        return [*_numeric(question), *_table(question), *_persona_means(question)]
    return [*_choice(question), *_table(question), *_persona_options(question)]


def _choice(question: QuestionResult) -> list[c.Block]:
    options = question.options
    multiple = question.type == "multiple_choice"
    ordered = ranked_options(options) if multiple or len(options) > MANY_OPTIONS else options
    best = max(option.share for option in options)
    bars = [_bar(option, "positive" if option.share == best else "plain") for option in ordered]
    caption = "Share of respondents, weighted; whiskers: 95% simulation interval"
    if multiple:
        caption += ". Several answers were possible"
    return [c.BarChart(bars=bars, caption=caption)]


def _bar(option: OptionResult, tone: c.Tone = "plain") -> c.Bar:
    low, high = option.ci or (None, None)
    return c.Bar(label=option.label, value=option.share, low=low, high=high, tone=tone)


def scale_points(options: Sequence[OptionResult]) -> list[c.ScalePoint]:
    """Give each point of an ordered scale its side: lower half, middle (odd lengths only), upper half."""
    half, odd = divmod(len(options), 2)
    sides: list[tuple[c.Tone, int]] = [("negative", half), ("neutral", odd), ("positive", half)]
    tones = [tone for tone, points in sides for _ in range(points)]
    return [c.ScalePoint(label=option.label, tone=tone) for option, tone in zip(options, tones, strict=True)]


def _scale(question: QuestionResult) -> list[c.Block]:
    top = key_figure(question)
    top_interval = f"interval {interval(question.top2.ci)}" if question.top2 and question.top2.ci else ""
    figures = [top.model_copy(update={"detail": top_interval})] if question.top2 else []
    if question.bottom2 is not None:
        lower = " / ".join(option.label for option in question.scale[:2])
        figures.append(c.Figure(value=percent(question.bottom2.value), label=f"Bottom two: {lower}"))
    if question.mean is not None:
        spread = f"standard deviation {number(question.sd)}" if question.sd is not None else ""
        label = f"Mean on 1–{len(question.scale)}"
        figures.append(c.Figure(value=number(question.mean.value), label=label, detail=spread))
    rows = [c.ScaleRow(label="All", values=[o.share for o in question.scale], emphasis=True)]
    rows += _persona_scale_rows(question)
    chart = c.ScaleChart(points=scale_points(question.scale), rows=rows, caption="Share of respondents, weighted")
    return [c.Figures(items=figures), chart] if figures else [chart]


def _persona_scale_rows(question: QuestionResult) -> list[c.ScaleRow]:
    rows = []
    for persona in question.by_persona:
        shares = {share.code: share.pct for share in persona.options}
        if shares:
            values = [shares.get(option.code, 0.0) for option in question.scale]
            detail = f"n {persona.n}" + (f", mean {number(persona.mean)}" if persona.mean is not None else "")
            rows.append(c.ScaleRow(label=persona.persona_name or persona.persona_id, values=values, detail=detail))
    return rows


def _nps(question: QuestionResult) -> list[c.Block]:
    groups = {"Detractors (0–6)": 0.0, "Passives (7–8)": 0.0, "Promoters (9–10)": 0.0}
    tones: list[c.Tone] = ["negative", "neutral", "positive"]
    columns = []
    for option in question.options:
        rating = int(option.code) if option.code.isdecimal() else 0
        group = 0 if rating <= 6 else 1 if rating <= 8 else 2
        groups[list(groups)[group]] += option.share
        columns.append(_bar(option.model_copy(update={"label": option.code}), tones[group]))
    score = key_figure(question)
    figures = [score, *(c.Figure(value=percent(v), label=name) for name, v in groups.items())]
    if not columns:
        return [c.Figures(items=figures[:1])]
    points = [c.ScalePoint(label=name, tone=tone) for name, tone in zip(groups, tones, strict=True)]
    bar = c.ScaleChart(points=points, rows=[c.ScaleRow(label="All", values=[*groups.values()], emphasis=True)])
    spread = c.ColumnChart(columns=columns, caption="Ratings 0–10, share of respondents, weighted")
    return [c.Figures(items=figures), bar, spread]


def _numeric(question: QuestionResult) -> list[c.Block]:
    mean = question.mean.value if question.mean else None
    low_high = f"interval {_number_interval(question)}" if question.mean and question.mean.ci else ""
    figures = [
        c.Figure(value=number(question.median), label="Median"),
        c.Figure(value=number(mean), label="Mean", detail=low_high),
        c.Figure(value=number(question.sd), label="Standard deviation"),
    ]
    blocks: list[c.Block] = [c.Figures(items=figures)]
    # Upright columns only where their labels have room side by side.
    if len(question.options) > MANY_OPTIONS + 3 or sum(len(o.label) for o in question.options) > 90:
        bars = [_bar(option) for option in question.options]
        blocks.append(c.BarChart(bars=bars, caption="Share of respondents, weighted"))
    elif question.options:
        columns = [_bar(option) for option in question.options]
        blocks.append(c.ColumnChart(columns=columns, caption="Share of respondents, weighted"))
    return blocks


def _number_interval(question: QuestionResult) -> str:
    assert question.mean is not None
    assert question.mean.ci is not None
    low, high = question.mean.ci
    return f"{number(low)}–{number(high)}"


def _table(question: QuestionResult) -> list[c.Block]:
    if not question.options:
        return []
    columns = [
        c.Column(label="Answer", width=4.6),
        c.Column(label="n", align="right", width=0.8),
        c.Column(label="%", align="right"),
        c.Column(label="Weighted %", align="right", width=1.2),
        c.Column(label="Interval", align="right", width=1.3),
    ]
    rows: list[list[str | c.ShadedCell]] = [
        [o.label, f"{o.count:,}", percent(o.pct, 1), percent(o.weighted_pct, 1), interval(o.ci)]
        for o in question.options
    ]
    return [c.Table(columns=columns, rows=rows)]


def _persona_options(question: QuestionResult) -> list[c.Block]:
    shown = ranked_options(question.options)[:PERSONA_COLUMNS]
    personas = [persona for persona in question.by_persona if persona.options]
    if not personas:
        return []
    columns = [c.Column(label="Persona", width=2.2), c.Column(label="n", align="right", width=0.6)]
    columns += [c.Column(label=option.label, align="right", width=1.3) for option in shown]
    rows: list[list[str | c.ShadedCell]] = []
    for persona in personas:
        shares = {share.code: share.pct for share in persona.options}
        values = [shares.get(option.code, 0.0) for option in shown]
        cells = [c.ShadedCell(text=percent(v), share=min(max(v / 100, 0.0), 1.0)) for v in values]
        rows.append([persona.persona_name or persona.persona_id, f"{persona.n:,}", *cells])
    left_out = len(question.options) - len(shown)
    note = f"The {len(shown)} most frequent of {len(question.options)} answers." if left_out else ""
    return [c.Table(caption="By persona", columns=columns, rows=rows, note=note)]


def _persona_means(question: QuestionResult) -> list[c.Block]:
    personas = [persona for persona in question.by_persona if persona.n]
    if not personas:
        return []
    nps = question.type == "nps"
    columns = [c.Column(label="Persona", width=4), c.Column(label="n", align="right")]
    columns.append(c.Column(label="Mean", align="right"))
    if nps:
        columns.append(c.Column(label="Net score", align="right"))
    rows: list[list[str | c.ShadedCell]] = []
    for persona in personas:
        row: list[str | c.ShadedCell] = [persona.persona_name or persona.persona_id, f"{persona.n:,}"]
        row.append(number(persona.mean))
        if nps:
            high = sum(s.pct for s in persona.options if s.code in {"9", "10"})
            low = sum(s.pct for s in persona.options if s.code.isdecimal() and int(s.code) <= 6)
            row.append(signed(high - low) if persona.options else "–")
        rows.append(row)
    return [c.Table(caption="By persona", columns=columns, rows=rows)]


def _open_ended(question: QuestionResult, quotes: Sequence[QuoteGiven]) -> list[c.Block]:
    chosen = choose_quotes(quotes, QUOTES_SHOWN)
    if not chosen:
        return [c.Notice(title="No quotes", text="No answer in own words was recorded for this question.")]
    items = [
        c.Quote(text=q.text, name=q.persona_name or "Respondent", detail=", ".join(q.attributes.values()))
        for q in chosen
    ]
    line = f"{count(len(items), 'verbatim answer')} of {question.n:,}, chosen by rule: spread over the personas."
    return [c.Text(text=line, small=True), c.Quotes(items=items)]


def choose_quotes(quotes: Sequence[QuoteGiven], limit: int) -> list[QuoteGiven]:
    """Choose up to `limit` distinct quotes, one persona after the other, those of a telling length first."""
    by_persona: dict[str, list[QuoteGiven]] = {}
    seen: set[str] = set()
    for quote in quotes:
        text = " ".join(quote.text.split())
        if text and text.casefold() not in seen:
            seen.add(text.casefold())
            by_persona.setdefault(quote.persona_name, []).append(quote)
    for queue in by_persona.values():
        queue.sort(key=lambda quote: abs(min(len(quote.text), 2000) - 160))
    chosen: list[QuoteGiven] = []
    while len(chosen) < limit and any(by_persona.values()):
        for queue in by_persona.values():
            if queue and len(chosen) < limit:
                chosen.append(queue.pop(0))
    return chosen
