"""Turn survey results and the facts of their simulation into a report's content, by a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.reports import content as c
from core.reports.survey_figures import count, key_figure, percent
from core.reports.survey_input import QuestionResult, QuoteGiven, SurveyFacts, SurveyResults
from core.reports.survey_questions import REASONS, TYPE_NAMES, question_section

DEMONSTRATION = "Demonstration model – not evidence about people"
SIMULATED = (
    "The respondents in this report are simulated. A language model answered in the role of each persona; no "
    "person was asked. The figures describe what the model said. They are a guide for thinking and for "
    "planning research with people, not a substitute for it."
)
DEMONSTRATED = (
    "All answers came from the built-in demonstration model, which follows written rules and knows nothing "
    "about people. This document shows what a report looks like; its figures are no basis for a decision."
)
INTERVALS = (
    "Intervals are 95% simulation intervals: Wilson intervals on the effective sample size (n_eff), which "
    "counts unequal weights and the likeness of respondents who share a persona. They say how far a repeat "
    "of this simulation could differ. They are not a margin of error against people."
)
METHODS = {
    "direct": "The respondent answered each section in one structured reply, its earlier answers in mind.",
    "distribution": "The model stated a probability for each answer, several draws were averaged, and "
    "respondents were drawn from the result.",
    "ssr": "Semantic similarity rating: the respondent answered in own words; the answer's embedding was "
    "compared with anchor sentences for each point of the scale.",
    "auto": "Semantic similarity for scales, distribution for choices, direct for numbers and open answers.",
}


def build_survey_content(
    results: Mapping[str, Any] | SurveyResults,
    facts: SurveyFacts,
    quotes: Mapping[str, Sequence[QuoteGiven]] | None = None,
) -> c.ReportContent:
    """Return the content of a survey report.

    `results` has the fixed `Results` shape with each question's `text`; `quotes` holds open-ended answers by
    question key. Raises pydantic's ValidationError when results do not have that shape.
    """
    given = results if isinstance(results, SurveyResults) else SurveyResults.model_validate(dict(results))
    questions = [
        question_section(number_, question, (quotes or {}).get(question.key, []))
        for number_, question in enumerate(given.questions, start=1)
    ]
    return c.ReportContent(
        title=f"{facts.exploration_title} – survey report",
        language=facts.language,
        made_on=facts.made_on,
        demonstration=given.demonstration,
        complete=given.complete,
        running_notice=DEMONSTRATION if given.demonstration else "Simulated respondents",
        cover=_cover(given, facts),
        sections=[_glance(given, questions), _method(given, facts), *questions],
    )


def _cover(results: SurveyResults, facts: SurveyFacts) -> c.Cover:
    items = [
        c.Fact(label="Simulated respondents", value=f"{results.n:,}"),
        c.Fact(label="Personas", value=str(len(facts.personas)) if facts.personas else "–"),
        c.Fact(label="Questions", value=str(len(results.questions))),
        c.Fact(label="Date", value=f"{facts.made_on.day} {facts.made_on:%B %Y}"),
    ]
    return c.Cover(
        kind="Survey report",
        title=facts.exploration_title,
        subtitle=facts.questionnaire_title,
        prepared_for=facts.workspace_name,
        facts=items,
        people=[persona.name for persona in facts.personas],
        statement=DEMONSTRATED if results.demonstration else SIMULATED,
    )


def _glance(results: SurveyResults, sections: Sequence[c.Section]) -> c.Section:
    items = [
        _glance_item(number_, question, section)
        for number_, (question, section) in enumerate(zip(results.questions, sections, strict=True), start=1)
    ]
    method = c.GlanceItem(anchor="method", number="", title="How this was made, and how to read it", figure="")
    return c.Section(
        anchor="glance",
        title="At a glance",
        meta="The leading figure of each question, computed from the recorded answers.",
        new_page=True,
        blocks=[*_partial_notice(results), c.Glance(items=[*items, method])],
    )


def _glance_item(number_: int, question: QuestionResult, section: c.Section) -> c.GlanceItem:
    figure = key_figure(question)
    detail = f"{figure.label} ({figure.detail})" if figure.detail else figure.label
    return c.GlanceItem(
        anchor=section.anchor, number=str(number_), title=section.title, figure=figure.value, detail=detail
    )


def _partial_notice(results: SurveyResults) -> list[c.Block]:
    if results.complete:
        return []
    text = (
        f"The simulation ended before all answers were in (status: {results.status}). Figures rest on the "
        "answers that were recorded; the base of each question is given."
    )
    return [c.Notice(title="Partial results", text=text, tone="warning")]


def _method(results: SurveyResults, facts: SurveyFacts) -> c.Section:
    notices: list[c.Block] = [c.Notice(title="Respondents are simulated", text=SIMULATED)]
    if results.demonstration:
        notices.append(c.Notice(title=DEMONSTRATION, text=DEMONSTRATED, tone="warning"))
    blocks: list[c.Block] = [
        *notices,
        *_partial_notice(results),
        c.Heading(text="Population and sample"),
        c.Facts(items=_sample_facts(results, facts)),
        *_persona_table(facts),
        c.Heading(text="How answers were obtained"),
        *_method_table(results, facts),
        c.Heading(text="Model"),
        c.Facts(items=_model_facts(results, facts)),
        c.Heading(text="Reading the figures"),
        c.Text(text=INTERVALS),
        c.Text(text=_missing_text(results)),
        *(c.Text(text=note) for note in facts.notes),
    ]
    return c.Section(anchor="method", title="How this was made, and how to read it", new_page=True, blocks=blocks)


def _sample_facts(results: SurveyResults, facts: SurveyFacts) -> list[c.Fact]:
    respondents = f"{results.n:,}"
    if facts.sample_size_requested is not None and facts.sample_size_requested != results.n:
        respondents += f" of {facts.sample_size_requested:,} planned"
    items = [c.Fact(label="Simulated respondents", value=respondents)]
    if results.n_eff is not None:
        value = f"{results.n_eff:,.0f} after weights and clustering in personas"
        items.append(c.Fact(label="Effective sample size", value=value))
    if facts.sample_source:
        items.append(c.Fact(label="Drawn from", value=facts.sample_source))
    return items


def _persona_table(facts: SurveyFacts) -> list[c.Block]:
    if not facts.personas:
        return []
    columns = [
        c.Column(label="Persona", width=1.7),
        c.Column(label="Who they are", width=4.2),
        c.Column(label="n", align="right", width=0.6),
        c.Column(label="Weight", align="right", width=0.8),
    ]
    rows: list[list[str | c.ShadedCell]] = []
    for persona in facts.personas:
        who = persona.summary or ", ".join(persona.attributes.values())
        n = f"{persona.n:,}" if persona.n is not None else "–"
        weight = percent(persona.weight * 100, 1) if persona.weight is not None else "–"
        rows.append([persona.name, who, n, weight])
    return [c.Table(columns=columns, rows=rows)]


def _method_table(results: SurveyResults, facts: SurveyFacts) -> list[c.Block]:
    by_key = {method.key: method for method in facts.methods}
    columns = [
        c.Column(label="Question", width=3.6),
        c.Column(label="Type", width=1.4),
        c.Column(label="Method", width=1.1),
        c.Column(label="Parameters", width=2.2),
    ]
    rows: list[list[str | c.ShadedCell]] = []
    used: dict[str, None] = {}
    for number_, question in enumerate(results.questions, start=1):
        method = by_key.get(question.key)
        name = method.method if method else facts.default_method
        used[name] = None
        given = method.parameters if method else {}
        parameters = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in given.items())
        title = f"{number_}  {question.text or question.key}"
        short = title if len(title) <= 90 else title[:89].rstrip() + "…"
        rows.append([short, TYPE_NAMES.get(question.type, question.type), name, parameters or "–"])
    explained = [c.Fact(label=name, value=METHODS[name]) for name in used if name in METHODS]
    return [c.Facts(items=explained), c.Table(columns=columns, rows=rows)]


def _model_facts(results: SurveyResults, facts: SurveyFacts) -> list[c.Fact]:
    items = [c.Fact(label="Model", value=results.model or "not recorded")]
    if facts.embedding_model:
        items.append(c.Fact(label="Embedding model", value=facts.embedding_model))
    if facts.prompts:
        prompts = ", ".join(f"{prompt.name} {prompt.version}" for prompt in facts.prompts)
        items.append(c.Fact(label="Prompt versions", value=prompts))
    if facts.seed is not None:
        items.append(c.Fact(label="Seed", value=str(facts.seed)))
    items.append(c.Fact(label="Language", value=facts.language))
    items.append(c.Fact(label="Simulation", value=results.simulation_id))
    return items


def _missing_text(results: SurveyResults) -> str:
    total: dict[str, int] = {}
    for question in results.questions:
        for reason, n in question.missing.items():
            total[reason] = total.get(reason, 0) + n
    total = {reason: n for reason, n in total.items() if n}
    rule = "A question that could not be answered is missing with its reason; no answer is ever filled in."
    if not total:
        return f"{rule} No answer is missing."
    parts = ", ".join(f"{REASONS.get(reason, reason)} {n:,}" for reason, n in sorted(total.items()))
    return f"{rule} Missing over all questions: {count(sum(total.values()), 'answer')} ({parts})."
